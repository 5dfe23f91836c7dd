"""The course is whole: index, notebooks, suites, known answers and what is released agree."""

from __future__ import annotations

import ast
import json
import re
import zipfile
from pathlib import Path

import pytest
from tests_support import ROOT

from grader import course
from grader.excerpts import names_of
from grader.explanations import explanations
from grader.folder import CourseFolder
from grader.notebook.solutions import solution_module

FOLDER = CourseFolder(ROOT)
ASSIGNMENTS = course.assignments()
EXERCISES = [each for name in ASSIGNMENTS for each in course.exercises(name)]
named = pytest.mark.parametrize("exercise", EXERCISES, ids=lambda each: each.name)
each_assignment = pytest.mark.parametrize("assignment", ASSIGNMENTS)


def notebook(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def marked_cells(path: Path) -> dict[str, dict]:
    cells = notebook(path)["cells"]
    return {c["metadata"]["nbgrader"]["grade_id"]: c for c in cells if "nbgrader" in c["metadata"]}


@named
def test_every_exercise_has_its_two_cells_and_its_points(exercise):
    for path in (FOLDER.source(exercise.assignment), FOLDER.released(exercise.assignment)):
        cells = marked_cells(path)
        solution, test = (cells[name]["metadata"]["nbgrader"] for name in (exercise.name, exercise.test_cell))
        assert (solution["solution"], solution["grade"]) == (True, False)
        assert (test["solution"], test["grade"], test["locked"], test["points"]) == (False, True, True, exercise.points)


@named
def test_the_test_cell_stands_behind_the_solution_cell(exercise):
    order = list(marked_cells(FOLDER.source(exercise.assignment)))
    assert order.index(exercise.name) < order.index(exercise.test_cell)


@named
def test_the_notebook_states_difficulty_minutes_and_points_as_the_index_has_them(exercise):
    stars = "★" * exercise.difficulty + "☆" * (3 - exercise.difficulty)
    line = f"*Difficulty {stars} · about {exercise.minutes} minutes · {exercise.points:g} points*"
    texts = ["".join(cell["source"]) for cell in notebook(FOLDER.source(exercise.assignment))["cells"]]
    assert any(f"`{exercise.name}`" in text and line in text for text in texts)


@each_assignment
def test_a_notebook_has_no_other_marked_cells(assignment):
    expected = {"setup"} | {n for e in course.exercises(assignment) for n in (e.solution_cell, e.test_cell)}
    assert set(marked_cells(FOLDER.source(assignment))) == expected


@each_assignment
def test_released_notebooks_hold_stubs_and_no_line_of_a_solution(assignment):
    released = FOLDER.released(assignment).read_text(encoding="utf-8")
    assert "SOLUTION" not in released
    for exercise in course.exercises(assignment):
        assert "raise NotImplementedError" in "".join(
            marked_cells(FOLDER.released(assignment))[exercise.name]["source"]
        )
    for line in solution_lines(assignment):
        assert line not in released


def solution_lines(assignment: str) -> list[str]:
    """The lines that stand between the markers: long enough to be nobody's accident."""
    found = []
    for cell in marked_cells(FOLDER.source(assignment)).values():
        inside = re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", "".join(cell["source"]), re.DOTALL)
        found += [line.strip() for block in inside for line in block.splitlines() if len(line.strip()) > 20]
    assert found, "no solution lines were found: the check would hold nothing"
    return found


@each_assignment
def test_solutions_are_those_of_the_source_notebook(assignment):
    derived = solution_module(notebook(FOLDER.source(assignment)), assignment)
    assert FOLDER.solution(assignment).read_text(encoding="utf-8") == derived


@each_assignment
def test_releasing_again_changes_nothing(assignment, released_course):
    for path in sorted((ROOT / "assignments" / assignment).iterdir()):
        again = released_course / "assignments" / assignment / path.name
        assert again.read_bytes() == path.read_bytes(), f"run `grader release {assignment}` and commit"


@named
def test_every_exercise_has_enough_known_answers(exercise):
    mistakes = names_of(FOLDER.mistakes(exercise.assignment))[exercise.name]
    variants = names_of(FOLDER.variants(exercise.assignment))[exercise.name]
    assert len(mistakes) >= 6
    assert len(variants) >= 6


@each_assignment
def test_every_mistake_named_in_a_visible_test_is_known(assignment):
    known = {name for texts in explanations(FOLDER.mistakes(assignment)).values() for name in texts}
    tree = ast.parse(FOLDER.visible_suite(assignment).read_text(encoding="utf-8"))
    values = [n.value for n in ast.walk(tree) if isinstance(n, ast.keyword) and n.arg == "mistaken"]
    values += [n.value for n in ast.walk(tree) if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == "mistaken"]
    tables = [table for value in values for table in ast.walk(value) if isinstance(table, ast.Dict)]
    used = {
        key.value
        for table in tables
        for key in table.keys
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    }
    assert used
    assert used <= known


@named
def test_hints_are_a_nudge_and_an_explanation_of_80_to_160_words(exercise):
    assert 5 <= len(exercise.nudge.split()) <= 40
    assert 80 <= len(exercise.explanation.split()) <= 160


def test_an_unknown_name_is_told_with_those_that_there_are():
    with pytest.raises(course.UnknownNameError, match="softmax"):
        course.exercise("softmx")
    with pytest.raises(course.UnknownNameError, match="04_softmax"):
        course.exercises("04")


def test_the_wheel_holds_no_solution_no_mistake_and_no_hidden_suite(tmp_path):
    import subprocess
    import sys

    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    names = zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist()
    assert "grader/index/04_softmax.toml" in names
    assert "grader/panel/panel.css" in names
    assert all(name.startswith(("grader/", "grader-")) for name in names), names
