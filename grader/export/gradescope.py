"""gradescope: the columns of the CSV that Gradescope's own *Download Grades* gives, for scripts that read those.

Gradescope documents no way to bring scores in from a file; scores come there from rubrics, or from an autograder
(`grader export NAME --gradescope-autograder`).
"""

from __future__ import annotations

from collections.abc import Iterator

from grader.export.grades import Grades, Line, Status
from grader.export.selection import Selection
from grader.export.sheet import number, table, text
from grader.export.written import Written

HEADERS = (
    *("First Name", "Last Name", "SID", "Email", "Sections", "Total Score", "Max Points", "Status", "Submission ID"),
    *("Submission Time", "Lateness (H:M:S)", "View Count", "Submission Count"),
)
"""Before a column for each question, `1: softmax (4.0 pts)`."""

_STATUS = {Status.GRADED: "Graded", Status.NOTHING: "Missing"}


def write(grades: Grades, _chosen: Selection) -> Written:
    """What nbgrader does not know (ids of submissions, views, sections) is empty."""
    return Written(table(_rows(grades)))


def _rows(grades: Grades) -> Iterator[tuple[str, ...]]:
    questions = (text(f"{i}: {each.name} ({each.most:.1f} pts)") for i, each in enumerate(grades.parts, start=1))
    yield (*HEADERS, *questions)
    for each in grades.lines:
        person = each.person
        yield (
            *(text(field) for field in (person.first, person.last, each.student, person.email)),
            "",
            number(each.score),
            number(grades.most),
            _STATUS.get(each.status, "Ungraded"),
            "",
            f"{each.timestamp:%Y-%m-%d %H:%M:%S} +0000" if each.timestamp else "",
            _lateness(each),
            "",
            "",
            *(number(each.mark(part).points) for part in grades.parts),
        )


def _lateness(line: Line) -> str:
    if line.timestamp is None:
        return ""
    minutes, seconds = divmod(int(line.seconds_late), 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"
