"""The class that is exported, made once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from exported_class import make, read

from grader.export.grades import Grades


@pytest.fixture(scope="session")
def class_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course folder with the class; treat it as read-only."""
    return make(tmp_path_factory.mktemp("export") / "course")


@pytest.fixture(scope="session")
def grades(class_root: Path) -> Grades:
    return read(class_root)


@pytest.fixture
def root(class_root: Path, tmp_path: Path) -> Path:
    """The class in a folder of the test's own."""
    shutil.copytree(class_root, tmp_path / "course")
    return tmp_path / "course"
