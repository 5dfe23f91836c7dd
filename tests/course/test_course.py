"""The course is whole: index, notebooks, suites, known answers and what is released agree, and it can be solved.

The hidden suites themselves are proved by `pytest tests/hidden`.
"""

from __future__ import annotations

import subprocess
import sys
import zipfile

import pytest
from tests_support import ROOT

from grader import course
from grader.author.agreement import disagreements
from grader.author.cells import solution_lines, source_notebook
from grader.author.derivation import leaks, stale, strays
from grader.author.execution import disturbances
from grader.author.grading import misgraded
from grader.folder import CourseFolder

FOLDER = CourseFolder(ROOT)
POINTS = {
    "01_tensors": 10,
    "02_data": 10,
    "03_losses": 12,
    "04_softmax": 8,
    "05_metrics": 6,
    "06_modules": 14,
    "07_training": 14,
}
each_assignment = pytest.mark.parametrize("assignment", course.assignments())
CHECKS = (disagreements, stale, leaks, misgraded, disturbances)


@each_assignment
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_course_is_in_order(check, assignment):
    assert list(check(FOLDER, assignment)) == []


def test_nothing_lies_about():
    assert list(strays(FOLDER)) == []


def test_the_assignments_are_worth_what_the_contract_says():
    assert {name: sum(e.points for e in course.exercises(name)) for name in course.assignments()} == POINTS


def test_an_unknown_name_is_told_with_those_that_there_are():
    with pytest.raises(course.UnknownNameError, match="softmax"):
        course.exercise("softmx")
    with pytest.raises(course.UnknownNameError, match="04_softmax"):
        course.exercises("04")


def test_the_wheel_holds_no_solution_no_mistake_and_no_hidden_suite(tmp_path):
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    wheel = zipfile.ZipFile(next(tmp_path.glob("*.whl")))
    names = wheel.namelist()
    assert "grader/index/04_softmax.toml" in names
    assert "grader/panel/panel.css" in names
    assert all(name.startswith(("grader/", "grader-")) for name in names), names
    text = "\n".join(wheel.read(name).decode("utf-8", "replace") for name in names)
    for assignment in course.assignments():
        assert not [line for line in solution_lines(source_notebook(FOLDER, assignment)) if line in text]
