"""From one pretended device to the other: `.to`, `.cuda`, `.cpu`, `.type`. Gradients come back by the same way."""

from __future__ import annotations

from typing import Any

import torch

from grader.jail.pretend.bookkeeper import Bookkeeper
from grader.jail.pretend.places import Origin, Place, Places

_TYPES = {
    "FloatTensor": torch.float32,
    "DoubleTensor": torch.float64,
    "HalfTensor": torch.float16,
    "BFloat16Tensor": torch.bfloat16,
    "LongTensor": torch.int64,
    "IntTensor": torch.int32,
    "ShortTensor": torch.int16,
    "CharTensor": torch.int8,
    "ByteTensor": torch.uint8,
    "BoolTensor": torch.bool,
}


class _Move(torch.autograd.Function):
    """The same numbers at another place; its gradient goes back to the place that they came from."""

    @staticmethod
    def forward(ctx: Any, tensor: torch.Tensor, places: Places, place: Place, origin: Origin) -> torch.Tensor:
        ctx.places, ctx.back = places, places.of(tensor)
        return _copied(tensor, places, place, origin)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> Any:
        back = ctx.back
        return _Move.apply(gradients[0], ctx.places, back.place, back.origin), None, None, None  # type: ignore[no-untyped-call]


def _copied(tensor: torch.Tensor, places: Places, place: Place, origin: Origin) -> torch.Tensor:
    copy = tensor.clone()
    places.put(copy, place, origin)
    return copy


def move(mode: Bookkeeper, tensor: torch.Tensor, place: Place, how: str) -> torch.Tensor:
    """The tensor at a place: itself if it is there. how: what is told of a move to the CPU."""
    if mode.places.of(tensor).place is place:
        return tensor
    origin = Origin("cuda" if place is Place.GPU else how, mode.places.line())
    if torch.is_grad_enabled() and tensor.requires_grad:
        moved: torch.Tensor = _Move.apply(tensor, mode.places, place, origin)  # type: ignore[no-untyped-call]
        return moved
    return _copied(tensor, mode.places, place, origin)


def to(mode: Bookkeeper, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> torch.Tensor:
    tensor, rest = args[0], list(args[1:])
    copy = kwargs.pop("copy", False) or (len(rest) > 3 and rest.pop(3))
    other = kwargs.pop("other", None)
    if rest and isinstance(rest[0], torch.Tensor):
        other = rest.pop(0)
    if other is not None:
        place, dtype = mode.places.of(other).place, other.dtype
    else:
        place, dtype = _parsed(mode, tensor, rest, kwargs)
    keep = {key: value for key, value in kwargs.items() if key == "memory_format"}
    result = func(tensor, dtype, copy=bool(copy), **keep)
    return move(mode, result, place, "cpu")


def _parsed(
    mode: Bookkeeper, tensor: torch.Tensor, rest: list[Any], kwargs: dict[str, Any]
) -> tuple[Place, torch.dtype]:
    """Place and dtype that the arguments of `.to` ask for; those of the tensor where they ask for none."""
    if rest and type(rest[0]) is int:
        rest[0] = torch.device("cuda", rest[0])
    device, dtype, *_ = torch._C._nn._parse_to(*rest, **kwargs)
    place = mode.places.of(tensor).place if device is None else mode.named(device)
    return place, dtype or tensor.dtype


def cuda(mode: Bookkeeper, _func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> torch.Tensor:
    device = args[1] if len(args) > 1 else kwargs.get("device")
    return move(mode, args[0], Place.GPU if device is None else mode.named(device), "cpu")


def cpu(mode: Bookkeeper, _func: Any, args: tuple[Any, ...], _kwargs: dict[str, Any]) -> torch.Tensor:
    return move(mode, args[0], Place.CPU, "cpu")


def type_(mode: Bookkeeper, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """`x.type()` says `torch.cuda.FloatTensor`; by such a name it moves, by a dtype it does not."""
    wanted = args[1] if len(args) > 1 else kwargs.get("dtype")
    on_gpu = mode.places.of(args[0]).place is Place.GPU
    if wanted is None:
        name = str(func(args[0]))
        return name.replace("torch.", "torch.cuda.", 1) if on_gpu else name
    if isinstance(wanted, torch.dtype):
        return func(*args, **kwargs)
    name = wanted if isinstance(wanted, str) else f"{wanted.__module__}.{wanted.__name__}"
    place = Place.GPU if ".cuda." in name else Place.CPU
    return move(mode, func(args[0], _TYPES[name.rpartition(".")[2]]), place, "cpu")


def type_as(mode: Bookkeeper, _func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> torch.Tensor:
    """The other tensor's type, which is its device too."""
    other = args[1] if len(args) > 1 else kwargs["other"]
    return move(mode, args[0].to(other.dtype), mode.places.of(other).place, "cpu")
