"""Modes of torch that announce each of its functions and operators before it runs, and change nothing else."""

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

Announce = Callable[[Any, FrameType], None]
"""Takes the function or operator and the frame that calls it; must not raise."""


@contextmanager
def torch_watched(function: Announce, operator: Announce) -> Iterator[None]:
    """Announces what torch runs in this thread; afterwards its mode stacks are as they were, but for ours."""
    function_watch: Any = _FunctionWatch(function)
    operator_watch: Any = _OperatorWatch(operator)
    _functions._push_mode(function_watch)
    operator_watch.__enter__()
    try:
        yield
    finally:
        _withdraw_operator_watch(operator_watch)
        _withdraw_function_watch(function_watch)


class _FunctionWatch(TorchFunctionMode):
    def __init__(self, announce: Announce) -> None:
        super().__init__()
        self._announce = announce

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self._announce(func, sys._getframe(1))
        return func(*args, **(kwargs or {}))


class _OperatorWatch(TorchDispatchMode):  # type: ignore[no-untyped-call]
    # otherwise torch refuses its higher-order operators under a mode
    supports_higher_order_operators = True

    def __init__(self, announce: Announce) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._announce = announce

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self._announce(func, sys._getframe(1))
        return func(*args, **(kwargs or {}))

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
