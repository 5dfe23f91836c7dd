"""A drawing as figures that are ready to be shown: shaded, marked and safe, for HTML and plain text alike."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import TypeAlias

from grader.panel.plain import inert
from grader.verdict import Grid, Plane

SHADES = 7
"""Steps of the colour scale in panel.css; a cell's number is always written, so the shade only helps the eye."""

OFF = "≠"
KEY = f"{OFF} marks each value that is not as expected."
_MOST = 24  # characters of a cell; the judge writes far fewer

Scale: TypeAlias = tuple[float, ...]
"""Rising numbers at equal distances of shade: two for an even scale, all that occur where they are told apart."""


@dataclass(frozen=True)
class Cell:
    """A number with its mark, as text; shade: 0 … SHADES - 1, None for what is no finite number."""

    text: str
    shade: int | None
    is_off: bool


@dataclass(frozen=True)
class Table:
    """Rows of cells; place: which part of the array they are, empty when they are all of it."""

    place: str
    rows: tuple[tuple[Cell, ...], ...]

    @property
    def columns(self) -> range:
        return range(max(map(len, self.rows), default=0))


@dataclass(frozen=True)
class Figure:
    """An array, or plain values that stand one under the other and have no tables."""

    role: str
    titles: tuple[str, ...]
    tables: tuple[Table, ...] = ()
    crop: str = ""

    @property
    def name(self) -> str:
        return f"{self.role} {', '.join(self.titles)}"


def key_of(drawing: tuple[Grid, ...]) -> str:
    """What the mark means, where a cell bears it."""
    return KEY if any(plane.wrong for grid in drawing for plane in grid.planes) else ""


def figures_of(drawing: tuple[Grid, ...]) -> Iterator[Figure]:
    """The figures from left to right; equal shades are equal numbers wherever the exercise only moves numbers."""
    for is_plain, grids in groupby(drawing, key=lambda grid: not grid.planes):
        if is_plain:
            roles, titles = zip(*((inert(grid.role), inert(grid.title)) for grid in grids), strict=True)
            yield Figure(roles[0], titles)
        else:
            yield from (_figure(grid, _scale_of(grid, drawing)) for grid in grids)


def _figure(grid: Grid, scale: Scale) -> Figure:
    tables = tuple(_table(plane, scale) for plane in grid.planes)
    crop = f"a crop: {inert(grid.crop)}" if grid.crop else ""
    return Figure(inert(grid.role), (inert(grid.title),), tables, crop)


def _table(plane: Plane, scale: Scale) -> Table:
    wrong = frozenset(plane.wrong)
    return Table(
        inert(plane.place),
        tuple(
            tuple(_cell(text, scale, (row, column) in wrong) for column, text in enumerate(texts))
            for row, texts in enumerate(plane.cells)
        ),
    )


def _cell(text: str, scale: Scale, is_off: bool) -> Cell:
    number = _number(text)
    shade = None if number is None or not scale else _shade(number, scale)
    return Cell((OFF if is_off else "") + inert(text, _MOST), shade, is_off)


def _shade(number: float, scale: Scale) -> int:
    above = bisect_left(scale, number)
    if above in (0, len(scale)):
        return (SHADES - 1) * (above > 0)
    low, high = scale[above - 1], scale[above]
    return round((above - 1 + (number - low) / (high - low)) / (len(scale) - 1) * (SHADES - 1))


def _scale_of(grid: Grid, drawing: tuple[Grid, ...]) -> Scale:
    """The expected result's scale, and for an input its own; one for all where the exercise only moves numbers."""
    given = Counter(_numbers(each for each in drawing if each.role == "input"))
    wanted = Counter(_numbers(each for each in drawing if each.role == "expected"))
    if wanted <= given:
        return tuple(sorted(given))
    numbers = Counter(_numbers([grid])) if grid.role == "input" else wanted
    return (min(numbers), max(numbers)) if numbers else ()


def _numbers(grids: Iterable[Grid]) -> Iterator[float]:
    texts = (text for grid in grids for plane in grid.planes for row in plane.cells for text in row)
    yield from (number for number in map(_number, texts) if number is not None)


def _number(text: str) -> float | None:
    try:
        number = float({"True": "1", "False": "0"}.get(text, text))
    except ValueError:
        return None
    return number if math.isfinite(number) else None
