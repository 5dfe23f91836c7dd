"""An export put where it belongs: as a whole or not at all, and never over a file that is something else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from grader.export.formats import Format
from grader.export.grades import Grades, counted
from grader.export.selection import ExportError, Selection
from grader.folder import write_atomically
from grader.panel.plain import inert

_BEGINNING = 8
"""Signs by which an earlier export of the same kind is known."""


@dataclass(frozen=True)
class Exported:
    """Where an export is, and what a person should know of it."""

    path: Path
    about: str
    said: tuple[str, ...]


def usual_place(root: Path, assignment: str, form: Format) -> Path:
    """`exports/NAME-FORMAT.csv`."""
    return root / "exports" / f"{assignment}-{form.name}{form.suffix}"


def write(grades: Grades, chosen: Selection, form: Format, path: Path) -> Exported:
    """ExportError when the file cannot be written, or is something else than an earlier export.

    Only its owner can read it: it names students and their points.
    """
    if chosen.roster and not form.takes_roster:
        raise ExportError(f"--roster is for the formats that fill in another system's file; {form.name} does not")
    if chosen.roster and path.exists() and path.samefile(chosen.roster):
        raise ExportError(f"{inert(str(path))} is the roster itself; name another file with --to")
    made = form.write(grades, chosen)
    require_room(path, made.text[:_BEGINNING].encode())
    with told(path):
        write_atomically(path, made.text, mode=0o600)
    return Exported(path, f"{form.name} of {inert(grades.assignment, 60)}: {counted(grades.lines)}", made.said)


def require_room(path: Path, beginning: bytes) -> None:
    """ExportError unless nothing is there, or a file that begins so: an earlier export of the same kind."""
    if path.is_dir():
        raise ExportError(f"{inert(str(path))} is a folder; name a file in it with --to")
    if not path.exists():
        return
    with told(path), path.open("rb") as file:
        before = file.read(len(beginning))
    if before != beginning:
        raise ExportError(
            f"{inert(str(path))} is there already and no earlier export of this kind; name another file with --to"
        )


@contextmanager
def told(path: Path) -> Iterator[None]:
    """What hinders reading or writing there as ExportError."""
    try:
        yield
    except OSError as error:
        shown = inert(str(path))
        raise ExportError(f"{shown} cannot be written ({error.strerror}); name another place with --to") from None
