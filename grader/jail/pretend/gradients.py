"""Gradients on the way back: where they are, and what autograd's engine sees to by itself."""

from __future__ import annotations

from typing import Any

import torch

from grader.jail.pretend.bookkeeper import Bookkeeper
from grader.jail.pretend.errors import GRADIENT, DeviceError
from grader.jail.pretend.places import Place, tensors_in


def backward(mode: Bookkeeper, _func: Any, args: Any, kwargs: Any) -> None:
    """As `Tensor.backward` does it, but with this mode on: the author's own backward functions are followed too."""
    names = ("gradient", "retain_graph", "create_graph", "inputs")
    given = {**dict(zip(names, args[1:], strict=False)), **kwargs}
    outer, mode.operators.calling = mode.operators.calling, backward
    try:
        with mode:
            torch.autograd.backward(
                args[0],
                given.get("gradient"),
                given.get("retain_graph"),
                given.get("create_graph", False),
                inputs=given.get("inputs"),
            )
    finally:
        mode.operators.calling = outer


def assigned(mode: Bookkeeper, func: Any, args: Any, kwargs: Any) -> Any:
    owner, gradient = args
    if isinstance(gradient, torch.Tensor):
        places = {mode.places.of(owner).place, mode.places.of(gradient).place}
        if places == {Place.GPU, Place.CPU}:
            stray = owner if mode.places.of(owner).place is mode.operators.stray else gradient
            raise DeviceError(GRADIENT, mode.clue("gradient", stray))
    return func(*args, **kwargs)


def read(mode: Bookkeeper, func: Any, args: Any, kwargs: Any) -> Any:
    """A gradient is where its tensor is: the engine sees to that."""
    gradient = func(*args, **kwargs)
    return gradient if gradient is None else _beside(mode, gradient, args[0])


def asked_for(mode: Bookkeeper, func: Any, args: Any, kwargs: Any) -> Any:
    """`torch.autograd.grad`, whose results are where its inputs are."""
    found = mode.call(func, args, kwargs)
    inputs = args[1] if len(args) > 1 else kwargs["inputs"]
    for gradient, owner in zip(found, tensors_in([inputs]), strict=False):
        if gradient is not None:
            _beside(mode, gradient, owner)
    return found


def _beside(mode: Bookkeeper, gradient: torch.Tensor, owner: torch.Tensor) -> torch.Tensor:
    record = mode.places.of(owner)
    if mode.places.of(gradient).place is not Place.OPEN:
        mode.places.put(gradient, record.place, record.origin)
    return gradient
