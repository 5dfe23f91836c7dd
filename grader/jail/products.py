"""Seeing Python's operator `@` at work, which no call announces when NumPy's arrays are multiplied."""

from __future__ import annotations

import dis
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from types import CodeType, FrameType
from typing import Any

from grader.jail.owners import IsOwn

_OWN_OPERATORS = frozenset({"__matmul__", "__rmatmul__", "__imatmul__"})

Announce = Callable[[FrameType], None]
"""Takes the frame that applied the operator; must not raise."""


@contextmanager
def products_watched(is_own: IsOwn, announce: Announce, ended: Callable[[], None]) -> Iterator[None]:
    """Announces each `@` that the author's code runs, unless a Python class defines what it does there.

    `a.__matmul__(b)` counts too. ended: called when something stopped the watching before its time. Functions without
    the operator run as fast as before; in the others each step is looked at.
    """
    watch = _Watch(is_own, announce)
    before, before_threads = sys.gettrace(), threading.gettrace()
    threading.settrace(watch.call)
    sys.settrace(watch.call)
    try:
        yield
    finally:
        if sys.gettrace() != watch.call:
            ended()
        sys.settrace(before)
        threading.settrace(before_threads)
        watch.settle("")


class _Watch:
    def __init__(self, is_own: IsOwn, announce: Announce) -> None:
        self._is_own, self._announce = is_own, announce
        self._applied: FrameType | None = None

    def call(self, frame: FrameType, _event: str, _arg: Any) -> Any:
        """A function is entered: what it is tells whether an operator before it was the author's own."""
        self.settle(frame.f_code.co_name)
        if not (self._is_own(frame.f_code, frame.f_globals) and _places(frame.f_code)):
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        return self._step

    def _step(self, frame: FrameType, event: str, _arg: Any) -> Any:
        if event != "exception":
            self.settle("")
        is_operator = _places(frame.f_code).get(frame.f_lasti) if event == "opcode" else None
        if is_operator:
            self._applied = frame
        elif is_operator is False and not _defines_products(frame.f_globals):
            self._announce(frame)
        return self._step

    def settle(self, entered: str) -> None:
        """Decides on the operator that was applied last, now that the next thing happens."""
        frame, self._applied = self._applied, None
        if frame is not None and entered not in _OWN_OPERATORS:
            self._announce(frame)


@lru_cache(maxsize=1024)
def _places(code: CodeType) -> dict[int, bool]:
    """Where in a function's code the operator stands (True), and where an object is asked for its method (False)."""
    places = {}
    for each in dis.get_instructions(code):
        if each.argrepr in ("@", "@="):
            places[each.offset] = True
        elif each.opname.startswith("LOAD_") and each.argval in _OWN_OPERATORS:
            places[each.offset] = False
    return places


def _defines_products(names: dict[str, Any]) -> bool:
    """Whether a class of the author's has such a method, of which it may well be asked."""
    kinds = [each for each in names.values() if isinstance(each, type) and each.__module__ == "__main__"]
    return any(not _OWN_OPERATORS.isdisjoint(vars(kind)) for kind in kinds)
