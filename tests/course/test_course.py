"""The course is whole: index, notebooks, suites, known answers and what is released agree, and it can be solved.

The hidden suites themselves are proved by `pytest tests/hidden`; what is in a release, by `pytest tests/release`.
A judge or a kernel takes seconds to start, and checks that need one are not repeated here where another test has them:
`grader author check` runs all of 04_softmax' in tests/commands/test_author.py, and tests/commands/test_demo_class.py
grades the untouched and the solved notebook of the assignments of the demonstration.
"""

from __future__ import annotations

import json

import pytest
from tests_support import ROOT

from grader import course
from grader.author.agreement import disagreements
from grader.author.derivation import leaks, strays
from grader.author.execution import disturbances
from grader.author.grading import misgraded
from grader.demo import GRADED
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
ELSEWHERE = {misgraded: {"04_softmax", *GRADED}, disturbances: {"04_softmax"}}
CASES = [
    pytest.param(check, name, id=f"{check.__name__}-{name}")
    for check in (disagreements, leaks, misgraded, disturbances)
    for name in course.assignments()
    if name not in ELSEWHERE.get(check, ())
]


@pytest.mark.parametrize(("check", "assignment"), CASES)
def test_the_course_is_in_order(check, assignment):
    assert list(check(FOLDER, assignment)) == []


@each_assignment
def test_what_is_generated_is_what_its_source_gives_today(assignment, released_course):
    released = CourseFolder(released_course)
    fresh = (*sorted(released.released(assignment).parent.iterdir()), released.solution(assignment))
    assert len(fresh) > 2
    committed = [ROOT / path.relative_to(released_course) for path in fresh]
    assert [path.read_bytes() for path in fresh] == [path.read_bytes() for path in committed]


@each_assignment
def test_what_the_text_asks_to_be_guessed_is_not_shown_beforehand(assignment):
    source, released = (
        {cell["id"]: cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]}
        for path in (FOLDER.source(assignment), FOLDER.releases / assignment / f"{assignment}.ipynb")
    )
    guesses = [each for each, cell in source.items() if "guess" in cell["metadata"].get("tags", ())]
    others = [each for each, cell in source.items() if "nbgrader" not in cell["metadata"] and each not in guesses]
    assert guesses
    assert all(source[each]["outputs"] and not released[each]["outputs"] for each in guesses)
    assert all(source[each].get("outputs") == released[each].get("outputs") for each in others)


def test_nothing_lies_about():
    assert list(strays(FOLDER)) == []


def test_the_assignments_are_worth_what_the_contract_says():
    assert {name: sum(e.points for e in course.exercises(name)) for name in course.assignments()} == POINTS


def test_an_unknown_name_is_told_with_those_that_there_are():
    with pytest.raises(course.UnknownNameError, match="softmax"):
        course.exercise("softmx")
    with pytest.raises(course.UnknownNameError, match="04_softmax"):
        course.exercises("04")
