"""A class of mangled submissions, handed in, graded by a command, and what became of it in every place."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from mangled.corpus import Mangled
from mangled.drafts import reference
from nbgrader.api import Gradebook
from tests_support import beside_python

from grader import course
from grader.folder import CourseFolder

GENEROUS = 1800.0
"""Seconds for grading a class: many times what it takes, so that a busy machine is no failure."""


@dataclass(frozen=True)
class GradedClass:
    """due: {student: what the submission must come to}. done: the command, ended. points: {student: {exercise: its
    points}} and names: the graded cells of each student, both as nbgrader's gradebook has them."""

    folder: CourseFolder
    assignment: str
    due: dict[str, Mangled]
    done: subprocess.CompletedProcess[str]
    points: dict[str, dict[str, float]]

    @property
    def best(self) -> dict[str, float]:
        """The points of a right answer to each exercise."""
        return {each.name: each.points for each in course.exercises(self.assignment)}

    def verdict(self, student: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.folder.verdict(self.assignment, student).read_text(encoding="utf-8"))
        return found

    def autograded(self, student: str) -> Path:
        return self.folder.root / "autograded" / student / self.assignment / f"{self.assignment}.ipynb"


def hand_in(folder: CourseFolder, assignment: str, submissions: dict[str, Mangled]) -> None:
    """Writes `submitted/STUDENT/NAME/NAME.ipynb` for everyone."""
    for student, each in submissions.items():
        path = folder.submission(assignment, student)
        path.parent.mkdir(parents=True)
        path.write_bytes(each.content)


def graded_class(released: Path, target: Path, assignment: str, due: dict[str, Mangled], *command: str) -> GradedClass:
    """A copy of a released course in which `due` was handed in and `python -m COMMAND` has ended."""
    shutil.copytree(released, target)
    folder = CourseFolder(target)
    hand_in(folder, assignment, due)
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=target,
        env=beside_python(),
        capture_output=True,
        text=True,
        timeout=GENEROUS,
        check=False,
    )
    return GradedClass(folder, assignment, due, done, _points(folder, assignment))


def with_neighbours(folder: CourseFolder, assignment: str, mangled: dict[str, Mangled]) -> dict[str, Mangled]:
    """The class with an unharmed student at its start, at its end, and before every sixtieth of the others."""
    content = reference(folder, assignment, Random(0)).written()
    right = frozenset(each.name for each in course.exercises(assignment))
    unharmed = Mangled("unharmed", content, right, frozenset(), frozenset())
    places = [*range(0, len(mangled), 60), len(mangled)]
    everyone = mangled | {f"s{place:03}_a_neighbour": unharmed for place in places}
    return dict(sorted(everyone.items()))


def _points(folder: CourseFolder, assignment: str) -> dict[str, dict[str, float]]:
    exercise_of = {each.test_cell: each.name for each in course.exercises(assignment)}
    with Gradebook(f"sqlite:///{folder.root}/gradebook.db") as gradebook:
        return {
            each.student_id: {exercise_of.get(g.name, g.name): g.score for n in each.notebooks for g in n.grades}
            for each in gradebook.assignment_submissions(assignment)
        }
