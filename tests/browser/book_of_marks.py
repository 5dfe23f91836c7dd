"""What nbgrader's gradebook holds of a class, read as nbgrader reads it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from browser_class import ASSIGNMENT


@dataclass(frozen=True)
class Marked:
    """What is known of a student's work in one exercise: points by the tests, by hand, on top, and the comment."""

    auto: float | None
    manual: float | None
    extra: float | None
    comment: str | None


def identifier(root: Path, student: str) -> str:
    """Formgrader's address of a submission ends in this."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{root}/gradebook.db") as book:
        return str(book.find_submission_notebook(ASSIGNMENT, ASSIGNMENT, student).id)


def marks(root: Path, student: str) -> Marked:
    """Of the exercise `softmax`."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{root}/gradebook.db") as book:
        grade = book.find_grade("test_softmax", ASSIGNMENT, ASSIGNMENT, student)
        comment = book.find_comment("softmax", ASSIGNMENT, ASSIGNMENT, student)
        return Marked(grade.auto_score, grade.manual_score, grade.extra_credit, comment.manual_comment)


def recorded(root: Path) -> dict[str, str]:
    """{student: `4 / 8`} of everyone who was graded."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{root}/gradebook.db") as book:
        graded = book.assignment_submissions(ASSIGNMENT)
        return {each.student.id: f"{each.score:g} / {each.max_score:g}" for each in graded}
