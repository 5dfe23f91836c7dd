"""What nbgrader's gradebook says of a class: names, and points with what people changed by hand. It is only read."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field

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
from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.folder import CourseFolder
from grader.nbgrader.course import GradebookError, course_api, reading


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
class Mark:
    """One graded cell of one student. points: by hand where somebody gave some, with extra credit."""

    auto: float | None
    manual: float | None
    extra: float
    waits: bool

    @property
    def points(self) -> float:
        return (self.auto or 0.0 if self.manual is None else self.manual) + self.extra


@dataclass(frozen=True)
class Booked:
    """One student's marks by cell, and what is taken off for being late."""

    marks: dict[str, Mark]
    penalty: float

    @property
    def is_graded(self) -> bool:
        """Whether anybody, the judge or a human, gave points for anything."""
        return any(each.auto is not None or each.manual is not None for each in self.marks.values())

    @property
    def points(self) -> float:
        """As nbgrader's own export counts: never below 0."""
        return round(max(0.0, sum(each.points for each in self.marks.values()) - self.penalty), 2)


@dataclass(frozen=True)
class Book:
    """problem: why there is nothing to be read, else empty. worth: points of each graded cell. Both by student."""

    problem: str = ""
    worth: dict[str, float] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    booked: dict[str, Booked] = field(default_factory=dict)


def book(folder: CourseFolder, assignment: str) -> Book:
    """The gradebook's side of an assignment; a gradebook that is missing or unreadable is a problem, no error."""
    try:
        with session(folder) as opened:
            return Book("", _worth(opened, assignment), people(opened), _booked(opened, assignment))
    except GradebookError as error:
        return Book(str(error))


@contextlib.contextmanager
def session(folder: CourseFolder) -> Iterator[Session]:
    """A session that only reads; GradebookError when there is none."""
    with course_api(folder) as api, reading(api) as opened:
        yield opened


def people(opened: Session) -> dict[str, Person]:
    """Everybody in the gradebook, by id."""
    rows = opened.execute(select(Student.id, Student.first_name, Student.last_name, Student.email))
    return {student: Person(*((each or "").strip() for each in rest)) for student, *rest in rows}


def _worth(opened: Session, assignment: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for kind in (GradeCell, TaskCell):
        asked = (
            select(kind.name, kind.max_score)
            .join(Notebook, Notebook.id == kind.notebook_id)
            .join(Assignment, Assignment.id == Notebook.assignment_id)
            .where(Assignment.name == assignment)
        )
        found.update((name, worth) for name, worth in opened.execute(asked))
    return found


def _booked(opened: Session, assignment: str) -> dict[str, Booked]:
    asked = (
        select(
            SubmittedAssignment.student_id,
            SubmittedNotebook.late_submission_penalty,
            BaseCell.name,
            Grade.auto_score,
            Grade.manual_score,
            Grade.extra_credit,
            Grade.needs_manual_grade,
        )
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
        .join(BaseCell, BaseCell.id == Grade.cell_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .where(Assignment.name == assignment)
    )
    found: dict[str, Booked] = {}
    for student, penalty, cell, auto, manual, extra, waits in opened.execute(asked):
        entry = found.setdefault(student, Booked({}, penalty or 0.0))
        entry.marks[cell] = Mark(auto, manual, extra or 0.0, bool(waits))
    return found
