"""Classes of mangled submissions are graded to the end by `grader autograde`, and nobody pays for an accident twice."""

from __future__ import annotations

import json
from collections import Counter

import nbformat
import pytest
from mangled.corpus import CLASSES
from mangled.graded import GradedClass

from grader.notebook.repair import grade_id


@pytest.fixture(params=CLASSES)
def graded(request, grade) -> GradedClass:
    return grade(request.param)


def test_the_run_ends_as_one_in_which_nothing_happened(graded):
    assert graded.done.returncode == 0, graded.done.stdout[-3000:] + graded.done.stderr[-3000:]


def test_nobody_is_missing(graded):
    assert set(graded.points) == set(graded.due)
    assert {tuple(sorted(points)) for points in graded.points.values()} == {tuple(sorted(graded.best))}


def test_answers_that_were_not_harmed_have_all_of_their_points(graded):
    lost = {
        student: {name: points for name, points in graded.points[student].items() if points != graded.best[name]}
        for student, due in graded.due.items()
        if not due.reason and any(graded.points[student][name] != graded.best[name] for name in due.keeps)
    }
    assert lost == {}


def test_answers_of_which_nothing_is_left_have_none(graded):
    given = {
        student: {name: graded.points[student][name] for name in due.gone}
        for student, due in graded.due.items()
        if any(graded.points[student][name] for name in due.gone)
    }
    assert given == {}


def test_a_file_that_is_no_notebook_has_a_reason_that_names_it_and_the_remedy(graded):
    refused = {student: graded.verdict(student) for student, due in graded.due.items() if due.reason}
    for student, verdict in refused.items():
        named, remedy = verdict["problem"].split(". ", 1)
        assert named.startswith(f"`{graded.assignment}.ipynb` ")
        assert graded.due[student].reason in verdict["problem"], student
        assert remedy.endswith(".")
        assert {each["outcome"] for each in verdict["exercises"]} == {"could not check"}
        assert set(graded.points[student].values()) == {0.0}


def test_every_other_file_is_read(graded):
    refused = {student: graded.verdict(student)["problem"] for student, due in graded.due.items() if not due.reason}
    assert {student: problem for student, problem in refused.items() if problem} == {}


def test_the_gradebook_has_the_points_of_the_verdicts(graded):
    for student, points in graded.points.items():
        assert points == {each["name"]: each["points"] for each in graded.verdict(student)["exercises"]}


def test_every_autograded_notebook_is_valid_and_has_all_marked_cells_once(graded):
    released = graded.folder.released_notebook(graded.assignment)
    wanted = Counter(grade_id(cell) for cell in released["cells"] if grade_id(cell))
    for student in graded.due:
        notebook = json.loads(graded.autograded(student).read_text(encoding="utf-8"))
        nbformat.validate(notebook)
        assert Counter(grade_id(cell) for cell in notebook["cells"] if grade_id(cell)) == wanted, student


def test_what_was_handed_in_is_left_as_it_was(graded):
    for student, due in graded.due.items():
        assert graded.folder.submission(graded.assignment, student).read_bytes() == due.content


def test_there_are_unharmed_neighbours_from_the_first_to_the_last(graded):
    unharmed = [student for student, due in graded.due.items() if due.name == "unharmed"]
    assert {min(graded.due), max(graded.due)} <= set(unharmed)
    assert [graded.points[student] for student in unharmed] == [graded.best] * len(unharmed)
