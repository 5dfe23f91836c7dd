"""Everybody whom the course folder, the verdicts or the gradebook know, each once, with what is known of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from grader import course
from grader.folder import CourseFolder
from grader.nbgrader.booked import Person
from grader.panel.plain import inert
from grader.remarks import shown_name
from grader.report.gradebook import Book, Booked
from grader.report.verdicts import ClassVerdicts, Judged
from grader.standing import ExerciseStanding
from grader.verdict import Outcome

NOTHING = "handed in nothing"


@dataclass(frozen=True)
class Student:
    """One student. reason: why there is no verdict, empty where there is one. booked: None outside of a gradebook."""

    id: str
    person: Person
    judged: Judged | None
    booked: Booked | None
    reason: str = ""

    @property
    def name(self) -> str:
        """`Lovelace, Ada`, or the id where no list gave a name; safe to show."""
        return shown_name(self.person.shown or self.id)

    @cached_property
    def points(self) -> float | None:
        """As the gradebook has them, else as they were judged; None for whoever has none, or could not be graded."""
        if self.could_not_be_graded:
            return None
        if self.booked is not None and self.booked.is_graded:
            return self.booked.points
        return self.judged.standing.points if self.judged else None

    @cached_property
    def could_not_be_graded(self) -> str:
        """Why the judge could check nothing, or not all, and nobody settled it by hand since; else empty.

        As in `grader export`: the gradebook's 0 says nothing of the student then.
        """
        standing = self.judged.standing if self.judged else None
        if standing is None:
            return ""
        open_ = [each.name for each in standing.exercises if self.is_open(each)]
        if standing.problem:
            scores = self.booked.scores.values() if self.booked else ()
            others = scores and any(each.manual is None and not each.points for each in scores)
            return inert(standing.problem) if open_ or others else ""
        return f"could not be checked: {', '.join(open_)}" if open_ else ""

    def is_open(self, exercise: ExerciseStanding) -> bool:
        """Whether the judge could not check it, and nobody gave points for it by hand."""
        score = self.booked.scores.get(course.exercise(exercise.name).test_cell) if self.booked else None
        settled = score is not None and (score.manual is not None or (score.points or 0.0) >= exercise.max_points)
        return exercise.outcome is Outcome.COULD_NOT_CHECK and not settled

    @property
    def order(self) -> tuple[str, str, str]:
        """The place in a list of names."""
        person = self.person
        last, first = (person.last or person.first, person.first) if person.is_named else (self.id, "")
        return last.casefold(), first.casefold(), self.id

    def points_in(self, exercise: str) -> float:
        """Of one exercise, by the gradebook where it has them."""
        assert self.judged is not None
        score = self.booked.scores.get(course.exercise(exercise).test_cell) if self.booked else None
        if score is not None:
            return score.points or 0.0
        return next(each.points for each in self.judged.standing.exercises if each.name == exercise)


def students(folder: CourseFolder, assignment: str, verdicts: ClassVerdicts, book: Book) -> tuple[Student, ...]:
    """All of them by name; those without a verdict with the reason and the remedy."""
    handed_in = set(folder.students(assignment))
    reasons: dict[str, str] = dict.fromkeys(book.people, NOTHING)
    reasons |= dict.fromkeys(handed_in, f"not graded yet; run `grader autograde {assignment}`")
    for student, why in verdicts.damaged.items():
        reasons[student] = f"the file of the verdict cannot be used: {why}; run `grader autograde {assignment} --force`"
    reasons |= folder.refused(assignment)
    found = [
        Student(
            student,
            book.people.get(student, Person()),
            verdicts.judged.get(student),
            book.booked.get(student),
            "" if student in verdicts.judged else inert(reasons[student]),
        )
        for student in reasons.keys() | verdicts.judged.keys()
    ]
    return tuple(sorted(found, key=lambda each: each.order))
