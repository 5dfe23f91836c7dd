"""What the kit's own tests share: the checkout, a released copy of its course, and the command."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
COURSE_PARTS = ("source", "solutions", "assignments", "nbgrader_config.py")


def run_grader(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`grader ARGUMENTS` in a folder, with its words and exit code."""
    command = [sys.executable, "-m", "grader", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)


def copy_course(target: Path) -> Path:
    """The checkout's course, without anything handed in, in a folder of its own."""
    for part in COURSE_PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, target / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / part, target / part)
    shutil.copytree(ROOT / "tests" / "hidden", target / "tests" / "hidden")
    return target


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


@pytest.fixture
def grader() -> Callable[..., subprocess.CompletedProcess[str]]:
    return run_grader
