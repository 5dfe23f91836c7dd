"""The functions' side: answers where a tensor is, and rewrites what names a device: the CPU does all the work."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import torch
import torch.utils._device
from torch.overrides import TorchFunctionMode

from grader.jail.pretend import gradients, moves
from grader.jail.pretend.errors import Clue, NumpyError
from grader.jail.pretend.operators import OperatorMode
from grader.jail.pretend.places import NotDecidedError, Origin, Place, Places, key_of, tensors_in

REAL = torch.device("cpu")
PRETENDED = torch.device("cuda", 0)

_Handler = Callable[["FunctionMode", Any, tuple[Any, ...], dict[str, Any]], Any]


class FunctionMode(TorchFunctionMode):
    """Answers for the pretended devices in torch's functions, methods and attributes.

    chosen: the notebook chooses its device by what the machine offers, which the cells did before the pretence began:
    a device that says CPU may then be a choice that would be the GPU on another machine.
    """

    def __init__(self, places: Places, operators: OperatorMode, *, chosen: bool) -> None:
        super().__init__()
        self.places, self.operators, self.chosen = places, operators, chosen

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        handler = _handlers().get(func)
        if handler is not None:
            return handler(self, func, args, dict(kwargs))
        if kwargs.get("device") is not None:
            return self._with_device(func, args, dict(kwargs))
        if func in _factories() and next(tensors_in(args[:1]), None) is None:
            return self._by_default(func, args, dict(kwargs))
        return self.call(func, args, kwargs)

    def call(self, func: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        """Runs a torch function. What it made inside, where nobody can tell, is where its arguments are."""
        operators = self.operators
        outer, operators.calling, operators.wild = operators.calling, func, False
        try:
            result = func(*args, **kwargs)
        finally:
            operators.calling = outer
        if operators.wild:
            self._settle(result, (args, dict(kwargs)))
        return result

    def _settle(self, result: Any, given: Any) -> None:
        records = [self.places.of(each) for each in tensors_in(given)]
        known = {each.place for each in records} - {Place.OPEN}
        if len(known) != 1:
            return
        record = next(each for each in records if each.place in known)
        for each in tensors_in(result):
            if self.places.of(each).place is Place.OPEN:
                self.places.put(each, record.place, record.origin)

    def _with_device(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        place = self.named(kwargs["device"])
        result = self.call(func, args, {**kwargs, "device": REAL})
        given = {key_of(each) for each in tensors_in((args, kwargs))}
        for each in tensors_in(result):
            if key_of(each) not in given:
                self.places.put(each, place, self.origin("cuda" if place is Place.GPU else "made"))
        return result

    def _by_default(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        default = getattr(torch.utils._device, "CURRENT_DEVICE", None)
        if default is not None:
            return self._with_device(func, args, {**kwargs, "device": default})
        result = self.call(func, args, kwargs)
        for each in tensors_in(result):
            self.places.put(each, Place.CPU, self.origin("made"))
        return result

    def origin(self, how: str) -> Origin:
        line = self.places.line()
        return Origin("named" if how == "made" and "cpu" in line.text else how, line)

    def named(self, device: Any) -> Place:
        """The place that a device stands for; NotDecidedError for one that is neither the CPU nor the one GPU."""
        found = torch.device("cuda", device) if type(device) is int else torch.device(device)
        if found.type == "cpu":
            return Place.OPEN if self.chosen else Place.CPU
        if found.type == "cuda" and found.index in (None, 0):
            return Place.GPU
        self.places.doubt(f"the device {found.type}")
        raise NotDecidedError(f"the device {found.type}")

    def clue(self, kind: str, tensor: torch.Tensor) -> Clue:
        record = self.places.of(tensor)
        return Clue(kind, key_of(tensor), record.place, record.origin, self.places.line())


def _device(mode: FunctionMode, _func: Any, args: Any, _kwargs: Any) -> torch.device:
    return PRETENDED if _is_on_gpu(mode, args[0]) else REAL


def _is_on_gpu(mode: FunctionMode, tensor: torch.Tensor) -> bool:
    place = mode.places.of(_unwrapped(tensor)).place
    if place is Place.OPEN:
        mode.places.doubt("asked for the device of a tensor that nobody can tell")
    return place is not Place.CPU


def _unwrapped(tensor: torch.Tensor) -> torch.Tensor:
    """What is inside a tensor of `torch.vmap` or `torch.func`."""
    functorch: Any = torch._C._functorch
    while functorch.is_functorch_wrapped_tensor(tensor):
        tensor = functorch.get_unwrapped(tensor)
    return tensor


def _is_cuda(mode: FunctionMode, _func: Any, args: Any, _kwargs: Any) -> bool:
    return _is_on_gpu(mode, args[0])


def _is_cpu(mode: FunctionMode, _func: Any, args: Any, _kwargs: Any) -> bool:
    return not _is_on_gpu(mode, args[0])


def _get_device(mode: FunctionMode, _func: Any, args: Any, _kwargs: Any) -> int:
    return 0 if _is_on_gpu(mode, args[0]) else -1


def _new_device(_mode: FunctionMode, func: Any, args: Any, kwargs: Any) -> torch.device:
    """`torch.device(0)` is the GPU; everything else is as it is written."""
    return PRETENDED if args == (0,) and type(args[0]) is int else func(*args, **kwargs)


def _numpy(mode: FunctionMode, func: Any, args: Any, kwargs: Any) -> Any:
    place = mode.places.of(args[0]).place
    if place is Place.GPU and not kwargs.get("force"):
        raise NumpyError(mode.clue("numpy", args[0]))
    if place is Place.OPEN:
        mode.places.doubt("NumPy reads a tensor of which nobody can tell where it is")
    return mode.call(func, args, kwargs)


def _dlpack(mode: FunctionMode, func: Any, args: Any, kwargs: Any) -> Any:
    mode.places.doubt("a tensor is handed over by DLPack")
    return mode.call(func, args, kwargs)


def _deepcopy(mode: FunctionMode, func: Any, args: Any, kwargs: Any) -> Any:
    result = mode.call(func, args, kwargs)
    record = mode.places.of(args[0])
    mode.places.put(result, record.place, record.origin)
    return result


def _written(mode: FunctionMode, func: Any, args: Any, kwargs: Any) -> Any:
    """`copy_` and `x[…] = value` cross over; what autograd would do about that on the way back is a move."""
    target, *index, value = args
    if isinstance(value, torch.Tensor) and value.requires_grad and (not value.dim() or not _is_advanced(index)):
        place = mode.places.of(target).place
        args = (target, *index, moves.move(mode, value, place, "cpu"))
    return mode.call(func, args, kwargs)


def _is_advanced(index: Any) -> bool:
    """Whether an index holds tensors, arrays or lists: what is written there must be on the same device."""
    parts = [each for part in index for each in (part if isinstance(part, tuple) else (part,))]
    return any(not isinstance(each, int | slice | type(None) | type(...)) for each in parts)


def _from_data(mode: FunctionMode, func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """`torch.tensor`, `as_tensor`, `asarray`: a tensor stays where it is, numbers start at the default device."""
    data, rest = (args[0], args[1:]) if args else (kwargs.pop("data", kwargs.pop("obj", None)), ())
    kwargs |= dict(zip(("dtype", "device"), rest, strict=False))
    if not isinstance(data, torch.Tensor):
        placed = mode._with_device if kwargs.get("device") is not None else mode._by_default
        return placed(func, (data,), kwargs)
    device = kwargs.pop("device", None)
    result = mode.call(func, (data,), kwargs)
    if key_of(result) != key_of(data):
        record = mode.places.of(data)
        mode.places.put(result, record.place, record.origin)
    return result if device is None else moves.move(mode, result, mode.named(device), "cpu")


def _new_tensor(mode: FunctionMode, func: Any, args: Any, kwargs: Any) -> Any:
    if kwargs.get("device") is not None:
        return mode._with_device(func, args, kwargs)
    result, record = mode.call(func, args, kwargs), mode.places.of(args[0])
    mode.places.put(result, record.place, record.origin)
    return result


@cache
def _factories() -> frozenset[Any]:
    """Functions that make a tensor from none, on the default device."""
    return frozenset({*torch.utils._device._device_constructors(), torch.normal})


@cache
def _handlers() -> dict[Any, _Handler]:
    tensor: Any = torch.Tensor
    return {
        tensor.device.__get__: _device,
        tensor.is_cuda.__get__: _is_cuda,
        tensor.is_cpu.__get__: _is_cpu,
        tensor.get_device: _get_device,
        tensor.grad.__set__: gradients.assigned,
        tensor.grad.__get__: gradients.read,
        tensor.copy_: _written,
        tensor.__setitem__: _written,
        torch.autograd.grad: gradients.asked_for,
        tensor.to: moves.to,
        tensor.cuda: moves.cuda,
        tensor.cpu: moves.cpu,
        tensor.type: moves.type_,
        tensor.type_as: moves.type_as,
        tensor.numpy: _numpy,
        tensor.__array__: _numpy,
        tensor.__dlpack__: _dlpack,
        tensor.backward: gradients.backward,
        tensor.__deepcopy__: _deepcopy,
        tensor.new_tensor: _new_tensor,
        torch.device: _new_device,
        torch.tensor: _from_data,
        torch.as_tensor: _from_data,
        torch.asarray: _from_data,
    }
