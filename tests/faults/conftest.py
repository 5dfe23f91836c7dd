"""A small class in three states: handed in, judged but not recorded, and done; each test gets a copy."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from states import ASSIGNMENT, STUDENTS, State, state
from tests_support import run_grader
from workers import made_once

from grader.demo_class import hand_in
from grader.folder import CourseFolder

Copy = Callable[[], Path]


@pytest.fixture(scope="session")
def handed_in(released_course, tmp_path_factory) -> Path:
    """Four students handed in; the class' seed is drawn. Treat it as read-only."""

    def make(course: Path) -> None:
        shutil.copytree(released_course, course)
        folder = CourseFolder(course)
        for student in set(hand_in(folder, ASSIGNMENT)) - set(STUDENTS):
            shutil.rmtree(course / "submitted" / student)
        folder.seed(ASSIGNMENT)

    return made_once(tmp_path_factory, "handed-in", make)


@pytest.fixture(scope="session")
def done(handed_in, tmp_path_factory) -> Path:
    """The same class after a run that nothing disturbed. Treat it as read-only."""

    def make(course: Path) -> None:
        shutil.copytree(handed_in, course)
        ran = run_grader(course, "autograde", ASSIGNMENT)
        assert ran.returncode == 0, ran.stderr + ran.stdout

    return made_once(tmp_path_factory, "done", make)


@pytest.fixture(scope="session")
def undisturbed(done) -> State:
    """What gradebook, verdicts and autograded notebooks must come to."""
    found = state(done)
    assert set(found.points) == set(STUDENTS)
    return found


@pytest.fixture
def copy_of(tmp_path) -> Callable[[Path], Path]:
    """A course folder of the test's own, in the state of another."""
    count = 0

    def copy(course: Path) -> Path:
        nonlocal count
        count += 1
        target = tmp_path / f"course{count}"
        shutil.copytree(course, target)
        return target

    return copy


@pytest.fixture
def judged(handed_in, done, copy_of) -> Callable[[], Path]:
    """Copies of a class whose results are all in the ledger, and none of them recorded yet."""

    def copy() -> Path:
        course = copy_of(handed_in)
        kept = course / ".grader" / "graded" / ASSIGNMENT
        shutil.copytree(done / ".grader" / "graded" / ASSIGNMENT, kept, ignore=shutil.ignore_patterns("*.recorded"))
        return course

    return copy
