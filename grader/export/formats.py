"""The one table of formats: command line, plugins, documentation and tests take it from here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from grader.export import canvas, gradescope, junit, moodle, otter, plain_csv
from grader.export.grades import Grades
from grader.export.selection import ExportError, Selection
from grader.export.written import Written


@dataclass(frozen=True)
class Format:
    """suffix: of the file, with its dot. takes_roster: whether it can fill in another system's own file."""

    name: str
    suffix: str
    write: Callable[[Grades, Selection], Written]
    about: str
    takes_roster: bool = False


FORMATS = {
    each.name: each
    for each in (
        Format("csv", ".csv", plain_csv.write, "everything, for spreadsheets and scripts"),
        Format("canvas", ".csv", canvas.write, "Canvas' gradebook import", takes_roster=True),
        Format("moodle", ".csv", moodle.write, "Moodle's grading worksheet or grade import", takes_roster=True),
        Format("gradescope", ".csv", gradescope.write, "the columns of Gradescope's own download of grades"),
        Format("junit", ".xml", junit.write, "JUnit's XML, for what draws test results"),
        Format("otter-json", ".json", otter.write, "the results of Otter-Grader and Gradescope's autograders"),
    )
}


def named(name: str) -> Format:
    """ExportError, which says which there are, for another name."""
    if name not in FORMATS:
        raise ExportError(f"there is no format `{name}`; there are {', '.join(FORMATS)}")
    return FORMATS[name]
