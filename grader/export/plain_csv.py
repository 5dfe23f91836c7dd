"""csv: one line a student with all that is known, for spreadsheets and scripts."""

from __future__ import annotations

from grader.export.grades import Grades, Line
from grader.export.selection import Selection
from grader.export.sheet import BOM, moment, number, table, text
from grader.export.written import Written

HEADERS = (
    *("assignment", "student", "last_name", "first_name", "email", "group", "status", "score", "max_score"),
    *("raw_score", "late_penalty", "seconds_late", "timestamp", "needs_manual_grade", "remark"),
)
"""Before the columns of the parts, each of which is called `points_` and the part's name."""


def write(grades: Grades, _chosen: Selection) -> Written:
    """Begins with a byte order mark: without it Excel takes UTF-8 for the system's old encoding and spoils names."""
    headers = (*HEADERS, *(text(f"points_{each.name}") for each in grades.parts))
    return Written(BOM + table([headers, *(_row(each, grades) for each in grades.lines)]))


def _row(line: Line, grades: Grades) -> tuple[str, ...]:
    person = line.person
    has_points = line.status.has_points
    return (
        *(text(each) for each in (grades.assignment, line.student, person.last, person.first, person.email)),
        text(line.group),
        line.status,
        number(line.score),
        number(grades.most),
        number(line.raw),
        number(line.penalty) if has_points else "",
        number(line.seconds_late) if line.timestamp else "",
        moment(line.timestamp),
        ("yes" if line.waits else "no") if line.marks else "",
        text(line.reason or _remarks(line, grades)),
        *(number(line.mark(each).points) for each in grades.parts),
    )


def _remarks(line: Line, grades: Grades) -> str:
    said = ((each.name, line.mark(each).remark) for each in grades.parts)
    return "; ".join(f"{name}: {remark}" for name, remark in said if remark)
