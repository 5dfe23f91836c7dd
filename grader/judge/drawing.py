"""Drawing a wrong result: inputs, expected and yours as small tables of text, for whoever may see the numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from math import prod
from typing import Any, TypeAlias

import numpy as np
import torch

from grader.judge.compare import Difference, Tolerance, compare, describe
from grader.verdict import Grid, Plane

Array: TypeAlias = torch.Tensor | np.ndarray[Any, Any]

MAX_SIDE = 8
"""Rows and columns of a table that are drawn: more numbers are no picture."""

MAX_CELLS = 64
"""Numbers of one array that are drawn, over all its tables."""

MAX_VALUES = 256
"""A larger result is not drawn at all: a corner of it tells nothing."""

MAX_INPUTS = 4
MAX_TITLE = 40


def drawing_of(
    inputs: Mapping[str, Any],
    *,
    yours: Any,
    expected: Any,
    difference: Difference,
    tolerance: Tolerance,
    axes: tuple[str, ...],
) -> tuple[Grid, ...]:
    """The inputs by name, what was expected and what came back; empty where that makes no picture.

    Drawn are arrays of numbers in which the shape or values differ; of tuples and lists, the first part that differs.
    axes: names of the axes of `expected`.
    """
    mine, right = _part(yours, expected, tolerance)
    if not _is_drawable(mine) or not _is_drawable(right) or not 0 < _size(right) <= MAX_VALUES:
        return ()
    alike = tuple(mine.shape) == tuple(right.shape)
    if alike and difference.good is None:  # then the dtypes differ, and the numbers need not
        return ()
    names = axes if len(axes) == right.ndim else ()
    return (
        *_inputs(inputs),
        _grid("expected", describe(right), right, names),
        _grid("yours", describe(mine), mine, names if alike else (), difference.good if alike else None),
    )


def _part(yours: Any, expected: Any, tolerance: Tolerance) -> tuple[Any, Any]:
    """The first two parts that differ, down to arrays."""
    if isinstance(expected, tuple | list) and isinstance(yours, tuple | list) and len(yours) == len(expected):
        for mine, right in zip(yours, expected, strict=True):
            if compare(mine, right, tolerance=tolerance) is not None:
                return _part(mine, right, tolerance)
    return yours, expected


def _is_drawable(value: Any) -> bool:
    if isinstance(value, torch.Tensor):
        return value.ndim > 0 and not value.dtype.is_complex
    return isinstance(value, np.ndarray) and value.ndim > 0 and value.dtype.kind in "biuf"


def _size(array: Array) -> int:
    return prod(array.shape)


def _inputs(inputs: Mapping[str, Any]) -> Iterator[Grid]:
    for name, value in list(inputs.items())[:MAX_INPUTS]:
        if _is_drawable(value):
            yield _grid("input", f"{name} {describe(value)}", value, ())
        elif isinstance(value, bool | int | float | tuple) and len(repr(value)) <= MAX_TITLE:
            yield Grid("input", f"{name} = {value!r}")


def _grid(role: str, title: str, array: Array, axes: tuple[str, ...], good: torch.Tensor | None = None) -> Grid:
    tables, right = _as_tables(array), None if good is None else _as_tables(good)
    each = prod(min(side, MAX_SIDE) for side in tables.shape[-2:])
    places = list(islice(np.ndindex(tuple(tables.shape[:-2])), max(1, MAX_CELLS // max(1, each))))
    planes = tuple(
        Plane(_cells(tables[place]), _written_place(place, axes), () if right is None else _wrong(right[place]))
        for place in places
    )
    drawn = len(places) * each
    return Grid(role, title, planes, "" if drawn == _size(array) else f"{drawn} of {_size(array):,} values")


def _as_tables(array: Array) -> Array:
    return array[None] if array.ndim == 1 else array


def _written_place(place: tuple[int, ...], axes: tuple[str, ...]) -> str:
    """`[image=0]`, without names `[0]`; empty where there is but one table."""
    names = axes[: len(place)] or ("",) * len(place)
    indices = [f"{name}={i}" if name else str(i) for name, i in zip(names, place, strict=True)]
    return f"[{', '.join(indices)}]" if indices else ""


def _cells(table: Array) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(_written(value) for value in row) for row in table[:MAX_SIDE, :MAX_SIDE].tolist())


def _wrong(good: Array) -> tuple[tuple[int, int], ...]:
    rows = enumerate(good[:MAX_SIDE, :MAX_SIDE].tolist())
    return tuple((row, column) for row, values in rows for column, right in enumerate(values) if not right)


def _written(value: float) -> str:
    """Four digits of a number, and whole ones as they are."""
    if isinstance(value, bool):
        return str(value)
    whole = float(value).is_integer() and abs(value) < 1e6
    return str(int(value)) if whole else f"{value:.4g}"
