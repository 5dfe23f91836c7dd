"""The gradebook's side of an export: one assignment, the kit's or any other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nbgrader.api import Assignment, SubmittedAssignment
from sqlalchemy import select

from grader import course
from grader.export.grades import Mark, Part
from grader.export.selection import ExportError
from grader.nbgrader.booked import graded_cells, scores
from grader.nbgrader.late import late_penalties
from grader.panel.plain import inert

MOST_NAMED = 20


@dataclass
class Booked:
    """One student's submission. marks: by (notebook, cell). timestamp: in UTC."""

    timestamp: datetime | None
    seconds_late: float
    penalty: float
    marks: dict[tuple[str, str], Mark]

    @property
    def is_graded(self) -> bool:
        """Whether anybody, a machine or a human, gave points for anything."""
        return any(each.points is not None for each in self.marks.values())


def assignments(opened: Any) -> tuple[str, ...]:
    """The names of all assignments in a gradebook. opened: a session."""
    return tuple(sorted(opened.scalars(select(Assignment.name))))


def require(opened: Any, assignment: str) -> None:
    """ExportError, which says which there are, unless the gradebook holds this assignment."""
    known = assignments(opened)
    if assignment in known:
        return
    more = f" and {len(known) - MOST_NAMED} more" if len(known) > MOST_NAMED else ""
    names = ", ".join(inert(each, 60) for each in known[:MOST_NAMED]) + more
    there = f"it holds {names}" if known else "it holds none yet; run `grader release`"
    raise ExportError(f"the gradebook holds no assignment `{inert(assignment, 60)}`; {there}")


def parts(opened: Any, assignment: str) -> tuple[Part, ...]:
    """Every graded cell: the kit's exercises in the order of the course, others by notebook and name."""
    order = {each.test_cell: i for i, each in enumerate(_exercises(assignment))}
    found = list(graded_cells(opened, assignment))
    names = _names(assignment, [(notebook, cell) for notebook, cell, _ in found])
    found.sort(key=lambda each: (each[0], order.get(each[1], len(order)), each[1]))
    return tuple(Part(notebook, cell, names[notebook, cell], worth) for notebook, cell, worth in found)


def _names(assignment: str, cells: list[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """An exercise's own name; a cell's; with its notebook where two notebooks have a cell of that name."""
    exercises = {each.test_cell: each.name for each in _exercises(assignment)}
    plain = [exercises.get(cell, cell) for _, cell in cells]
    return {
        (notebook, cell): name if plain.count(name) == 1 else f"{notebook}/{cell}"
        for (notebook, cell), name in zip(cells, plain, strict=True)
    }


def booked(opened: Any, assignment: str) -> dict[str, Booked]:
    """{student: submission} of everyone who has one."""
    found = dict(_submissions(opened, assignment))
    for student, notebook, cell, score in scores(opened, assignment):
        found[student].marks[notebook, cell] = Mark(score.points, score.waits, score.manual is not None)
    return found


def _submissions(opened: Any, assignment: str) -> Iterator[tuple[str, Booked]]:
    asked = (
        select(SubmittedAssignment.student_id, SubmittedAssignment.timestamp, SubmittedAssignment.extension)
        .add_columns(Assignment.duedate)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .where(Assignment.name == assignment)
    )
    penalties = late_penalties(opened, assignment)
    for student, timestamp, extension, duedate in opened.execute(asked):
        late = _seconds_late(duedate, timestamp, extension)
        yield student, Booked(timestamp, late, penalties.get(student, 0.0), {})


def _seconds_late(duedate: Any, timestamp: Any, extension: Any) -> float:
    """By nbgrader's own rule."""
    judged = SubmittedAssignment(assignment=Assignment("", duedate=duedate), timestamp=timestamp, extension=extension)
    return float(judged.total_seconds_late) if duedate is not None else 0.0


def _exercises(assignment: str) -> tuple[course.Exercise, ...]:
    return course.exercises(assignment) if assignment in course.assignments() else ()
