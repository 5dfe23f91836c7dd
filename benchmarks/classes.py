"""The class that is graded: right, wrong and unusual answers, some that hang, some that are mangled."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from grader import course
from grader.author.cells import reference_answers
from grader.demo_class import students
from grader.excerpts import answer_source, names_of
from grader.folder import CourseFolder
from grader.notebook.repair import grade_id

HANGING, MANGLED = 3, 3
RIGHT_SHARE, UNUSUAL_SHARE = 0.4, 0.2
"""Of the others; the rest makes one known mistake each."""

TROUBLE = ("hangs", "mangled")
"""The names of those that stock nbgrader cannot grade, or only waits for, begin like this."""


def hand_in(folder: CourseFolder, assignment: str, n: int) -> tuple[str, ...]:
    """Hands in for `n` students; returns their names."""
    released = folder.released_notebook(assignment)
    names = []
    for student, notebook in _class(folder, assignment, released, n):
        path = folder.submission(assignment, student)
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(notebook, indent=1), encoding="utf-8")
        names.append(student)
    return tuple(names)


def _class(folder: CourseFolder, assignment: str, released: Any, n: int) -> Iterator[tuple[str, Any]]:
    known = students()
    plain = n - HANGING - MANGLED
    right, unusual = round(plain * RIGHT_SHARE), round(plain * UNUSUAL_SHARE)
    solved = reference_answers(folder, assignment)
    for i in range(right):
        yield f"right{i:05}", _filled(released, solved)
    for i, answer in enumerate(islice(cycle(_known(folder, assignment, folder.variants(assignment))), unusual)):
        yield f"unusual{i:05}", _filled(released, {**solved, **answer})
    wrong = cycle(_known(folder, assignment, folder.mistakes(assignment)))
    for i, answer in enumerate(islice(wrong, plain - right - unusual)):
        yield f"wrong{i:05}", _filled(released, {**solved, **answer})
    for i in range(HANGING):
        yield f"hangs{i:05}", known["loop"](folder, assignment, copy.deepcopy(released))
    for i in range(MANGLED):
        yield f"mangled{i:05}", known["mangled"](folder, assignment, copy.deepcopy(released))


def _known(folder: CourseFolder, assignment: str, path: Path) -> list[dict[str, str]]:
    """Each known answer of a file, in turn of its exercises: `{exercise: source}`."""
    by_exercise = [[(e, name) for name in names] for e, names in names_of(path).items()]
    longest = max(map(len, by_exercise))
    turns = [row[i] for i in range(longest) for row in by_exercise if i < len(row)]
    return [{course.exercise(e).solution_cell: answer_source(path, name, e)} for e, name in turns]


def _filled(released: Any, answers: dict[str, str]) -> Any:
    notebook = copy.deepcopy(released)
    for cell in notebook["cells"]:
        if grade_id(cell) in answers:
            cell["source"] = answers[grade_id(cell)]
    return notebook
