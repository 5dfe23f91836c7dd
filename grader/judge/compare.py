"""Comparing what an answer returned with what was expected: type, shape, dtype, finite, values, in this order.

Nothing is ever broadcast, differences are taken in float64, and the test is written positively, so that NaN
never passes. Comparing is fast; words are made only when something differs.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch

from grader.jail.wire import Opaque

TOLERANCES: dict[torch.dtype, tuple[float, float]] = {
    # (relative, absolute), from the contract of the exercises; float32 has 2**-23 = 1.2e-7 a step
    torch.float32: (1e-4, 1e-6),
    torch.float64: (1e-8, 1e-10),
}


@dataclass(frozen=True)
class Tolerance:
    """How far a number may be off: |yours − expected| ≤ absolute + relative·|expected|.

    None takes the contract's value for the dtype. `absolute` may be a tensor that broadcasts to the result.
    any_float: an array of any floating dtype will do; the coarser of the two dtypes then decides.
    """

    relative: float | None = None
    absolute: float | torch.Tensor | None = None
    any_float: bool = False


@dataclass(frozen=True)
class Difference:
    """The first clause in which two values differ, in words; `good` tells which values do not, where that was it."""

    message: str
    yours: str = ""
    expected: str = ""
    wrong: str = ""
    worst: str = ""
    good: torch.Tensor | None = field(default=None, compare=False, repr=False)


def compare(
    yours: Any,
    expected: Any,
    *,
    tolerance: Tolerance = Tolerance(),
    axes: tuple[str, ...] = (),
    scalar: bool = False,
) -> Difference | None:
    """None when `yours` is right, else the first difference.

    scalar: a 0-d tensor of any floating dtype and a Python number stand for each other.
    """
    if scalar:
        return _compare_scalars(yours, expected, tolerance)
    if isinstance(expected, torch.Tensor | np.ndarray):
        return _compare_arrays(yours, expected, tolerance, axes)
    if isinstance(expected, tuple | list):
        return _compare_sequences(yours, expected, tolerance, axes)
    if isinstance(expected, dict):
        return _compare_dicts(yours, expected, tolerance, axes)
    return _compare_plain(yours, expected, tolerance)


def describe(value: Any) -> str:
    """A value's kind in a few characters: `float32[4, 3]`, `a list of 3`, `the number 0.5`."""
    if isinstance(value, torch.Tensor):
        return f"{str(value.dtype).removeprefix('torch.')}[{', '.join(map(str, value.shape))}]"
    if isinstance(value, np.ndarray):
        return f"array {value.dtype}[{', '.join(map(str, value.shape))}]"
    if isinstance(value, tuple | list):
        return f"a {type(value).__name__} of {len(value)}"
    if value is None:
        return "None"
    if isinstance(value, bool | int | float | np.integer | np.floating):
        return f"the {type(value).__name__} {_number(value)}"
    if isinstance(value, Opaque):
        return f"an object of type {value.kind}"
    return f"a {type(value).__name__}"


def _number(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float | np.floating) else str(value)


def _compare_scalars(yours: Any, expected: Any, tolerance: Tolerance) -> Difference | None:
    mine, right = _as_number(yours), _as_number(expected)
    if right is None:  # what a known mistake gave, which an answer may equal
        return compare(yours, expected, tolerance=tolerance)
    if mine is None:
        return Difference("The result is not a single number.", describe(yours), describe(expected))
    default = Tolerance(
        1e-4 if tolerance.relative is None else tolerance.relative,
        1e-6 if tolerance.absolute is None else tolerance.absolute,
    )
    return _compare_values(mine, right, default, (), torch.float64)


def _as_number(value: Any) -> torch.Tensor | None:
    """A Python number, or an array's or tensor's of rank 0, in float64; None for all else, booleans too."""
    if isinstance(value, torch.Tensor | np.ndarray) and value.ndim == 0:
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        return None
    return torch.tensor(float(value), dtype=torch.float64)


def _compare_arrays(
    yours: Any, expected: torch.Tensor | np.ndarray[Any, Any], tolerance: Tolerance, axes: tuple[str, ...]
) -> Difference | None:
    kind = torch.Tensor if isinstance(expected, torch.Tensor) else np.ndarray
    if not isinstance(yours, kind):
        name = "tensor" if kind is torch.Tensor else "NumPy array"
        return Difference(f"The result is not a {name}.", describe(yours), describe(expected))
    if tuple(yours.shape) != tuple(expected.shape):
        message = _shape_message(tuple(yours.shape), tuple(expected.shape), axes)
        return Difference(message, describe(yours), describe(expected))
    same = yours.dtype == expected.dtype or (tolerance.any_float and _is_floating(yours) and _is_floating(expected))
    if not same:
        return Difference("The result has the wrong dtype.", describe(yours), describe(expected))
    left = yours if isinstance(yours, torch.Tensor) else torch.from_numpy(np.ascontiguousarray(yours))
    right = expected if isinstance(expected, torch.Tensor) else torch.from_numpy(np.ascontiguousarray(expected))
    coarser = max(left.dtype, right.dtype, key=lambda dtype: TOLERANCES.get(dtype, (0.0, 0.0)))
    return _compare_values(left, right, tolerance, axes, coarser)


def _is_floating(value: torch.Tensor | np.ndarray[Any, Any]) -> bool:
    return value.dtype.is_floating_point if isinstance(value, torch.Tensor) else value.dtype.kind == "f"


