"""What a user chose to export."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class ExportError(ValueError):
    """It cannot be exported so; the message says why and what to do."""


@dataclass(frozen=True)
class Selection:
    """students: only these, everybody when empty. roster: the file of another system whose rows are filled in.

    groups: a file that says who is in which group. column: the header in `roster` that takes the points, where its
    name is not the assignment's.
    """

    assignment: str
    students: tuple[str, ...] = ()
    roster: Path | None = None
    groups: Path | None = None
    column: str = ""
