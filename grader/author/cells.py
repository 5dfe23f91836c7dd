"""The marked cells of a course's notebooks, as the checks need them."""

from __future__ import annotations

import copy
import json
import re
from typing import Any

from grader import course
from grader.folder import CourseFolder
from grader.notebook.normal import normalised, source_text

Cell = dict[str, Any]
Notebook = dict[str, Any]

_INSIDE = re.compile(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", re.DOTALL)
_TELLING = 20
"""Lines of fewer characters may stand in a stub by chance."""


def source_notebook(folder: CourseFolder, assignment: str) -> Notebook:
    """The notebook that is edited by hand."""
    path = folder.source(assignment)
    return normalised(json.loads(path.read_text(encoding="utf-8")), path.name)


def marked(notebook: Notebook) -> dict[str, Cell]:
    """The cells that nbgrader knows, by their `grade_id`, in order."""
    found = ((cell["metadata"].get("nbgrader", {}).get("grade_id"), cell) for cell in notebook["cells"])
    return {name: cell for name, cell in found if name}


def solution_lines(notebook: Notebook) -> tuple[str, ...]:
    """The lines between the markers that are long enough to be nobody's accident, and no mere head of a block."""
    blocks = (block for cell in marked(notebook).values() for block in _INSIDE.findall(source_text(cell)))
    lines = (line.strip() for block in blocks for line in block.splitlines())
    return tuple(line for line in lines if len(line) > _TELLING and not line.endswith(":"))


def reference_answers(folder: CourseFolder, assignment: str) -> dict[str, str]:
    """{exercise: source of its solution cell}, each without the other exercises'."""
    cells = marked(source_notebook(folder, assignment))
    return {each.name: source_text(cells[each.solution_cell]) for each in course.exercises(assignment)}


def solved(folder: CourseFolder, assignment: str) -> Notebook:
    """The released notebook with the reference answers written in, as a student would."""
    notebook = copy.deepcopy(folder.released_notebook(assignment))
    cells = marked(notebook)
    for name, source in reference_answers(folder, assignment).items():
        cells[course.exercise(name).solution_cell]["source"] = source
    return notebook
