"""Plain `nbgrader autograde` over the worst of the corpus: it ends, with the points that `grader autograde` gives."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import nbformat
import pytest
from mangled.corpus import Mangled
from mangled.graded import GradedClass, graded_class
from mangled.stock import stopped_by

ASSIGNMENT = "04_softmax"


def worst(due: dict[str, Mangled]) -> dict[str, Mangled]:
    """One submission for each way in which stock nbgrader would stop, and everyone unharmed."""
    found = {stopped_by(each.content): student for student, each in reversed(due.items())}
    chosen = {student for kind, student in found.items() if kind}
    return {student: each for student, each in due.items() if student in chosen or each.name == "unharmed"}


@pytest.fixture(scope="module")
def by_grader(grade: Callable[[str], GradedClass]) -> GradedClass:
    return grade(ASSIGNMENT)


@pytest.fixture(scope="module")
def by_nbgrader(by_grader, released_course, tmp_path_factory) -> GradedClass:
    folder = tmp_path_factory.mktemp("plain")
    shutil.copytree(released_course, folder / "released")
    kept = folder / "released" / ".grader"
    kept.mkdir(mode=0o700, exist_ok=True)
    shutil.copy(by_grader.folder.root / ".grader" / "seeds.json", kept)  # the same inputs, and nothing that was found
    due = worst(by_grader.due)
    return graded_class(folder / "released", folder / "course", ASSIGNMENT, due, "nbgrader", "autograde", ASSIGNMENT)


def test_there_are_many_ways_to_stop_stock_nbgrader(by_nbgrader):
    assert len([each for each in by_nbgrader.due.values() if each.name != "unharmed"]) >= 15


def test_the_run_ends_as_one_in_which_nothing_happened(by_nbgrader):
    assert by_nbgrader.done.returncode == 0, by_nbgrader.done.stdout[-3000:] + by_nbgrader.done.stderr[-3000:]


def test_everyone_has_the_points_that_the_other_way_gives(by_nbgrader, by_grader):
    assert by_nbgrader.points == {student: by_grader.points[student] for student in by_nbgrader.due}


def test_the_unharmed_have_full_marks(by_nbgrader):
    unharmed = [student for student, each in by_nbgrader.due.items() if each.name == "unharmed"]
    assert unharmed
    assert [by_nbgrader.points[student] for student in unharmed] == [by_nbgrader.best] * len(unharmed)


def test_every_autograded_notebook_is_valid(by_nbgrader):
    for student in by_nbgrader.due:
        nbformat.validate(nbformat.read(by_nbgrader.autograded(student), as_version=nbformat.NO_CONVERT))
