"""Whether index, notebooks, visible tests and known answers of an assignment say the same."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from grader import course
from grader.author.cells import Notebook, marked, source_notebook
from grader.course import Exercise
from grader.excerpts import names_of
from grader.explanations import explanations
from grader.folder import CourseFolder
from grader.notebook.normal import source_text
from grader.notebook.solutions import SETUP_CELL

KNOWN_ANSWERS = 6
DRILL_MISTAKES = 3
"""So many mistakes are enough for a drill, an exercise of one point."""
_NUDGE_WORDS = range(5, 41)
_EXPLANATION_WORDS = range(80, 161)


def disagreements(folder: CourseFolder, assignment: str) -> Iterator[str]:
    """A sentence for each thing that two places say differently, or that is missing."""
    missing = [path for path in _files(folder, assignment) if not path.is_file()]
    yield from (f"{path} is missing" for path in missing)
    if missing:
        return
    source, released = source_notebook(folder, assignment), folder.released_notebook(assignment)
    for each in course.exercises(assignment):
        yield from _cells_of(each, source, "source")
        yield from _cells_of(each, released, "assignments")
        yield from _words_of(each, source)
        yield from _known_answers_of(each, folder)
    yield from _odd_cells(assignment, source)
    yield from _visible(folder, assignment)


def _files(folder: CourseFolder, assignment: str) -> tuple[Path, ...]:
    return (
        folder.source(assignment),
        folder.visible_suite(assignment),
        folder.released(assignment),
        folder.hidden_suite(assignment),
        folder.solution(assignment),
        folder.mistakes(assignment),
        folder.variants(assignment),
    )


def _cells_of(about: Exercise, notebook: Notebook, where: str) -> Iterator[str]:
    cells = marked(notebook)
    for name, wanted in (
        (about.solution_cell, {"solution": True, "grade": False}),
        (about.test_cell, {"solution": False, "grade": True, "locked": True, "points": about.points}),
    ):
        if name not in cells:
            yield f"{where}: there is no cell with the grade_id `{name}`"
            continue
        marks = cells[name]["metadata"]["nbgrader"]
        yield from (
            f"{where}: cell `{name}` has {key} {marks.get(key)!r}, expected {value!r}"
            for key, value in wanted.items()
            if marks.get(key) != value
        )
    order = list(cells)
    if {about.solution_cell, about.test_cell} <= cells.keys():
        if order.index(about.solution_cell) > order.index(about.test_cell):
            yield f"{where}: `{about.test_cell}` stands before `{about.solution_cell}`"
        if where == "assignments" and "raise NotImplementedError" not in source_text(cells[about.solution_cell]):
            yield f"{where}: cell `{about.solution_cell}` holds no stub"


def _words_of(about: Exercise, source: Notebook) -> Iterator[str]:
    line = statement(about)
    if not any(f"`{about.name}`" in source_text(cell) and line in source_text(cell) for cell in source["cells"]):
        yield f"source: no cell names `{about.name}` and says {line}"
    if len(about.nudge.split()) not in _NUDGE_WORDS:
        yield f"index: the nudge of `{about.name}` has {len(about.nudge.split())} words, expected 5 to 40"
    if len(about.explanation.split()) not in _EXPLANATION_WORDS:
        yield f"index: the explanation of `{about.name}` has {len(about.explanation.split())} words, expected 80 to 160"


def statement(about: Exercise) -> str:
    """How a notebook states what an exercise is worth and asks of a student's time."""
    stars = "★" * about.difficulty + "☆" * (3 - about.difficulty)
    worth = f"{about.points:g} point{'' if about.points == 1 else 's'}"
    return f"*Difficulty {stars} · about {about.minutes} minutes · {worth}*"


def _known_answers_of(about: Exercise, folder: CourseFolder) -> Iterator[str]:
    enough = DRILL_MISTAKES if about.points == 1 else KNOWN_ANSWERS
    for path, kind, least in (
        (folder.mistakes(about.assignment), "mistakes", enough),
        (folder.variants(about.assignment), "unusual right answers", KNOWN_ANSWERS),
    ):
        found = len(names_of(path).get(about.name, []))
        if found < least:
            yield f"{path}: `{about.name}` has {found} {kind}, expected at least {least}"


def _odd_cells(assignment: str, source: Notebook) -> Iterator[str]:
    expected = {SETUP_CELL} | {n for e in course.exercises(assignment) for n in (e.solution_cell, e.test_cell)}
    yield from (f"source: cell `{n}` is marked, but no exercise's" for n in marked(source) if n not in expected)
    if SETUP_CELL not in marked(source):
        yield f"source: there is no cell with the grade_id `{SETUP_CELL}`"


def _visible(folder: CourseFolder, assignment: str) -> Iterator[str]:
    path = folder.visible_suite(assignment)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    tested = {word for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) for word in _marks_of(node)}
    yield from (f"{path}: no test for `{e.name}`" for e in course.exercises(assignment) if e.name not in tested)
    known = {name for texts in explanations(folder.mistakes(assignment)).values() for name in texts}
    yield from (f"{path}: there is no mistake `{name}`" for name in sorted(named_mistakes(tree) - known))


def _marks_of(node: ast.FunctionDef) -> Iterator[str]:
    for each in node.decorator_list:
        if isinstance(each, ast.Call) and ast.unparse(each.func) == "pytest.mark.exercise":
            yield from (str(argument.value) for argument in each.args if isinstance(argument, ast.Constant))


def named_mistakes(tree: ast.AST) -> set[str]:
    """The mistakes that a suite names: keys of what is called `mistaken`, and what is passed as `mistake`."""
    values, names = [], set()
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "mistaken":
            values.append(node.value)
        elif isinstance(node, ast.keyword) and node.arg == "mistake" and isinstance(node.value, ast.Constant):
            names.add(str(node.value.value))
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "mistaken":
            values.append(node.value)
    tables = [each for value in values for each in ast.walk(value) if isinstance(each, ast.Dict)]
    keys = (key for table in tables for key in table.keys if isinstance(key, ast.Constant))
    return names | {key.value for key in keys if isinstance(key.value, str)}