def _shape_message(yours: tuple[int, ...], expected: tuple[int, ...], axes: tuple[str, ...]) -> str:
    if len(yours) != len(expected):
        return f"The result has {len(yours)} {'axis' if len(yours) == 1 else 'axes'}, expected {len(expected)}."
    for i, (mine, right) in enumerate(zip(yours, expected, strict=True)):
        if mine != right:
            name = f"`{axes[i]}`" if len(axes) == len(expected) else str(i)
            return f"The result has the wrong size along axis {name}."
    raise ValueError("the shapes are equal")


def _compare_values(
    yours: torch.Tensor,
    expected: torch.Tensor,
    tolerance: Tolerance,
    axes: tuple[str, ...],
    dtype: torch.dtype,
) -> Difference | None:
    if yours.dtype == expected.dtype and torch.equal(yours, expected):  # the way of most, and a tenth of the work
        return None
    if not expected.dtype.is_floating_point:
        good = yours == expected
        distance = (yours.double() - expected.double()).abs()
    else:
        left, right = yours.double(), expected.double()
        relative, absolute = TOLERANCES.get(dtype, (1e-4, 1e-6))
        relative = relative if tolerance.relative is None else tolerance.relative
        allowed = absolute if tolerance.absolute is None else _fitting(tolerance.absolute, right.shape)
        distance = (left - right).abs()
        limit = right.abs() * relative + allowed
        # a limit of infinity or NaN would let anything through
        good = torch.where(right.isfinite(), left.isfinite() & (distance <= limit), _same_extreme(left, right))
        distance = torch.where(good, 0.0, distance.nan_to_num(float("inf"), float("inf")))
    if bool(good.all()):
        return None
    return _worst(yours, expected, good, distance, axes)


def _fitting(absolute: float | torch.Tensor, shape: torch.Size) -> float | torch.Tensor:
    """The tolerance for a result of this shape: two answers may be alike in a shape that the suite did not expect."""
    if not isinstance(absolute, torch.Tensor):
        return absolute
    fits = absolute.ndim <= len(shape) and all(
        mine in (1, theirs) for mine, theirs in zip(reversed(absolute.shape), reversed(shape), strict=False)
    )
    return absolute if fits else float(absolute.max())


def _same_extreme(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    return (left == right) | (left.isnan() & right.isnan())


def _worst(
    yours: torch.Tensor,
    expected: torch.Tensor,
    good: torch.Tensor,
    distance: torch.Tensor,
    axes: tuple[str, ...],
) -> Difference:
    bad = int((~good).sum())
    distance = distance.masked_fill(good, -1.0)
    position = int(distance.reshape(-1).argmax())
    index = [int(i) for i in np.unravel_index(position, tuple(good.shape))] if good.ndim else []
    mine, right = yours.reshape(-1)[position].item(), expected.reshape(-1)[position].item()
    message = "The values differ."
    if yours.dtype.is_floating_point and bool(((~yours.isfinite()) & expected.isfinite()).any()):
        message = "The result holds nan or infinity."
    names = axes if len(axes) == good.ndim else tuple("" for _ in index)
    where = ", ".join(f"{name}={i}" if name else str(i) for name, i in zip(names, index, strict=True))
    count = f"{bad} of {good.numel()} values" if good.ndim else ""
    shown = (_number(mine), _number(right)) if _number(mine) != _number(right) else (repr(mine), repr(right))
    return Difference(message, *shown, count, f"[{where}]" if index else "", good)


def _compare_sequences(
    yours: Any, expected: tuple[Any, ...] | list[Any], tolerance: Tolerance, axes: tuple[str, ...]
) -> Difference | None:
    if not isinstance(yours, tuple | list):
        return Difference(f"The result is not a {type(expected).__name__}.", describe(yours), describe(expected))
    if len(yours) != len(expected):
        return Difference("The result has the wrong number of parts.", describe(yours), describe(expected))
    for i, (mine, right) in enumerate(zip(yours, expected, strict=True)):
        difference = compare(mine, right, tolerance=tolerance, axes=axes)
        if difference is not None:
            return _in_part(difference, str(i))
    return None


def _compare_dicts(
    yours: Any, expected: dict[Any, Any], tolerance: Tolerance, axes: tuple[str, ...]
) -> Difference | None:
    if not isinstance(yours, dict) or set(yours) != set(expected):
        return Difference("The result has the wrong parts.", describe(yours), describe(expected))
    for key, right in expected.items():
        difference = compare(yours[key], right, tolerance=tolerance, axes=axes)
        if difference is not None:
            return _in_part(difference, str(key))
    return None


def _in_part(difference: Difference, part: str) -> Difference:
    message = f"In part {part}: {difference.message[0].lower()}{difference.message[1:]}"
    return replace(difference, message=message)


def _compare_plain(yours: Any, expected: Any, tolerance: Tolerance) -> Difference | None:
    if type(yours) is np.float64 and type(expected) is float:
        yours = float(yours)  # it is a Python float too, by inheritance
    if type(yours) is not type(expected):
        return Difference("The result has the wrong type.", describe(yours), describe(expected))
    if isinstance(expected, float):
        pair = [torch.tensor(value, dtype=torch.float64) for value in (yours, expected)]
        return _compare_values(pair[0], pair[1], tolerance, (), torch.float64)
    if yours != expected:
        return Difference("The result differs.", describe(yours), describe(expected))
    return None
