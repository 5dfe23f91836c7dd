"""Pictures for the notebooks: arrays side by side, with their numbers in the cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array: TypeAlias = np.ndarray[Any, Any]

CELL = 0.42
"""Width and height of one cell, in inches."""
_MOST_CELLS = 400
_GAP = 0.6


def grid(**arrays: Any) -> Figure:
    """A figure with one column for each named array (NumPy, torch, nested lists, or None for `not there yet`).

    An array of rank 2 is a table, one of rank 0 or 1 a single cell or row; one of rank 3 is a stack of tables, one
    for each index of its first axis. Equal numbers have equal colours in all of them. The name and the shape stand
    above. ValueError names an array that is of a higher rank or too large to be read.
    """
    import matplotlib.pyplot as plt

    shown = {name: None if array is None else _tables(name, array) for name, array in arrays.items()}
    tables = [table for stack in shown.values() if stack is not None for table in stack]
    widths = [CELL * _columns(stack) for stack in shown.values()]
    heights = [_height(stack) for stack in shown.values()]
    width, height = sum(widths) + _GAP * (len(shown) + 1), max(heights, default=CELL) + 2 * _GAP
    figure: Figure = plt.figure(figsize=(width, height))
    colours = _Colours(tables)
    left = _GAP
    for (name, stack), array, own in zip(shown.items(), arrays.values(), widths, strict=True):
        middle = (left + own / 2) / width
        figure.text(middle, 1 - 0.3 / height, name, ha="center", va="center", weight="bold")
        figure.text(middle, 1 - 0.5 / height, _shape(array), ha="center", va="center", size=8, color="dimgray")
        top = height - _GAP
        for index, table in enumerate(stack or ()):
            size = CELL * table.shape[1], CELL * table.shape[0]
            box = (left / width, (top - size[1]) / height, size[0] / width, size[1] / height)
            _draw(figure.add_axes(box), table, colours)
            if stack is not None and len(stack) > 1:
                figure.text((left - 0.08) / width, (top - size[1] / 2) / height, f"[{index}]", ha="right", va="center")
            top -= size[1] + CELL / 2
        left += own + _GAP
    return figure


class _Colours:
    """The same scale for all tables: pale, so that the numbers stay readable."""

    def __init__(self, tables: list[Array]) -> None:
        numbers = np.concatenate([table.ravel() for table in tables]) if tables else np.zeros(1)
        finite = numbers[np.isfinite(numbers)]
        self.low, self.high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)

    def of(self, table: Array) -> Array:
        """(h, w) numbers in [0, 0.6]: the lighter part of a colour map."""
        span = self.high - self.low or 1.0
        return 0.6 * (np.nan_to_num(table, nan=self.low, posinf=self.high, neginf=self.low) - self.low) / span


def _draw(axes: Axes, table: Array, colours: _Colours) -> None:
    axes.imshow(colours.of(table), cmap="YlGnBu", vmin=0, vmax=1, aspect="auto")
    rows, columns = table.shape
    axes.set_xticks(np.arange(1, columns) - 0.5, [])
    axes.set_yticks(np.arange(1, rows) - 0.5, [])
    axes.grid(color="white", linewidth=1.5)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    for (i, j), number in np.ndenumerate(table):
        axes.text(j, i, f"{number:.4g}", ha="center", va="center", size=8)


def _tables(name: str, array: Any) -> list[Array]:
    numbers = np.asarray(array.detach().cpu() if hasattr(array, "detach") else array, dtype=float)
    if numbers.ndim > 3:
        raise ValueError(f"`{name}` has {numbers.ndim} axes; a grid shows at most 3")
    if numbers.size > _MOST_CELLS:
        raise ValueError(f"`{name}` holds {numbers.size} numbers; a grid shows at most {_MOST_CELLS}")
    return [np.atleast_2d(table) for table in numbers] if numbers.ndim == 3 else [np.atleast_2d(numbers)]


def _columns(stack: list[Array] | None) -> int:
    return max(2, *(table.shape[1] for table in stack)) if stack else 3


def _height(stack: list[Array] | None) -> float:
    return sum(CELL * table.shape[0] + CELL / 2 for table in stack) if stack else CELL


def _shape(array: Any) -> str:
    if array is None:
        return "not there yet"
    shape = tuple(array.shape) if hasattr(array, "shape") else np.asarray(array).shape
    return f"shape ({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"
