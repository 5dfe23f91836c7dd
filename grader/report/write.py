"""`grader report`: the page written where it belongs, or the same facts as JSON on stdout."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from rich.console import Console
from rich.progress import track

from grader.folder import CourseFolder, write_atomically
from grader.report.document import document
from grader.report.page import page
from grader.report.report import Report, report

FEW = 50
"""So many submissions are read before anybody would look at a bar."""


class NoPlaceError(ValueError):
    """The page cannot be written there; the message says why and what to do."""


def write_report(folder: CourseFolder, assignment: str, to: Path | None = None) -> Path:
    """Writes the page to `to`, `reports/ASSIGNMENT.html` in the course folder by default, and returns where it is.

    Only its owner can read it: it names students and shows their code.
    """
    folder.require_ours(assignment, "`grader export {}` writes its points")
    path = to or folder.root / "reports" / f"{assignment}.html"
    if path.is_dir():
        raise NoPlaceError(f"{path} is a folder; name a file in it")
    write_atomically(path, "".join(page(_made(folder, assignment))), mode=0o600)
    return path


def print_report(folder: CourseFolder, assignment: str) -> None:
    """Prints one JSON document and nothing else on stdout; docs/report.md describes it."""
    folder.require_ours(assignment, "`grader export {}` writes its points")
    json.dump(document(_made(folder, assignment)), sys.stdout, indent=1)
    sys.stdout.write("\n")


def _made(folder: CourseFolder, assignment: str) -> Report:
    return report(folder, assignment, _shown)


def _shown(students: Iterable[str], how_many: int) -> Iterator[str]:
    console = Console(stderr=True)
    quiet = how_many < FEW or not console.is_terminal
    yield from track(students, "reading answers", how_many, console=console, transient=True, disable=quiet)
