"""A template repository written from a released course, and students' repositories made of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from tests_support import answered_notebook

from grader.classroom import write_workflow
from grader.folder import CourseFolder

NAME = "04_softmax"


@pytest.fixture(scope="session")
def folder(released_course: Path) -> CourseFolder:
    return CourseFolder(released_course)


@pytest.fixture(scope="session")
def template(folder: CourseFolder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A template repository with one assignment; treat it as read-only."""
    root = tmp_path_factory.mktemp("classroom") / "template"
    write_workflow(folder, root, (NAME,))
    return root


@pytest.fixture
def repository(template: Path, tmp_path: Path) -> Path:
    """A student's copy of the template."""
    target = tmp_path / "repository"
    shutil.copytree(template, target)
    return target


@pytest.fixture(scope="session")
def answered(folder: CourseFolder) -> Callable[..., str]:
    """A notebook as text, with all right answers but those that are given."""
    return partial(answered_notebook, folder, NAME)
