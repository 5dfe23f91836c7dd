"""Watches one call of an answer for ready-made functions that its exercise may not lean on.

Four views together, since each alone can be got round: a TorchFunctionMode (torch's functions by name, called from
C too), a TorchDispatchMode (the operators underneath, whatever led to them), a profile function (Python and C
functions of all libraries) and the graphs of TorchScript; all in threads too. It runs in the author's process: against
a determined cheat it is a flag for a human, not a fence.
"""

from __future__ import annotations

import functools
import linecache
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, suppress
from types import FrameType, FunctionType, MethodType, TracebackType
from typing import Any

import numpy as np

from grader.course import Family
from grader.jail import ufuncs
from grader.jail.answers import Answers
from grader.jail.owners import IsOwn
from grader.jail.probing import is_probes
from grader.jail.products import products_watched
from grader.jail.ready_made import MATMUL, rules_of
from grader.jail.scripts import scripts_watched
from grader.jail.ufuncs import watch_ufuncs
from grader.jail.watches import torch_watched

__all__ = ["Tracer", "watch_ufuncs"]

HEADROOM = 60
"""Frames that watching puts on top of the author's: so much deeper may Python go, for a recursion to end as before."""

_MOST_FRAMES = 2**31 - 1
"""Python takes no higher limit, and authors may have set it."""

_TEXT = 200
_MOST_WRAPPERS = 20

Site = tuple[str, int]


