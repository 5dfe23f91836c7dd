"""A class for the recorder: judged once, handed in again, graded by hand, late; and a course with cells for a human."""

from __future__ import annotations

import json
import pickle
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook

from grader.demo_class import hand_in
from grader.folder import CourseFolder
from grader.judge.pool import Pool
from grader.judge.submission import Finished, handed_in
from grader.nbgrader.course import course_api
from grader.nbgrader.recording import Recorder

NAME = "04_softmax"
STUDENTS = ("ada", "alan", "ursula", "vera", "torsten", "mangled", "zip")
"""Right, a known mistake, untouched, a syntax error, a ready-made function, mangled, and no notebook at all."""

DUE = datetime(2030, 1, 10, 12)
RESULTS, ORIGINALS = "results.pickle", "originals"


def with_cells_for_a_human(course: Path) -> None:
    """Adds to the source notebook an essay, a program to read, and a task: what nbgrader lets a human grade."""
    path = course / "source" / NAME / f"{NAME}.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["cells"] += [
        _cell("markdown", "essay", "Why does softmax need no scale?", grade=True, solution=True, points=3),
        _cell("code", "program", "### BEGIN SOLUTION\nx = 1\n### END SOLUTION", grade=True, solution=True, points=2),
        _cell("markdown", "poster", "Draw it.", grade=False, solution=False, locked=True, task=True, points=4),
    ]
    path.write_text(json.dumps(notebook), encoding="utf-8")


def _cell(kind: str, name: str, source: str, **marks: Any) -> dict[str, Any]:
    usual = {"schema_version": 3, "grade_id": name, "locked": False, "task": False}
    outputs = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "id": name, "metadata": {"nbgrader": {**usual, **marks}}, "source": source, **outputs}


def judge(course: Path) -> None:
    """The class hands in; everybody is judged, and the results are kept in a file."""
    folder = CourseFolder(course)
    for student in set(hand_in(folder, NAME)) - set(STUDENTS):
        shutil.rmtree(course / "submitted" / student)
    with Pool(folder, NAME, jobs=2, policy="warn") as pool:
        works = [handed_in(folder, student, NAME) for student in STUDENTS]
        results = [result for _, result in pool.grade_all(works)]
    failed = [each for each in results if not isinstance(each, Finished)]
    assert not failed, failed
    shutil.copytree(course / "submitted", course / ORIGINALS)
    (course / RESULTS).write_bytes(pickle.dumps(results))


def judged(course: Path) -> dict[str, Finished]:
    """The class' results by student."""
    return {each.submission.student: each for each in pickle.loads((course / RESULTS).read_bytes())}


def handed_in_by(student: str, course: Path, other: str) -> Finished:
    """Lets a student hand in what another one did; returns the result."""
    goal = CourseFolder(course).submission(NAME, student)
    goal.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(course / ORIGINALS / other / NAME / f"{NAME}.ipynb", goal)
    finished = judged(course)[other]
    return Finished(
        replace(finished.submission, student=student),
        replace(finished.result, verdict=replace(finished.result.verdict, student=student)),
    )


def configure(course: Path, *lines: str) -> None:
    """Adds lines to the course's configuration."""
    with (course / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write("\n" + "\n".join(lines) + "\n")


def handed_in_at(course: Path, student: str, time: datetime) -> None:
    path = CourseFolder(course).submission(NAME, student).with_name("timestamp.txt")
    path.write_text(f"{time} UTC", encoding="utf-8")


def record(course: Path, batch: Iterable[Finished], kind: type[Recorder] = Recorder) -> dict[str, str]:
    """Records a class in one batch."""
    folder = CourseFolder(course)
    with course_api(folder) as api, kind(api, folder, NAME) as recorder:
        return recorder.record(list(batch))


def set_by_hand(url: str, student: str) -> None:
    """What staff do in formgrader: a score in place of the automatic one, an essay's score, extra credit, a comment."""
    with Gradebook(url, "from-network-to-regression") as book:
        for grade in book.find_submission_notebook(NAME, NAME, student).grades:
            if grade.name == "essay":
                grade.manual_score, grade.needs_manual_grade = 2.5, False
            elif grade.name == "test_softmax":
                grade.manual_score, grade.extra_credit = 0.5, 1.0
        book.find_comment("softmax", NAME, NAME, student).manual_comment = "Well seen."
        book.db.commit()


def with_due_date(url: str, extended: Sequence[str] = ()) -> None:
    """The assignment is due; these students have two days more."""
    with Gradebook(url, "from-network-to-regression") as book:
        book.update_or_create_assignment(NAME, duedate=str(DUE))
        for student in extended:
            book.find_submission(NAME, student).extension = timedelta(days=2)
        book.db.commit()
