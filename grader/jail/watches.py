"""Modes of torch that announce those of its functions and operators that bear a name, and change nothing else.

They see everything that torch runs, and each of their own calls is an event for the profile function beside them:
what bears no such name passes with as few as can be.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import torch.overrides
import torch.utils._python_dispatch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

# torch leaves its mode stacks untyped
_functions: Any = torch.overrides
_operators: Any = torch.utils._python_dispatch

_getprofile = sys.getprofile

Announce = Callable[[Any, FrameType], None]
"""Takes the function or operator and the frame that calls it; must not raise."""

Profile = Callable[[FrameType, str, Any], None]


@contextmanager
def torch_watched(
    names: frozenset[str],
    function: Announce,
    operators: frozenset[str],
    operator: Announce,
    profile: Profile,
    missed: Callable[[], None],
) -> Iterator[Callable[[], None]]:
    """Announces functions called `names` and operators called `operators` that torch runs in this thread.

    missed: called when a torch function runs and `profile` is not this thread's profile function. Afterwards torch's
    mode stacks are as they were, but for ours. Yields what another thread calls to be watched as well, until it ends.
    """
    function_watch: Any = _FunctionWatch(names, function, profile, missed)
    operator_watch: Any = _OperatorWatch(operators, operator) if operators else None
    _functions._push_mode(function_watch)
    if operators:
        operator_watch.__enter__()

    def watch_thread() -> None:
        _functions._push_mode(function_watch)
        if operators:
            _operators._push_mode(operator_watch)

    try:
        yield watch_thread
    finally:
        if operators:
            _withdraw_operator_watch(operator_watch)
        _withdraw_function_watch(function_watch)


class _FunctionWatch(TorchFunctionMode):
    def __init__(self, names: frozenset[str], announce: Announce, profile: Profile, missed: Callable[[], None]) -> None:
        super().__init__()
        self._names, self._announce = names, announce
        self._profile, self._missed = profile, missed

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if _getprofile() is not self._profile:
            self._missed()
        try:
            named = func.__name__ in self._names
        except AttributeError:
            named = False
        if named:
            self._announce(func, sys._getframe(1))
        return func(*args, **kwargs) if kwargs else func(*args)


class _Named(dict[str, bool]):
    """`aten::add` → whether `add` is among the names; fills itself."""

    def __init__(self, names: frozenset[str]) -> None:
        super().__init__()
        self._names = names

    def __missing__(self, qualified: str) -> bool:
        self[qualified] = qualified.rpartition("::")[2] in self._names
        return self[qualified]


class _OperatorWatch(TorchDispatchMode):  # type: ignore[no-untyped-call]
    # otherwise torch refuses its higher-order operators under a mode
    supports_higher_order_operators = True

    def __init__(self, operators: frozenset[str], announce: Announce) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._named, self._announce = _Named(operators), announce

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        try:
            named = self._named[func._overloadpacket._qualified_op_name]
        except AttributeError:  # an operator of higher order
            named = True
        if named:
            self._announce(func, sys._getframe(1))
        return func(*args, **kwargs) if kwargs else func(*args)

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        # skipping would import torch._dynamo, a second or more, and wrap every operator
        return False


def _withdraw_function_watch(watch: Any) -> None:
    """Takes our mode from the stack, also from below modes that the author left there or when it is gone."""
    stack = _functions._get_current_function_mode_stack()
    if not any(each is watch for each in stack):
        return
    above = []
    while (top := _functions._pop_mode()) is not watch:
        above.append(top)
    for each in reversed(above):
        _functions._push_mode(each)


def _withdraw_operator_watch(watch: Any) -> None:
    """The same for the operators' watch, whose own exit also resets torch's flags."""
    stack = _operators._get_current_dispatch_mode_stack()
    if not any(each is watch for each in stack):
        if not watch.old_dispatch_mode_flags:  # it was left properly, by someone else
            return
        _operators._push_mode(watch)
        stack = [watch]
    above = []
    while stack[-1] is not watch:
        above.append(_operators._pop_mode())
        stack = stack[:-1]
    watch.__exit__(None, None, None)
    for each in reversed(above):
        _operators._push_mode(each)
