"""A table of text: read as it is from another system's file, and written so that it acts in no spreadsheet."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from grader.export.selection import ExportError
from grader.panel.plain import inert
from grader.roster_file import MAX_ROWS, decoded

BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
MOST_TEXT = 2000

_FORMULA = re.compile(r"(^|[;\t\r\n])(\s*)(?=[=+\-@＝＋－＠])")
"""Where a spreadsheet would begin to calculate: a cell's first sign, and the one behind a `;`, which parts cells in
countries that write a comma in their numbers."""


@dataclass(frozen=True)
class Sheet:
    """A file with headers; fields as they were, with the sign that parts them."""

    name: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    delimiter: str

    def place(self, *names: str) -> int | None:
        """Where the first of these headers is, whatever its capitals; None when none of them is there."""
        plain = [each.strip().casefold() for each in self.headers]
        return next((plain.index(name.casefold()) for name in names if name.casefold() in plain), None)

    def cell(self, row: Sequence[str], place: int | None) -> str:
        """Empty beyond the end of a row, and for no place."""
        return row[place] if place is not None and place < len(row) else ""

    def told_headers(self) -> str:
        """The headers for a message."""
        more = f" and {len(self.headers) - 12} more" if len(self.headers) > 12 else ""
        return ", ".join(f"`{inert(each, 40)}`" for each in self.headers[:12]) + more


def read_sheet(path: Path) -> Sheet:
    """RosterError for a file that cannot be read as text, ExportError for one that is no table."""
    text, name = decoded(path).replace("\r\n", "\n").replace("\r", "\n").lstrip("\n"), inert(path.name, 100)
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=lambda sign: len(next(csv.reader([first], delimiter=sign), [])))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        rows = [tuple(row) for row in reader if any(field.strip() for field in row)]
    except csv.Error as error:
        raise ExportError(f"`{name}` is no CSV (line {reader.line_num}: {error}). Export it again") from None
    if not rows or len(rows) > MAX_ROWS:
        raise ExportError(f"`{name}` is empty, or has more than {MAX_ROWS:,} lines. Export it again")
    return Sheet(name, rows[0], tuple(rows[1:]), delimiter)


def text(value: str, most: int = MOST_TEXT) -> str:
    """A cell with somebody's words: one line in which nothing hides, turns or calculates."""
    return _FORMULA.sub(r"\1\2'", inert(value, most))


def number(value: float | None) -> str:
    """With four decimals at most, and none that say nothing; empty where there is no number."""
    if value is None or not math.isfinite(value):
        return ""
    shown = f"{value:.4f}".rstrip("0").rstrip(".")
    return "0" if shown == "-0" else shown


def moment(value: datetime | None) -> str:
    """`2026-11-30T08:15:00Z`; nbgrader's times are in UTC."""
    return "" if value is None else f"{value:%Y-%m-%dT%H:%M:%S}Z"


def table(rows: Iterable[Sequence[str]], delimiter: str = ",") -> str:
    """Rows as CSV."""
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=delimiter).writerows(rows)
    return written.getvalue()
