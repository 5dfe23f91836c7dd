"""The small class, reported on."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from classroom import ASSIGNMENT, small_class

from grader.folder import CourseFolder
from grader.report.report import Report, report


@pytest.fixture(scope="session")
def class_folder(released_course: Path, tmp_path_factory: pytest.TempPathFactory) -> CourseFolder:
    """A course folder with the small class in it; treat it as read-only.

    Without the known mistakes and the variants: what the report discounts with them would move the golden files each
    time that the course learns one more.
    """
    root = tmp_path_factory.mktemp("report") / "course"
    shutil.copytree(released_course, root)
    folder = CourseFolder(root)
    for path in (folder.mistakes(ASSIGNMENT), folder.variants(ASSIGNMENT)):
        path.unlink()
    small_class(folder)
    return folder


@pytest.fixture(scope="session")
def small_report(class_folder: CourseFolder) -> Report:
    return report(class_folder, ASSIGNMENT)


@pytest.fixture
def folder(class_folder: CourseFolder, tmp_path: Path) -> CourseFolder:
    """The small class in a folder of the test's own."""
    shutil.copytree(class_folder.root, tmp_path / "course")
    return CourseFolder(tmp_path / "course")
