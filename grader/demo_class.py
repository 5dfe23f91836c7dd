"""The demonstration's class: a course folder of its own, and students with typical troubles who hand in."""

from __future__ import annotations

import copy
import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from grader import course
from grader.author.cells import reference_answers
from grader.excerpts import answer_source, names_of
from grader.folder import CourseFolder, NotACourseError
from grader.notebook.repair import grade_id

Notebook = dict[str, Any]
Maker = Callable[[CourseFolder, str, Notebook], Notebook | str]

_PARTS = ("source", "solutions", "tests/hidden", "nbgrader_config.py")


def course_in(target: Path | None) -> CourseFolder:
    """A copy of this checkout's course in `target`, or in a temporary folder."""
    home = CourseFolder.find()
    root = Path(tempfile.mkdtemp(prefix="grader-demo-")) if target is None else target.resolve()
    if target is not None and root.exists() and any(root.iterdir()):
        raise NotACourseError(f"{root} is not empty; the demo takes an empty or new folder")
    for part in _PARTS:
        source, goal = home.root / part, root / part
        if not source.exists():
            raise NotACourseError(f"{source} is missing; run the demo in a checkout of the kit")
        goal.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, goal, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, goal)
    return CourseFolder(root)


def hand_in(folder: CourseFolder, assignment: str) -> tuple[str, ...]:
    """Writes every student's submission; returns their names."""
    released = folder.released_notebook(assignment)
    for student, make in students().items():
        made = make(folder, assignment, copy.deepcopy(released))
        path = folder.submission(assignment, student)
        path.parent.mkdir(parents=True)
        path.write_text(made if isinstance(made, str) else json.dumps(made), encoding="utf-8")
    return tuple(students())


def students() -> dict[str, Maker]:
    """The students by name; what each of them does is the name of the function that makes the notebook."""
    return {
        "ada": _reference,
        "emmy": _unusual(0),
        "grace": _unusual(1),
        "katherine": _unusual(2),
        "alan": _mistaken(0, 0),
        "blaise": _mistaken(1, 1),
        "carl": _mistaken(2, 2),
        "leonhard": _mistaken(-1, 0),
        "pierre": _mistaken(0, 3),
        "thomas": _mistaken(1, 4),
        "ursula": _untouched,
        "vera": _syntax_error,
        "loop": _loops_for_ever,
        "rosalind": _raises,
        "mangled": _mangled,
        "mallory": _reads_the_answers,
        "torsten": _ready_made,
        "zip": _no_notebook,
    }


def _fill(notebook: Notebook, answers: dict[str, str]) -> Notebook:
    for cell in notebook["cells"]:
        if grade_id(cell) in answers:
            cell["source"] = answers[grade_id(cell)]
    return notebook


def _solved(folder: CourseFolder, assignment: str, notebook: Notebook) -> Notebook:
    return _fill(notebook, reference_answers(folder, assignment))


def _reference(folder: CourseFolder, assignment: str, notebook: Notebook) -> Notebook:
    return _solved(folder, assignment, notebook)


def _unusual(which: int) -> Maker:
    def make(folder: CourseFolder, assignment: str, notebook: Notebook) -> Notebook:
        path = folder.variants(assignment)
        answers = {
            exercise: answer_source(path, names[which % len(names)], exercise)
            for exercise, names in names_of(path).items()
        }
        return _fill(_solved(folder, assignment, notebook), answers)

    return make


def _mistaken(exercise: int, which: int) -> Maker:
    def make(folder: CourseFolder, assignment: str, notebook: Notebook) -> Notebook:
        path = folder.mistakes(assignment)
        every = names_of(path)
        name = list(every)[exercise % len(every)]
        wrong = every[name][which % len(every[name])]
        return _fill(_solved(folder, assignment, notebook), {name: answer_source(path, wrong, name)})

    return make


def _untouched(folder: CourseFolder, assignment: str, notebook: Notebook) -> Notebook:
    return notebook


_READY_MADE: dict[str, str] = {
    "binary_cross_entropy": (
        "def binary_cross_entropy(y, p):\n    return torch.nn.functional.binary_cross_entropy(p, y)"
    ),
    "softmax": "def softmax(x):\n    return torch.softmax(x, dim=-1)",
    "flatten": "def flatten(images):\n    return torch.nn.Flatten()(images)",
    "Linear": "class Linear(torch.nn.Linear):\n    pass",
}


def _ready_made(folder: CourseFolder, assignment: str, notebook: Notebook) -> Notebook:
    """Everything right, but for the exercises for which there is a ready-made function worth the temptation."""
    names = {each.name for each in course.exercises(assignment)}
    tempting = {name: source for name, source in _READY_MADE.items() if name in names}
    return _fill(_solved(folder, assignment, notebook), tempting)


def _changed(change: Callable[[str, str], str]) -> Maker:
    """Everything right, but for the first exercise, whose name and right source `change` turns into another."""

    def make(folder: CourseFolder, assignment: str, notebook: Notebook) -> Notebook:
        first = course.exercises(assignment)[0].name
        right = reference_answers(folder, assignment)[first]
        return _fill(_solved(folder, assignment, notebook), {first: change(first, right)})

    return make


_syntax_error = _changed(lambda name, right: right.replace("):", ")", 1))
_loops_for_ever = _changed(lambda name, right: f"def {name}(*inputs):\n    while True:\n        pass")
_raises = _changed(lambda name, right: f"{right}\n\n{name}(1 / 0)")


def _mangled(folder: CourseFolder, assignment: str, notebook: Notebook) -> Notebook:
    """All right, but the cells: one copied, the set-up deleted, an answer turned into text, a test edited."""
    notebook = _solved(folder, assignment, notebook)
    first, last = (course.exercises(assignment)[i] for i in (0, -1))
    by_name = {grade_id(cell): cell for cell in notebook["cells"] if grade_id(cell)}
    notebook["cells"].append(copy.deepcopy(by_name[first.test_cell]))
    notebook["cells"].remove(by_name["setup"])
    notebook["cells"].insert(0, {"cell_type": "code", "metadata": {}, "source": "import torch", "outputs": []})
    by_name[last.name] |= {"cell_type": "raw"}
    by_name[last.test_cell]["source"] = "100.0"
    return notebook


_HUNT = """import gc, glob, os, sys
roots = ("/", os.getcwd(), "/work", "/home", "/root")
found = [p for r in roots for p in glob.glob(r + "/**/solutions/*.py", recursive=True)]
found += [p for p in glob.glob("/**/tests/hidden/*.py", recursive=True)]
modules = [m for m in sys.modules if "solution" in m or "hidden" in m or "judge" in m]
print("answers found:", found, modules, [k for k in os.environ if "TOKEN" in k])"""


def _reads_the_answers(folder: CourseFolder, assignment: str, notebook: Notebook) -> Notebook:
    """Leaves the first exercise to what can be found on the machine; does the others."""
    first = course.exercises(assignment)[0].name
    stub = next(cell["source"] for cell in notebook["cells"] if grade_id(cell) == first)
    notebook = _fill(_solved(folder, assignment, notebook), {first: stub})
    notebook["cells"].insert(3, {"cell_type": "code", "metadata": {}, "source": _HUNT, "outputs": []})
    return notebook


def _no_notebook(folder: CourseFolder, assignment: str, notebook: Notebook) -> str:
    return json.dumps(notebook)[:1000]
