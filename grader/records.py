"""What stays of a graded submission: its verdict as JSON, and its notebook with outputs, panels and points."""

from __future__ import annotations

import json
from typing import Any

from grader import course
from grader.folder import CourseFolder, write_atomically
from grader.jail.notice import is_weak
from grader.judge.submission import GradedSubmission
from grader.notebook.marks import grade_id, is_test
from grader.panel import Audience, exercise_html, exercise_text, submission_html, submission_text
from grader.verdict import ExerciseVerdict, Verdict


def keep_verdict(folder: CourseFolder, verdict: Verdict) -> None:
    """Writes `verdicts/ASSIGNMENT/STUDENT.json`, for staff: it holds the seed and what was expected."""
    path = folder.verdict(verdict.assignment, verdict.student)
    # ASCII: whoever prints the file in a terminal meets no escape and no lone surrogate of an exception's text
    write_atomically(path, json.dumps(verdict.to_json(), indent=1) + "\n", mode=0o600)


def with_results(notebook: dict[str, Any], graded: GradedSubmission) -> dict[str, Any]:
    """A copy of the notebook in which every cell shows what it came to, and every test cell ends in its points."""
    result = {**notebook, "cells": [dict(cell) for cell in notebook["cells"]]}
    exercises = {course.exercise(each.name).test_cell: each for each in graded.verdict.exercises}
    for index, cell in enumerate(result["cells"]):
        if cell["cell_type"] != "code":
            continue
        exercise = exercises.get(grade_id(cell))
        cell["outputs"] = graded.outputs.get(index, []) if exercise is None else _panel_and_points(exercise)
    if graded.verdict.repairs or graded.verdict.problem or graded.verdict.flags or is_weak(graded.verdict):
        _say_first(result, graded.verdict)
    return result


def _panel_and_points(exercise: ExerciseVerdict) -> list[dict[str, Any]]:
    text = exercise_text(exercise, audience=Audience.STUDENT)
    panel = _display(text, exercise_html(exercise, audience=Audience.STUDENT))
    # nbgrader reads the points from a plain float as the cell's result, and from nothing else safely
    points = {"output_type": "execute_result", "data": {"text/plain": repr(float(exercise.points))}, "metadata": {}}
    return [panel, {**points, "execution_count": None}]


def _say_first(notebook: dict[str, Any], verdict: Verdict) -> None:
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code" and not is_test(cell):
            text = submission_text(verdict, audience=Audience.STUDENT)
            cell["outputs"] = [_display(text, submission_html(verdict, audience=Audience.STUDENT)), *cell["outputs"]]
            return


def _display(text: str, html: str) -> dict[str, Any]:
    return {"output_type": "display_data", "data": {"text/html": html, "text/plain": text}, "metadata": {}}
