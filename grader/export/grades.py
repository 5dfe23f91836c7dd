"""What is exported of an assignment: frozen facts about each student, the same for every format."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from grader.nbgrader.booked import Person


class Status(StrEnum):
    """How a student stands. Only the first two have a total."""

    GRADED = "graded"
    WAITS = "waits for a grade by hand"
    COULD_NOT = "could not be graded"
    NOT_YET = "not graded yet"
    NOTHING = "handed in nothing"

    @property
    def has_points(self) -> bool:
        return self in (Status.GRADED, Status.WAITS)


@dataclass(frozen=True)
class Part:
    """One graded cell of the assignment. name: the exercise's, or the cell's where it is none of the kit's."""

    notebook: str
    cell: str
    name: str
    most: float


@dataclass(frozen=True)
class Mark:
    """What one student has for one part.

    points: as nbgrader counts them, by hand before automatic, with extra credit; None where nobody gave any, or where
    the judge could not check it. remark: why points are missing, in words that are text from strangers.
    """

    points: float | None
    waits: bool = False
    by_hand: bool = False
    remark: str = ""


@dataclass(frozen=True)
class Line:
    """One student. marks: by (notebook, cell). timestamp: in UTC. reason: why there is no total, else empty."""

    student: str
    person: Person
    status: Status
    marks: dict[tuple[str, str], Mark] = field(default_factory=dict)
    timestamp: datetime | None = None
    seconds_late: float = 0.0
    penalty: float = 0.0
    reason: str = ""
    group: str = ""

    @property
    def raw(self) -> float | None:
        """All points before anything is taken off; None for whoever has no total, which is not 0."""
        if not self.status.has_points:
            return None
        return math.fsum(each.points or 0.0 for each in self.marks.values())

    @property
    def score(self) -> float | None:
        """After what being late costs; never below 0, as in nbgrader's own export."""
        return None if self.raw is None else max(0.0, self.raw - self.penalty)

    @property
    def waits(self) -> bool:
        """Whether nbgrader says that a person still has to look."""
        return any(each.waits for each in self.marks.values())

    def mark(self, part: Part) -> Mark:
        return self.marks.get((part.notebook, part.cell), Mark(None))

    @property
    def order(self) -> tuple[str, str, str]:
        """The place in a list of names."""
        person = self.person
        last, first = (person.last or person.first, person.first) if person.is_named else (self.student, "")
        return last.casefold(), first.casefold(), self.student


@dataclass(frozen=True)
class Grades:
    """An assignment: its parts in the order of the notebook, its students by name."""

    assignment: str
    parts: tuple[Part, ...]
    lines: tuple[Line, ...]

    @property
    def most(self) -> float:
        return math.fsum(each.most for each in self.parts)


def counted(lines: Iterable[Line]) -> str:
    """`10 students: 7 graded, 1 handed in nothing`."""
    found = Counter(each.status for each in lines)
    n = found.total()
    kinds = ", ".join(f"{found[status]} {status}" for status in Status if found[status])
    return f"{n} student{'' if n == 1 else 's'}: {kinds}"
