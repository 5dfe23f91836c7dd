"""What nbgrader's gradebook holds of people and their points, what was changed by hand included. It is only read.

Points follow nbgrader's own rules, by its own expression: a score by hand wins, extra credit comes on top of a score.
"""

from __future__ import annotations

import contextlib
import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from nbgrader.api import (
    Assignment,
    BaseCell,
    Grade,
    GradeCell,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from grader.folder import CourseFolder
from grader.nbgrader.course import course_api, reading


@dataclass(frozen=True)
class Person:
    """A student as the gradebook knows them; what it does not know is empty."""

    first: str = ""
    last: str = ""
    email: str = ""

    @property
    def is_named(self) -> bool:
        return bool(self.first or self.last)

    @property
    def shown(self) -> str:
        """`Lovelace, Ada`; empty where there is no name."""
        return ", ".join(part for part in (self.last, self.first) if part)


@dataclass(frozen=True)
class Score:
    """One graded cell of one student. auto, manual, extra: None where nobody gave any. total: as nbgrader counts."""

    auto: float | None
    manual: float | None
    extra: float | None
    total: float
    waits: bool

    @property
    def is_given(self) -> bool:
        """Whether anybody, a machine or a human, gave points."""
        return self.auto is not None or self.manual is not None

    @property
    def points(self) -> float | None:
        """None where nobody gave any, or where they are no number."""
        return self.total if self.is_given and math.isfinite(self.total) else None

    @property
    def by_hand(self) -> float:
        """Points that a human added to the automatic ones, extra credit included; negative where some were taken."""
        return 0.0 if self.points is None else self.points - (self.auto or 0.0)


@contextlib.contextmanager
def session(folder: CourseFolder) -> Iterator[Session]:
    """A session that only reads; GradebookError when there is none."""
    with course_api(folder) as api, reading(api) as opened:
        yield opened


def people(opened: Session) -> dict[str, Person]:
    """Everybody in the gradebook, by id."""
    rows = opened.execute(select(Student.id, Student.first_name, Student.last_name, Student.email))
    return {student: Person(*((each or "").strip() for each in rest)) for student, *rest in rows}


def graded_cells(opened: Session, assignment: str) -> Iterator[tuple[str, str, float]]:
    """(notebook, cell, points that it is worth) of every cell that is graded, by tests or by hand."""
    for kind in (GradeCell, TaskCell):
        asked = (
            select(Notebook.name, kind.name, kind.max_score)
            .join(Notebook, Notebook.id == kind.notebook_id)
            .join(Assignment, Assignment.id == Notebook.assignment_id)
            .where(Assignment.name == assignment)
        )
        for notebook, cell, worth in opened.execute(asked):
            yield notebook, cell, worth or 0.0


def scores(opened: Session, assignment: str, *only: ColumnElement[bool]) -> Iterator[tuple[str, str, str, Score]]:
    """(student, notebook, cell, score) of every cell of every submission. only: conditions on its `Grade`."""
    asked = (
        select(
            SubmittedAssignment.student_id,
            Notebook.name,
            BaseCell.name,
            Grade.auto_score,
            Grade.manual_score,
            Grade.extra_credit,
            Grade.score,
            Grade.needs_manual_grade,
        )
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
        .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
        .join(BaseCell, BaseCell.id == Grade.cell_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .where(Assignment.name == assignment, *only)
    )
    for student, notebook, cell, auto, manual, extra, total, waits in opened.execute(asked):
        yield student, notebook, cell, Score(auto, manual, extra, total, bool(waits))


def by_hand(opened: Session, assignment: str) -> dict[str, float]:
    """{student: points} that a human added to the automatic ones or took from them, of everyone where that is any."""
    found: dict[str, float] = defaultdict(float)
    touched = or_(Grade.manual_score.is_not(None), Grade.extra_credit.is_not(None))
    for student, _, _, score in scores(opened, assignment, touched):
        found[student] += score.by_hand
    return {student: points for student, points in found.items() if points}
