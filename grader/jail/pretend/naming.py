"""Names a device mistake from its clue, and from the modules that hold the tensor which is at the wrong place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Any

import torch
from torch import nn

from grader.jail.pretend.errors import Clue
from grader.jail.pretend.places import NotDecidedError, Place, key_of, tensors_in

_BY_ORIGIN = {
    "cpu": "through_cpu",
    "numpy": "numpy_left_on_cpu",
    "named": "cpu_by_name",
    "before": "made_beforehand",
    "labels": "labels_left_behind",
    "images": "images_left_behind",
}
_BY_KIND = {
    "mixed": "made_on_cpu",
    "written": "added_into_cpu",
    "indexed": "indexed_on_cpu",
    "gradient": "gradient_on_cpu",
    "result": "result_on_cpu",
}
_MADE = frozenset({"made", "constructor", "before", "named", "numpy"})
"""How a tensor came to be that a module may hold."""


def name_of(clue: Clue, modules: Iterable[nn.Module], home: Place) -> str:
    """The mistake's name; empty when the clue fits none. modules: those in use. home: where the inputs are."""
    if home is Place.CPU:
        return "moved_to_cuda_by_name" if clue.origin.how == "cuda" else ""
    if clue.kind == "numpy":
        return "through_numpy"
    if clue.origin.how in _MADE:
        owned = _owned({clue.key, clue.origin.key}, list(modules))
        if owned:
            return owned
    return _BY_ORIGIN.get(clue.origin.how) or _BY_KIND.get(clue.kind, "")


def modules_in(trace: TracebackType | None) -> Iterator[nn.Module]:
    """The modules among the local names of an exception's frames."""
    while trace is not None:
        for value in list(trace.tb_frame.f_locals.values()):
            if isinstance(value, nn.Module):
                yield value
        trace = trace.tb_next


def _owned(keys: set[int], modules: list[nn.Module]) -> str:
    """How a module holds one of these storages."""
    everything = [part for module in modules for part in module.modules()]
    for module in everything:
        if _holds(vars(module), keys):
            return "plain_tensor_bias"
    for module in everything:
        if any(_holds_inside(value, keys) for value in _own_attributes(module)):
            return "layer_in_a_list"
    if any(_any_of(module.parameters(), keys) for module in modules):
        return "net_left_behind"
    return ""


def _own_attributes(module: nn.Module) -> Iterator[Any]:
    """What is a module's own, beside the dictionaries in which torch registers its parts."""
    yield from (value for name, value in vars(module).items() if name not in _REGISTERS)


_REGISTERS = frozenset(vars(nn.Module()))


def _holds(attributes: dict[str, Any], keys: set[int]) -> bool:
    tensors = (value for name, value in attributes.items() if name not in _REGISTERS)
    return _any_of((each for each in tensors if isinstance(each, torch.Tensor)), keys)


def _holds_inside(value: Any, keys: set[int]) -> bool:
    """Whether a list, tuple or dictionary holds one of these storages, or a module with it."""
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, list | tuple):
        return False
    inside = [part for each in value if isinstance(each, nn.Module) for part in each.parameters()]
    return _any_of([*inside, *tensors_in(value)], keys)


def _any_of(tensors: Iterable[torch.Tensor], keys: set[int]) -> bool:
    for tensor in tensors:
        try:
            if key_of(tensor) in keys:
                return True
        except NotDecidedError:
            continue
    return False