class Tracer(AbstractContextManager["Tracer"]):
    """Collects forbidden calls in `calls` (dicts of call, cell, line, text), at most one for each line.

    A call counts when the innermost frame that is the author's or the probe's is the author's; and when
    the probe runs a ready-made module, such as `nn.Softmax`, that the author's code built. Importing is no use.
    Of the author's frames that are answerable for a call, the innermost in a cell is named, if there is one.
    """

    def __init__(self, families: Sequence[Family], is_own: IsOwn, is_cell: Callable[[str], bool]) -> None:
        self.calls: list[dict[str, Any]] = []
        self.ended = False
        self._rules = rules_of(families)
        self._is_own = is_own
        self._is_cell = is_cell
        self._sites: set[Site] = set()
        self._built: dict[int, tuple[Any, Site]] = {}
        self._profile = self._make_profile()
        self._undo = ExitStack()
        self._thread = threading.get_ident()
        self._watch_thread: Callable[[], None] = _nothing
        self._over = False

    def __enter__(self) -> Tracer:
        self._thread = threading.get_ident()
        limit = sys.getrecursionlimit()
        with ExitStack() as undo:
            sys.setrecursionlimit(_raised(limit))
            undo.callback(_restore_limit, limit)
            if self._rules.speaks_of_torch:
                self._watch_thread = undo.enter_context(
                    torch_watched(
                        self._rules.names,
                        self._saw_torch_function,
                        self._rules.aten,
                        self._saw_operator,
                        self._profile,
                        self._missed,
                    )
                )
                undo.enter_context(scripts_watched(self._rules.names | self._rules.aten, self._record))
            if self._rules.speaks_of_matmul:
                undo.enter_context(products_watched(self._is_own, self._saw_product, self._was_ended))
            undo.callback(threading.setprofile, threading.getprofile())
            undo.callback(sys.setprofile, sys.getprofile())
            self._undo = undo.pop_all()
        threading.setprofile(self._begin_thread)
        sys.setprofile(self._profile)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if sys.getprofile() is not self._profile:
            self._was_ended()
        sys.setprofile(None)
        self._over = True
        self._undo.close()

    def _was_ended(self) -> None:
        """The author's code, or Python when its stack was full, took our functions away."""
        self.ended = True

    def _missed(self) -> None:
        """torch runs a function while nobody profiles; watching starts again if it was switched off."""
        if threading.get_ident() == self._thread:
            self._was_ended()
            sys.setprofile(self._profile)

    def _begin_thread(self, frame: FrameType, event: str, arg: Any) -> None:
        """The first event of a thread: torch's modes are of one thread each, so it gets them too."""
        sys.setprofile(self._profile)
        with suppress(Exception):  # as in `_make_profile`
            self._watch_thread()
        self._profile(frame, event, arg)

    def _saw_torch_function(self, function: Any, frame: FrameType) -> None:
        self._record(self._rules.function(function), frame)

    def _saw_operator(self, operator: Any, frame: FrameType) -> None:
        self._record(self._rules.operator(operator), frame)

    def _saw_product(self, frame: FrameType) -> None:
        """Python's operator `@` was applied by the author's code to what is no object of the author's."""
        self._record(MATMUL, frame)

    def _make_profile(self) -> Callable[[FrameType, str, Any], None]:
        # runs at each call of any function: nothing but look-ups until something looks like a hit
        c_names = self._rules.names.union(self._rules.aten, ufuncs.METHODS)
        names = self._rules.names | {ufuncs.MARK, "__init__", "forward"}
        in_modules = self._rules.in_modules

        def profile(frame: FrameType, event: str, arg: Any) -> None:
            try:
                if event == "c_call":
                    if arg.__name__ in c_names or in_modules[getattr(arg, "__module__", None)]:
                        self._saw_c_function(arg, frame)
                elif event == "call":
                    if self._over:  # a thread that outlives its call
                        sys.setprofile(None)
                        return
                    code = frame.f_code
                    if code.co_name in names or in_modules[frame.f_globals.get("__name__")]:
                        self._saw_python_function(frame)
            except Exception:  # an error here would surface in the author's code and end the watching
                return

        return profile

    def _saw_c_function(self, function: Any, frame: FrameType) -> None:
        owner = function.__self__
        if type(owner) is np.ufunc:
            label = f"numpy.{owner.__name__}" if owner.__name__ in self._rules.names else ""
        else:
            label = self._rules.function(function)
        self._record(label, frame)

    def _saw_python_function(self, frame: FrameType) -> None:
        code, module = frame.f_code, str(frame.f_globals.get("__name__"))
        if self._is_own(code, frame.f_globals):
            return
        if code is ufuncs.used_ufunc.__code__:
            label = frame.f_locals["name"]
            self._record(label if label.rpartition(".")[2] in self._rules.names else "", frame)
            return
        if code.co_name == "__init__" and module.startswith("torch.nn.modules."):
            self._remember(frame)
        self._record(self._rules.code(module, code.co_qualname), frame)

    def _remember(self, frame: FrameType) -> None:
        made = frame.f_locals["self"]
        if any(kind.__name__ in self._rules.names for kind in type(made).__mro__):
            site = self._site(frame)
            if site is not None:
                # the object is kept, so that its id stays its own
                self._built.setdefault(id(made), (made, site))

    def _record(self, call: str, frame: FrameType) -> None:
        site = self._site(frame) if call and not self._over else None
        if site is None or site in self._sites:
            return
        self._sites.add(site)
        text = linecache.getline(*site).strip()[:_TEXT]
        self.calls.append({"call": call, "cell": site[0], "line": site[1], "text": text})

    def _site(self, frame: FrameType) -> Site | None:
        """Cell and line of the author's that are answerable for what this frame does; None when nobody's are."""
        passed: list[FrameType] = []
        for each in _outward(frame):
            if is_probes(each.f_globals):
                return self._builder(passed) or self._nowhere(each)
            if self._is_own(each.f_code, each.f_globals):
                return self._in_cell(each)
            if each.f_code.co_filename.startswith("<frozen importlib"):
                return None
            passed.append(each)
        return self._site_of_thread()

    def _in_cell(self, frame: FrameType) -> Site:
        """The place of one of the author's frames, or of the cell's line that led to it."""
        for each in _outward(frame):
            file = each.f_code.co_filename
            if self._is_cell(file):
                return file, each.f_lineno
            if is_probes(each.f_globals):
                break
        return frame.f_code.co_filename, frame.f_lineno

    def _builder(self, frames: list[FrameType]) -> Site | None:
        """Where the author built the object that the probe called, if the author did."""
        owners = [frame.f_locals["self"] for frame in frames if "self" in frame.f_locals]
        for owner in owners:
            if id(owner) in self._built:
                return self._built[id(owner)][1]
        for owner in owners:
            for function in _methods(type(owner)):
                if self._is_own(function.__code__, function.__globals__):
                    return function.__code__.co_filename, function.__code__.co_firstlineno
        return None

    def _nowhere(self, probe: FrameType) -> Site | None:
        """No place at all, when what the probe asked for is itself no code of the author's, such as a partial."""
        for each in _outward(probe):
            for asked in each.f_locals.values() if is_probes(each.f_globals) else ():
                if type(asked) is Answers and any(map(self._is_ready_made, asked.given_.values())):
                    return "", 0
        return None

    def _is_ready_made(self, thing: Any) -> bool:
        for _ in range(_MOST_WRAPPERS):
            if isinstance(thing, functools.partial):
                thing = thing.func
            elif isinstance(thing, MethodType):
                thing = thing.__func__
            elif isinstance(thing, type) or not hasattr(thing, "__wrapped__"):
                break
            else:
                thing = thing.__wrapped__
        if isinstance(thing, FunctionType):
            return not self._is_own(thing.__code__, thing.__globals__)
        kind = thing if isinstance(thing, type) else type(thing)
        return not any(self._is_own(each.__code__, each.__globals__) for each in _methods(kind))

    def _site_of_thread(self) -> Site | None:
        """The line at which the author's code waits, when a thread without a frame of the author's is at work."""
        main = sys._current_frames().get(self._thread)
        if main is None or threading.get_ident() == self._thread:
            return None
        for each in _outward(main):
            if is_probes(each.f_globals):
                return None
            if self._is_own(each.f_code, each.f_globals):
                return self._in_cell(each)
        return None


def _nothing() -> None:
    """What a thread needs where torch is not watched."""


def _outward(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _methods(kind: type) -> Iterator[FunctionType]:
    for each in kind.__mro__:
        named = vars(each)
        first = [named["__init__"]] if "__init__" in named else []
        yield from (value for value in [*first, *named.values()] if isinstance(value, FunctionType))


def _raised(limit: int) -> int:
    return min(limit + HEADROOM, _MOST_FRAMES)


def _restore_limit(limit: int) -> None:
    if sys.getrecursionlimit() == _raised(limit):
        sys.setrecursionlimit(limit)
