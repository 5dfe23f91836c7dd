"""The report of an assignment: everything that its page and its JSON tell, gathered from the course folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from grader import course
from grader.folder import CourseFolder
from grader.judge.submission import HandedIn, handed_in
from grader.report.changes import changes, waiting
from grader.report.facts import Facts, facts
from grader.report.gradebook import Book, book
from grader.report.likeness import Answers, Likenesses
from grader.report.students import Student, students
from grader.report.verdicts import class_verdicts

Shown = Callable[[Iterable[str], int], Iterable[str]]
"""Goes through the students one by one, and may show how far it is; the number says how many there are."""


class NothingToReportError(LookupError):
    """Nobody handed in, or nobody was graded; the message names the remedy."""


@dataclass(frozen=True)
class Report:
    """All of it. changed: who handed in another file since. book: why the gradebook says nothing, if so."""

    assignment: str
    students: tuple[Student, ...]
    facts: Facts
    likenesses: Likenesses
    changes: dict[str, tuple[str, ...]]
    waiting: tuple[Student, ...]
    changed: tuple[Student, ...]
    damaged: dict[str, str]
    book: str

    def student(self, name: str) -> Student:
        """By id; KeyError for one that it does not hold."""
        return self._by_id[name]

    @cached_property
    def _by_id(self) -> dict[str, Student]:
        return {each.id: each for each in self.students}


def report(folder: CourseFolder, assignment: str, shown: Shown = lambda every, _: every) -> Report:
    """NothingToReportError when there is no verdict at all, not even a damaged one."""
    exercises = {each.test_cell for each in course.exercises(assignment)}
    verdicts = class_verdicts(folder, assignment)
    if not verdicts.judged and not verdicts.damaged:
        raise NothingToReportError(f"nobody's `{assignment}` is graded yet; run `grader autograde {assignment}`")
    gradebook = book(folder, assignment)
    everybody = students(folder, assignment, verdicts, gradebook)
    likenesses, digests = _read(folder, assignment, shown)
    found = {each.id: changes(each, assignment) for each in everybody}
    return Report(
        assignment,
        everybody,
        facts(assignment, everybody, verdicts, _other(gradebook, exercises)),
        likenesses,
        {student: sentences for student, sentences in found.items() if sentences},
        waiting(everybody),
        tuple(each for each in everybody if _is_anew(each, digests)),
        verdicts.damaged,
        gradebook.problem,
    )


def _is_anew(student: Student, digests: dict[str, str]) -> bool:
    """Whether another file lies there than was judged. Of one that was no notebook, the verdict has no digest."""
    judged = student.judged.digest if student.judged else ""
    return bool(judged) and digests.get(student.id, judged) != judged


def _other(gradebook: Book, exercises: set[str]) -> float:
    return sum(worth for cell, worth in gradebook.worth.items() if cell not in exercises)


def _read(folder: CourseFolder, assignment: str, shown: Shown) -> tuple[Likenesses, dict[str, str]]:
    """What is alike, and the digest of what each student has handed in by now."""
    answers, digests = Answers(folder, assignment), dict[str, str]()
    everybody = folder.students(assignment)
    for student in shown(everybody, len(everybody)):
        submission: HandedIn = handed_in(folder, student, assignment)
        digests[student] = submission.digest
        answers.add(submission)
    return answers.likenesses(), digests
