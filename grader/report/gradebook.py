"""The gradebook's side of a report: names, and points with what people changed by hand."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from grader.folder import CourseFolder
from grader.nbgrader.booked import Person, Score, graded_cells, people, scores, session
from grader.nbgrader.course import GradebookError
from grader.nbgrader.late import late_penalties


@dataclass(frozen=True)
class Booked:
    """One student's scores by cell, and what is taken off for being late."""

    scores: dict[str, Score]
    penalty: float

    @property
    def is_graded(self) -> bool:
        """Whether anybody, the judge or a human, gave points for anything."""
        return any(each.is_given for each in self.scores.values())

    @property
    def points(self) -> float:
        """As nbgrader's own export counts: never below 0."""
        return round(max(0.0, sum(each.points or 0.0 for each in self.scores.values()) - self.penalty), 2)


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
            worth = {cell: points for _, cell, points in graded_cells(opened, assignment)}
            return Book("", worth, people(opened), _booked(opened, assignment))
    except GradebookError as error:
        return Book(str(error))


def _booked(opened: Session, assignment: str) -> dict[str, Booked]:
    penalties = late_penalties(opened, assignment)
    found: dict[str, Booked] = {}
    for student, _, cell, score in scores(opened, assignment):
        found.setdefault(student, Booked({}, penalties.get(student, 0.0))).scores[cell] = score
    return found
