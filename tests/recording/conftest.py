"""A class that is handed in and judged, once for all tests here."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from classes import NAME, judge, with_cells_for_a_human
from tests_support import copy_course, run_grader
from workers import made_once


@pytest.fixture(scope="session")
def judged_class(tmp_path_factory) -> Path:
    """A course whose class is judged and not recorded. Treat it as read-only."""

    def make(course: Path) -> None:
        copy_course(course)
        with_cells_for_a_human(course)
        done = run_grader(course, "release", NAME)
        assert done.returncode == 0, done.stderr
        judge(course)

    return made_once(tmp_path_factory, "recording", make)


@pytest.fixture
def new_course(judged_class, tmp_path) -> Callable[[str], Path]:
    """Copies of that course, by name."""

    def copy(name: str = "course") -> Path:
        return Path(shutil.copytree(judged_class, tmp_path / name))

    return copy
