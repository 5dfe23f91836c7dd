"""Tensors that the author's cells made before the pretence began, wherever they are kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from types import FunctionType
from typing import Any

import torch
from torch import nn

from grader.jail.pretend.places import NotDecidedError, Origin, Place, Record, key_of, tensors_in

MOST_THINGS = 3000


class Beforehand:
    """Tells tensors that a notebook's names lead to. They are on the CPU, unless the notebook chose its device."""

    def __init__(self, names: Mapping[str, Any], *, chosen: bool) -> None:
        self._names, self._chosen = names, chosen

    def __call__(self, key: int) -> Record | None:
        if key not in self._keys:
            return None
        return Record(Place.OPEN if self._chosen else Place.CPU, Origin("before", key=key))

    @cached_property
    def _keys(self) -> frozenset[int]:
        return frozenset(_keys_of(list(self._names.values())[:MOST_THINGS]))


def _keys_of(things: list[Any]) -> Iterator[int]:
    for thing in things:
        for tensor in _tensors_of(thing):
            try:
                yield key_of(tensor)
            except NotDecidedError:
                continue


def _tensors_of(thing: Any) -> Iterator[torch.Tensor]:
    """The tensors in a value, of a module, a function's defaults and closure, or a class's attributes."""
    yield from tensors_in(thing)
    if isinstance(thing, nn.Module):
        for module in thing.modules():
            yield from tensors_in([module._parameters, module._buffers, vars(module)])
    elif isinstance(thing, FunctionType):
        yield from tensors_in([thing.__defaults__ or (), thing.__kwdefaults__ or {}])
        yield from tensors_in([_contents(cell) for cell in thing.__closure__ or ()])
    elif isinstance(thing, type):
        yield from tensors_in(dict(vars(thing)))


def _contents(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # still empty
        return None
