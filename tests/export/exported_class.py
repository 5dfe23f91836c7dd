"""A class in a gradebook that is made through nbgrader's own API: each way in which a student can stand, once."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from nbgrader.api import Gradebook
from nbgrader.utils import parse_utc
from sqlalchemy.exc import SAWarning

from grader import course
from grader.export.gathered import gathered
from grader.export.grades import Grades, Line
from grader.export.selection import Selection
from grader.folder import CourseFolder
from grader.records import keep_verdict
from grader.verdict import ExerciseVerdict, Mistake, Outcome, Verdict

NAME = "04_softmax"
OTHER = "ps1"
"""Not the kit's: two notebooks that both have a cell `part_a`."""

COURSE = "from-network-to-regression"
DUE = "2026-11-20 12:00:00 UTC"
FORMULA = "=cmd|' /C calc'!A0"
TURNED = "\u202eevil\u200b\x1b[31m"
EXPLANATION = "Your values match a softmax taken over axis 0."

P, W, C = Outcome.PASSED, Outcome.WRONG, Outcome.COULD_NOT_CHECK


@contextmanager
def gradebook(root: Path, url: str = "") -> Iterator[Gradebook]:
    """url: of a gradebook on a server; the folder's own file by default."""
    # nbgrader starts `alembic` by name when it makes a gradebook; it lies beside this Python
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    with warnings.catch_warnings(), patch.dict(os.environ, PATH=path):
        warnings.simplefilter("ignore", SAWarning)  # nbgrader 0.9.6 makes it, when it adds a submission
        with Gradebook(url or f"sqlite:///{root}/gradebook.db", COURSE) as book:
            yield book
            book.db.commit()


def read(root: Path, assignment: str = NAME, **chosen: Any) -> Grades:
    """What is exported of an assignment."""
    with gradebook(root) as book:
        return gathered(CourseFolder(root), book.db, Selection(assignment, **chosen))


def line(grades: Grades, student: str) -> Line:
    return next(each for each in grades.lines if each.student == student)


def make(root: Path, url: str = "") -> Path:
    """The class; nothing of it was judged."""
    root.mkdir(parents=True)
    server = f"c.CourseDirectory.db_url = {url!r}\n" if url else ""
    (root / "nbgrader_config.py").write_text(f"c = get_config()\nc.CourseDirectory.course_id = '{COURSE}'\n{server}")
    with gradebook(root, url) as book:
        _assignments(book)
        _people(book)
        _submissions(book)
    (root / "submitted" / "finn" / NAME).mkdir(parents=True)
    for each in _verdicts():
        keep_verdict(CourseFolder(root), each)
    return root


def _assignments(book: Gradebook) -> None:
    book.add_assignment(NAME, duedate=DUE)
    book.add_notebook(NAME, NAME)
    for each in course.exercises(NAME):
        book.add_grade_cell(each.test_cell, NAME, NAME, max_score=each.points, cell_type="code")
    book.add_grade_cell("essay", NAME, NAME, max_score=3, cell_type="markdown")
    book.add_assignment(OTHER)
    for notebook, cells in {"p1": ("part_a", "part_b"), "p2": ("part_a",)}.items():
        book.add_notebook(notebook, OTHER)
        for cell in cells:
            book.add_grade_cell(cell, notebook, OTHER, max_score=5, cell_type="code")
    book.add_task_cell("drawing", "p2", OTHER, cell_type="markdown", max_score=2)


def _people(book: Gradebook) -> None:
    people = {
        "ada": ("Ada", "Lovelace", "ada@school.edu"),
        "bob": ("Bob", "Ångström", "bob@school.edu"),
        "dora": (TURNED, FORMULA, "@dora"),
        "emil": ("Emil", "Noether", "emil@school.edu"),
    }
    for student in ("ada", "bob", "cleo", "dora", "emil", "gwen", "hugo", "iris", "jon", "kim"):
        first, last, email = people.get(student, (None, None, None))
        book.add_student(student, first_name=first, last_name=last, email=email)


def _submissions(book: Gradebook) -> None:
    points = {
        "ada": (4, 2, 2, 3),
        "bob": (1, 2, 2, 3),
        "cleo": (2, 0.1, 0.2, 3),
        "dora": (0, 2, 2, 3),
        "gwen": (0, 0, 0, 0),
        "hugo": (1, 0, 0, 0),
        "iris": (4, 2, 2, None),
        "jon": (0, 2, 2, 3),
        "kim": (0, 0, 0, 0),
    }
    for student, given in points.items():
        book.add_submission(NAME, student)
        cells = [*(each.test_cell for each in course.exercises(NAME)), "essay"]
        for cell, score in zip(cells, given, strict=True):
            grade = book.find_grade(cell, NAME, NAME, student)
            grade.auto_score, grade.needs_manual_grade = score, score is None
    book.find_grade("test_softmax", NAME, NAME, "bob").manual_score = 3.5
    book.find_grade("test_nll", NAME, NAME, "cleo").extra_credit = 0.5
    book.find_grade("essay", NAME, NAME, "iris").extra_credit = 1.0  # counts only with a score, says nbgrader
    _late(book)
    for student in ("ada", "bob"):
        book.add_submission(OTHER, student)
    for notebook, cell, score in (("p1", "part_a", 5), ("p1", "part_b", 1.25), ("p2", "part_a", 2)):
        grade = book.find_grade(cell, notebook, OTHER, "ada")
        grade.auto_score, grade.needs_manual_grade = score, False
    for notebook, penalty in (("p1", 1.0), ("p2", 0.5)):
        book.find_submission_notebook(notebook, OTHER, "ada").late_submission_penalty = penalty


def _late(book: Gradebook) -> None:
    times = {"ada": "2026-11-19 08:15:30 UTC", "bob": "2026-11-20 13:00:00 UTC", "hugo": "2026-11-22 12:00:01 UTC"}
    for student, time in times.items():
        book.find_submission(NAME, student).timestamp = parse_utc(time)
    book.find_submission(NAME, "bob").extension = timedelta(minutes=30)
    book.find_submission_notebook(NAME, NAME, "bob").late_submission_penalty = 0.75
    book.find_submission_notebook(NAME, NAME, "hugo").late_submission_penalty = 5.0


def _verdicts() -> Iterator[Verdict]:
    mistake = Mistake("softmax_over_axis_0", EXPLANATION)
    yield _verdict("ada", (P, 4), (P, 2), (P, 2))
    yield _verdict("dora", (W, 0), (P, 2), (P, 2), mistake=mistake)
    yield _verdict("jon", (C, 0), (P, 2), (P, 2))
    yield _verdict("kim", (Outcome.NOT_ATTEMPTED, 0), (Outcome.NOT_ATTEMPTED, 0), (Outcome.NOT_ATTEMPTED, 0))
    yield _verdict("gwen", (C, 0), (C, 0), (C, 0), problem=f"`{TURNED}.ipynb` is empty. Save it once more.")


def _verdict(
    student: str, *exercises: tuple[Outcome, float], mistake: Mistake | None = None, problem: str = ""
) -> Verdict:
    judged = tuple(
        ExerciseVerdict(each.name, points, each.points, outcome, mistake=mistake if outcome is W else None)
        for each, (outcome, points) in zip(course.exercises(NAME), exercises, strict=True)
    )
    return Verdict(NAME, student, judged, problem=problem, isolation=("tier A", "namespaces"))
