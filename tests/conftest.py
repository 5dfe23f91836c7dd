"""Course folders for tests."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests_support import copy_course, run_grader
from workers import group, made_once, turn

from grader import course as course_index
from grader.folder import CourseFolder
from grader.jail.jail import Jail


def pytest_configure() -> None:
    """Before torch is loaded here or below: threads of several workers would fight over the cores."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type] # as `tests/lean` says


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """One that keeps groups together, and takes them in the order in which they come."""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduler(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return group(nodeid)

    config.option.loadscopereorder = False
    return Scheduler(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: turn(item.nodeid))


@pytest.fixture(scope="session", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A place for what the kit keeps of whoever uses it: what the tests finish is nobody's progress."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("home")
        patch.setenv("GRADER_HOME", str(folder))
        yield folder


@pytest.fixture(scope="session")
def jail() -> Iterator[Jail]:
    """A jail with one gate, for tests that need no suite, nor what only the cells of some assignments load."""
    if sys.platform != "linux":
        pytest.skip("the jail needs Linux")
    with Jail(slow=()) as jail:
        jail.wait_until_ready()
        yield jail


@pytest.fixture(scope="session")
def released_course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course folder in which `grader release` made all that it makes; treat it as read-only."""

    def release(folder: Path) -> None:
        copy_course(folder)
        shutil.rmtree(folder / "assignments")
        for name in course_index.assignments():
            CourseFolder(folder).solution(name).unlink()
        done = run_grader(folder, "release")
        assert done.returncode == 0, done.stderr

    return made_once(tmp_path_factory, "released", release)


@pytest.fixture
def course(released_course: Path, tmp_path: Path) -> Path:
    """A released course folder of the test's own."""
    target = tmp_path / "course"
    shutil.copytree(released_course, target)
    return target
