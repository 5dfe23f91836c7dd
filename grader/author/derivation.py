"""Whether what is generated is what its source gives today, and holds nothing that students may not see."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from grader import course
from grader.author.cells import solution_lines, source_notebook
from grader.folder import CourseFolder
from grader.release import release

_TEXTS = (".ipynb", ".py", ".json", ".toml", ".md", ".css")


def stale(folder: CourseFolder, assignment: str) -> Iterator[str]:
    """A sentence for each generated file that releasing again would change."""
    with tempfile.TemporaryDirectory() as scratch:
        again = CourseFolder(Path(scratch))
        _link(folder, again)
        release(again, (assignment,))
        for fresh in (*sorted(again.released(assignment).parent.iterdir()), again.solution(assignment)):
            path = folder.root / fresh.relative_to(again.root)
            if not path.is_file() or path.read_bytes() != fresh.read_bytes():
                yield f"{path} is not what its source gives; run `grader release {assignment}`"


def _link(folder: CourseFolder, again: CourseFolder) -> None:
    (again.root / "solutions").mkdir()
    (again.root / folder.releases.name).mkdir()
    for part in ("source", "nbgrader_config.py", "solutions/mistakes", "solutions/variants"):
        (again.root / part).symlink_to(folder.root / part)


def leaks(folder: CourseFolder, assignment: str) -> Iterator[str]:
    """A sentence for each line of a solution that stands in what students get or in the installed package."""
    lines = solution_lines(source_notebook(folder, assignment))
    if not lines:
        yield f"{folder.source(assignment)} holds no solution between the markers: nothing could be checked"
    package = Path(str(files("grader")))
    for place in (*(folder.releases / name for name in course.assignments()), package):
        for path in sorted(place.rglob("*")):
            if path.suffix in _TEXTS:
                text = path.read_text(encoding="utf-8")
                yield from (f"{path} holds a line of a solution: {line}" for line in lines if line in text)
    released = folder.released(assignment).read_text(encoding="utf-8")
    if "SOLUTION" in released:
        yield f"{folder.released(assignment)} holds a marker of a solution"


def strays(folder: CourseFolder) -> Iterator[str]:
    """A sentence for each folder or file of the course that belongs to no assignment of the index.

    Where the kit shares a course with other assignments, what lies in nbgrader's own folders may be theirs.
    """
    names = set(course.assignments())
    for place in () if folder.is_shared else ("source", "assignments"):
        for path in sorted((folder.root / place).iterdir()):
            if path.name not in names:
                yield f"{path} belongs to no assignment of the index"
    for place, suffix in (
        ("tests/hidden", "test_{}.py"),
        ("solutions/mistakes", "{}.py"),
        ("solutions/variants", "{}.py"),
    ):
        expected = {suffix.format(name) for name in names}
        for path in sorted((folder.root / place).glob("*.py")):
            if path.name not in expected:
                yield f"{path} belongs to no assignment of the index"
