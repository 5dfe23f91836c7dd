"""The graded classes: each takes a minute or so, and more than one module looks at them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from mangled.corpus import corpus
from mangled.graded import GradedClass, graded_class, with_neighbours

from grader.folder import CourseFolder


@pytest.fixture(scope="session")
def grade(released_course: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], GradedClass]:
    """The class of an assignment: the corpus and its unharmed neighbours, graded by `grader autograde`."""

    @cache
    def class_of(assignment: str) -> GradedClass:
        folder = CourseFolder(released_course)
        due = with_neighbours(folder, assignment, corpus(folder, assignment))
        target = tmp_path_factory.mktemp("mangled") / "course"
        command = ("grader", "autograde", assignment, "--jobs", "2", "--policy", "warn")
        return graded_class(released_course, target, assignment, due, *command)

    return class_of
