"""Seeing what TorchScript runs, of which torch's modes miss the composite operators, and all where they are off.

A compiled function keeps its graph, with that of its callees. What stands there outside of branches runs at each call;
whether anything else ran, tells the record of the call that torch's old profiler makes.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from types import FrameType, FunctionType
from typing import Any

import torch

from grader.jail.ready_made import readable

_torch: Any = torch._C
_KINDS = (_torch.ScriptFunction, _torch.ScriptMethod)

_NODE = re.compile(r"^( *)(?:%.*? )?= (\w+)::(\w+)(?:.*# (.*):(\d+):\d+)?", re.MULTILINE)
_CALLER = re.compile(r"(.*)\((\d+)\): ")
_END = "\n  return ("
_OUTSIDE = (2, 3)
"""Spaces before a node that lies in no branch: one more where it has no result."""

_CALLS = ("CallFunction", "CallMethod", "InterfaceCall")
"""Nodes whose callee's graph is not shown: in what is forked, above all."""

Announce = Callable[[str, FrameType], None]
"""Takes the readable name of what runs and the frame that calls the compiled function; must not raise."""


@contextmanager
def scripts_watched(names: frozenset[str], announce: Announce) -> Iterator[None]:
    """Announces operators, and torch's own functions, of these names that compiled functions run, in any thread."""
    with ExitStack() as undo:
        for kind in _KINDS:
            run = vars(kind)["__call__"]
            undo.callback(setattr, kind, "__call__", run)
            kind.__call__ = _watched(run, names, announce)
        yield


def _watched(run: Any, names: frozenset[str], announce: Announce) -> Any:
    def call(script: Any, /, *args: Any, **kwargs: Any) -> Any:
        frame, held = sys._getframe(1), _held(script, names)
        for each in held.surely:
            announce(each, frame)
        if held.surely or not held.perhaps:
            return run(script, *args, **kwargs)
        ran = held.perhaps
        is_recording = _record()
        try:
            return run(script, *args, **kwargs)
        finally:
            if is_recording:
                ran &= _recorded(names)
            for each in sorted(ran):
                announce(each, frame)

    return call


@dataclass(frozen=True)
class _Held:
    """The readable names of what a compiled function runs at each call, and of what it may run."""

    surely: tuple[str, ...] = ()
    perhaps: frozenset[str] = frozenset()


@lru_cache(maxsize=64)
def _held(script: Any, names: frozenset[str]) -> _Held:
    try:
        graph = str(script.inlined_graph)
    except Exception:  # to call it says what is wrong
        return _Held()
    places = _places(names)
    end, surely, perhaps = graph.find(_END), set[str](), set[str]()
    for node in _NODE.finditer(graph):
        indent, space, name, file, line = node.groups()
        found = {places[file, int(line)]} if (file, int(line or 0)) in places else set()
        if space == "aten" and name in names:
            found.add(_operator(name))
        if name in _CALLS:
            perhaps |= {*map(_operator, names), *places.values()}
        (surely if len(indent) in _OUTSIDE and node.start() < end else perhaps).update(found)
    return _Held(tuple(sorted(surely)), frozenset(perhaps))


def _operator(name: str) -> str:
    return f"aten.{name}"


@lru_cache(maxsize=16)
def _places(names: frozenset[str]) -> dict[tuple[str, int], str]:
    """(file, line) → readable name of torch.nn's functions and modules that bear one of these names."""
    found = {}
    for name in names:
        thing = vars(torch.nn.functional).get(name) or vars(torch.nn).get(name)
        function = getattr(thing, "forward", thing)
        if isinstance(function, FunctionType):
            code, label = function.__code__, readable(function.__module__, name)
            found.update({(code.co_filename, line): label for _, _, line in code.co_lines() if line})
    return found


def _record() -> bool:
    """Begins a record, with callers, of what this thread runs; not while the author's own is being made."""
    profiler = _torch._profiler
    try:
        settings = (profiler.ProfilerState.CPU, False, False, True, False, False, profiler._ExperimentalConfig())
        _torch._autograd._enable_profiler_legacy(profiler.ProfilerConfig(*settings))
    except Exception:  # other versions of torch may have another; then all counts that may run
        return False
    return True


def _recorded(names: frozenset[str]) -> set[str]:
    """Ends the record: the readable names of all operators in it, and of torch's own functions of these names."""
    places, ran = _places(names), set[str]()
    for event in (each for thread in _torch._autograd._disable_profiler_legacy() for each in thread):
        space, _, name = event.name().rpartition("::")
        if space == "aten":  # otherwise it is a compiled function's own name
            ran.add(_operator(name))
        for found in map(_CALLER.match, event.stack()):
            if found is not None:
                ran.add(places.get((found[1], int(found[2])), ""))
    return ran
