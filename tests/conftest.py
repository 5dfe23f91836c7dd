"""Course folders for tests."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests_support import copy_course, run_grader

from grader.jail.gate import Jail


@pytest.fixture(scope="session")
def jail() -> Iterator[Jail]:
    """A jail with one gate, for tests that need no suite."""
    if sys.platform != "linux":
        pytest.skip("the jail needs Linux")
    with Jail() as jail:
        jail.wait_until_ready()
        yield jail


@pytest.fixture(scope="session")
def released_course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course folder that `grader release` was run in; treat it as read-only."""
    folder = copy_course(tmp_path_factory.mktemp("course"))
    done = run_grader(folder, "release")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def course(released_course: Path, tmp_path: Path) -> Path:
    """A released course folder of the test's own."""
    target = tmp_path / "course"
    shutil.copytree(released_course, target)
    return target
