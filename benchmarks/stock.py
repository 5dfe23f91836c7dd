"""The same course for nbgrader alone, with its own `Execute`: the hidden tests stand in the test cells."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

from nbgrader.api import Gradebook

from benchmarks.commands import python
from grader import course
from grader.folder import CourseFolder
from grader.notebook.marks import grade_id

CONFIG = """c = get_config()
c.CourseDirectory.release_directory = "assignments"
c.ClearSolutions.code_stub = {"python": "raise NotImplementedError"}
"""

TEST_CELL = """### BEGIN HIDDEN TESTS
from benchmarks.hidden_tests import points

points("{exercise}", globals())
### END HIDDEN TESTS"""


def stock_course(folder: CourseFolder, target: Path, assignment: str) -> Path:
    """A copy without the kit's preprocessors and without submissions, released by nbgrader."""
    ignored = shutil.ignore_patterns("submitted", "autograded", "verdicts", ".grader", "gradebook.db", "assignments")
    shutil.copytree(folder.root, target, ignore=ignored)
    (target / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
    source = CourseFolder(target).source(assignment)
    notebook = json.loads(source.read_text(encoding="utf-8"))
    tests = {each.test_cell: each.name for each in course.exercises(assignment)}
    for cell in notebook["cells"]:
        if grade_id(cell) in tests:
            cell["source"] = TEST_CELL.format(exercise=tests[grade_id(cell)])
    source.write_text(json.dumps(notebook), encoding="utf-8")
    python("-m", "nbgrader", "generate_assignment", assignment, "--force", folder=target)
    return target


def seconds(stock: Path, folder: CourseFolder, assignment: str, students: tuple[str, ...]) -> float:
    """How long `nbgrader autograde` takes for these students' submissions."""
    for part in ("submitted", "autograded"):
        shutil.rmtree(stock / part, ignore_errors=True)
    for student in students:
        shutil.copytree(folder.root / "submitted" / student, stock / "submitted" / student)
    variables = {
        "PYTHONPATH": str(Path(__file__).parents[1]),
        "BENCH_COURSE": str(folder.root),
        "BENCH_ASSIGNMENT": assignment,
    }
    return python("-m", "nbgrader", "autograde", assignment, folder=stock, variables={**os.environ, **variables})


def points(root: Path, assignment: str) -> dict[str, float]:
    """{student: points} in a course's gradebook."""
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as book:
        return {each.student_id: each.score for each in book.assignment_submissions(assignment)}
