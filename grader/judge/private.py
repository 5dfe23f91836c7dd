"""What of a course no student's code may read."""

from __future__ import annotations

from pathlib import Path

from grader.folder import CourseFolder

_PLACES = (
    "gradebook.db",
    "nbgrader_config.py",
    ".grader",
    "tests/hidden",
    "solutions",
    "solutions/mistakes",
    "solutions/variants",
    "source",
    "submitted",
    "autograded",
    "feedback",
    "verdicts",
)


def private_places(folder: CourseFolder) -> tuple[Path, ...]:
    """The course folder, those of its parts that may be links to elsewhere, and one submission among others."""
    parts = [folder.root, *(folder.root / place for place in _PLACES)]
    work = next((folder.root / "submitted").glob("*/*"), None)
    return tuple(path for path in [*parts, *([work] if work else [])] if path.exists())
