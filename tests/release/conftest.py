"""The sdist and the wheel, built once from the checkout; and an nbgrader course that knows nothing of the kit."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from built import Dist, build, checkout
from existing import make_existing_course
from workers import made_once


@pytest.fixture(scope="session")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Dist:
    """Both files; treat them as read-only."""

    def make(place: Path) -> None:
        build(checkout(place))

    return Dist(made_once(tmp_path_factory, "built", make) / "dist")


@pytest.fixture(scope="session")
def build_again() -> Callable[[Path], Dist]:
    """Builds in a folder as another user would, years earlier."""

    def build_elsewhere(place: Path) -> Dist:
        for path in checkout(place).rglob("*"):
            path.chmod(path.stat().st_mode & 0o700)
            os.utime(path, (1_000_000_000, 1_000_000_000))
        return build(place, umask=0o077)

    return build_elsewhere


@pytest.fixture(scope="session")
def unpacked(dist: Dist, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's files, as they would lie in `site-packages`."""
    return made_once(tmp_path_factory, "unpacked", lambda place: shutil.unpack_archive(dist.wheel, place, "zip"))


@pytest.fixture(scope="session")
def existing_course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Treat it as read-only."""
    return made_once(tmp_path_factory, "course101", make_existing_course)


@pytest.fixture
def theirs(existing_course: Path, tmp_path: Path) -> Path:
    """A copy of one's own."""
    return Path(shutil.copytree(existing_course, tmp_path / "theirs"))
