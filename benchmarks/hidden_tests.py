"""The hidden suite as ordinary test cells of stock nbgrader: `points("softmax", globals())` is such a cell.

It does the same work as the jail's judge, in the student's own kernel: the same cases on the same inputs, compared with
the references by the same rules.
"""

from __future__ import annotations

import importlib.util
import inspect
import os
from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

from grader.folder import CourseFolder
from grader.judge.references import References
from grader.judge.suite import Case, Suite, make_case
from grader.judge.world import LocalWorld


def points(exercise: str, names: dict[str, Any]) -> float:
    """What the answer in a notebook's names is worth, as a test cell's last value."""
    folder, assignment = CourseFolder(Path(os.environ["BENCH_COURSE"])), os.environ["BENCH_ASSIGNMENT"]
    world = LocalWorld(names, lambda file: "ipykernel" in file)
    references = _references(folder, assignment)
    graded = load_suite(folder.hidden_suite(assignment)).grade(
        exercise, world, references.expected, folder.seed(assignment)
    )
    return graded.verdict.points


@cache
def _references(folder: CourseFolder, assignment: str) -> References:
    return References(folder, assignment)


@cache
def load_suite(path: Path) -> Suite:
    """A hidden suite without pytest's collector."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    functions = [f for name, f in vars(module).items() if name.startswith("test_") and inspect.isfunction(f)]
    return Suite(tuple(case for function in functions for case in _cases(function)))


def _cases(function: Any) -> Iterator[Case]:
    marks = getattr(function, "pytestmark", [])
    exercise = next((mark for mark in marks if mark.name == "exercise"), None)
    axes = [list(_axis(mark)) for mark in marks if mark.name == "parametrize"]
    for combination in product(*axes):
        # pytest joins the ids of stacked marks from the innermost one out, and inputs are drawn from the name
        name = "-".join(each for each, _ in combination)
        parameters = {key: value for _, values in combination for key, value in values.items()}
        yield make_case(f"{function.__name__}[{name}]" if name else function.__name__, function, exercise, parameters)


def _axis(mark: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    names, values = mark.args[:2]
    names = [each.strip() for each in names.split(",")] if isinstance(names, str) else list(names)
    ids = mark.kwargs.get("ids")
    for i, value in enumerate(values):
        row = (value,) if len(names) == 1 else tuple(value)
        text = ids(value) if callable(ids) else ids[i] if ids else "-".join(map(str, row))
        yield str(text), dict(zip(names, row, strict=True))
