"""Attacks by what nbgrader notes in a notebook: ids, flags, points, locks, order, and stored results."""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.preprocessors import CheckCellMetadata
from nbgrader.utils import determine_grade

from attacks.attack import FIRST, Bite, Chapter, Notebook, code
from grader.author.cells import marked

NOTEBOOK = Chapter("notebook")

SOFTMAX = """
def softmax(x):
    powers = torch.exp(x - x.amax(-1, keepdim=True))
    return powers / powers.sum(-1, keepdim=True)
"""
NLL = """
def nll(log_p, labels):
    return -log_p[torch.arange(len(labels)), labels].mean()
"""
ZEROS = """
def softmax(x):
    return torch.zeros_like(x)
"""
RIGHT = {"softmax": SOFTMAX}
FULL = 4.0
"""Points of a right softmax."""

Change = Callable[[Notebook], Notebook]


def cell(grade_id: str, source: str, **marks: Any) -> dict[str, Any]:
    """A code cell with nbgrader's marks, those of a cell that earns points by hand where nothing else is said."""
    usual = {"grade": True, "solution": True, "locked": False, "task": False, "schema_version": 3}
    found = {"grade_id": grade_id, "cell_type": "code", "points": 50, **usual, **marks}
    made = {"cell_type": "code", "id": f"made-{grade_id}", "metadata": {"nbgrader": found}, "outputs": []}
    return {**made, "source": code(source), "execution_count": None}


def with_marks(name: str, **changes: Any) -> Change:
    """The notebook with other marks on one cell."""

    def change(notebook: Notebook) -> Notebook:
        marked(notebook)[name]["metadata"]["nbgrader"].update(changes)
        return notebook

    return change


def with_source(name: str, source: str, **changes: Any) -> Change:
    """The notebook with another text in one cell, and perhaps other marks on it."""

    def change(notebook: Notebook) -> Notebook:
        marked(notebook)[name]["source"] = code(source)
        return with_marks(name, **changes)(notebook)

    return change


def with_more(*cells: dict[str, Any]) -> Change:
    """The notebook with cells at its end."""
    return lambda notebook: {**notebook, "cells": [*notebook["cells"], *copy.deepcopy(cells)]}


def copies_of(name: str, number: int) -> Change:
    def change(notebook: Notebook) -> Notebook:
        more = [{**copy.deepcopy(marked(notebook)[name]), "id": f"copy-{each}"} for each in range(number)]
        return with_more(*more)(notebook)

    return change


def with_result(name: str, text: str, source: str = "", **changes: Any) -> Change:
    """The notebook with a stored result in one cell, as if it had been graded already."""

    def change(notebook: Notebook) -> Notebook:
        found = marked(notebook)[name]
        found["outputs"] = [
            {"output_type": "display_data", "data": {"text/plain": f"softmax: {text} of 4 points"}, "metadata": {}},
            {"output_type": "execute_result", "data": {"text/plain": text}, "metadata": {}, "execution_count": 1},
        ]
        found["source"] = code(source) or found["source"]
        return with_marks(name, **changes)(notebook)

    return change


def turned_into_text(notebook: Notebook) -> Notebook:
    for name in ("test_softmax", "test_log_softmax", "test_nll", "setup"):
        found = marked(notebook)[name]
        found["cell_type"] = "markdown"
        del found["outputs"], found["execution_count"]
    return notebook


def turned_round(notebook: Notebook) -> Notebook:
    """All tests first, then the answers, and the imports last of all."""
    known = marked(notebook)
    tests = [each for name, each in known.items() if name.startswith("test_")]
    answers = [each for name, each in known.items() if name in ("softmax", "log_softmax", "nll")]
    return {**notebook, "cells": [*tests, *reversed(answers), known["setup"]]}


def without_tests(notebook: Notebook) -> Notebook:
    dropped = [each for name, each in marked(notebook).items() if name.startswith("test_") or name == "setup"]
    return {**notebook, "cells": [each for each in notebook["cells"] if each not in dropped]}


def with_swapped_ids(notebook: Notebook) -> Notebook:
    """The right answer to the easy exercise is tested twice, once in the place of the dear one."""
    return with_marks("test_softmax", grade_id="test_nll")(notebook)


def with_forged_notes(notebook: Notebook) -> Notebook:
    """What the kit itself, nbgrader or a browser might have noted about a graded notebook."""
    verdict = {"points": 8.0, "max_points": 8.0, "outcome": "passed", "exercises": [{"name": "softmax", "points": 4}]}
    notebook["metadata"] |= {"grader": {"verdict": verdict, "policy": "warn", "seed": 1}, "nbgrader": verdict}
    for each in notebook["cells"]:
        each["metadata"] |= {"grader": verdict, "points": 4, "score": 4}
    for name in ("softmax", "test_softmax"):
        marked(notebook)[name]["metadata"]["nbgrader"] |= {"score": 4.0, "auto_score": 4.0, "manual_score": 4.0}
    return notebook


def stock_says(name: str, change: Change) -> Callable[[Path], str]:
    """A control: the score that nbgrader itself reads from a cell of the changed notebook."""

    def control(_: Path) -> str:
        score, most = determine_grade(_stock(change).cells[0 if name == "" else _at(change, name)], logging.getLogger())
        return f"nbgrader reads {score} of {most} points" if score is None or not score <= FULL or score > 0 else ""

    return control


def stock_stops(change: Change) -> Callable[[Path], str]:
    """A control: nbgrader's own check of a notebook ends its run by an error."""

    def control(_: Path) -> str:
        try:
            CheckCellMetadata().preprocess(_stock(change), {})
        except Exception as error:
            return f"nbgrader stops: {type(error).__name__}"
        return ""

    return control


def _base() -> Notebook:
    """What nbgrader cares about in the released notebook."""
    tests = [
        cell(f"test_{name}", "pass", solution=False, locked=True, points=points, checksum="")
        for name, points in (("softmax", 4), ("log_softmax", 2), ("nll", 2))
    ]
    answers = [cell(name, "pass", grade=False, points=None) for name in ("setup", "softmax", "log_softmax", "nll")]
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [*answers, *tests]}


def _stock(change: Change) -> Any:
    return nbformat.from_dict(change(_base()))


def _at(change: Change, name: str) -> int:
    ids = [each["metadata"].get("nbgrader", {}).get("grade_id") for each in change(_base())["cells"]]
    return ids.index(name)


NAN = with_marks("test_softmax", points=float("nan"))
STORED = with_result("test_softmax", "4.0")
BARE_NUMBER = with_result("test_softmax", "100.0", "100.0", points=100)
FUTURE = with_marks("softmax", schema_version=99)
COPIES = copies_of("softmax", 1)


def with_a_list_for_marks(notebook: Notebook) -> Notebook:
    known = marked(notebook)
    for name in ("test_softmax", "setup"):
        known[name]["metadata"]["nbgrader"] = ["grade", 4]
    return notebook


POINTS = (
    NOTEBOOK.attack("copies its passed test cell thirty times", RIGHT, "points for each copy", Bite.POINTS,
                    mangle=copies_of("test_softmax", 30), honest=FULL, caught="31 times"),
    NOTEBOOK.attack("writes that an exercise is worth a thousand points", RIGHT, "1,000 points", Bite.POINTS,
                    mangle=with_marks("test_softmax", points=1000), honest=FULL, caught="other nbgrader metadata"),
    NOTEBOOK.attack("writes that an exercise is worth infinitely many points", RIGHT, "points without end", Bite.POINTS,
                    mangle=with_marks("test_softmax", points=float("inf")), honest=FULL, caught="other nbgrader metadata"),
    NOTEBOOK.attack("writes points that are a text", RIGHT, "1,000,000 points", Bite.POINTS,
                    mangle=with_marks("test_softmax", points="1e6"), honest=FULL, caught="other nbgrader metadata"),
    NOTEBOOK.attack("writes points that are no number", RIGHT, "a sum that nothing compares with", Bite.POINTS,
                    mangle=NAN, control=stock_says("test_softmax", NAN), honest=FULL, caught="other nbgrader metadata"),
    NOTEBOOK.attack("marks its own answer as one that earns a hundred points", {"softmax": ZEROS}, "100 points",
                    Bite.POINTS, mangle=with_marks("softmax", grade=True, points=100),
                    caught="other nbgrader metadata"),
    NOTEBOOK.attack("makes the test cell an answer of its own", {"softmax": ZEROS}, "points for a cell without a test",
                    Bite.POINTS, mangle=with_source("test_softmax", "pass", solution=True, locked=False),
                    caught="other nbgrader metadata"),
    NOTEBOOK.attack("invents an exercise", {}, "50 points", Bite.POINTS,
                    mangle=with_more(cell("bonus", "pass"), cell("../../gradebook\x1b[2J<b>", "pass")),
                    caught="has no cell of the name `bonus`"),
    NOTEBOOK.attack("has the easy exercise tested in the place of the dear one", {FIRST: f"import torch\n{NLL}", "nll": NLL}, "the dear one's points",
                    Bite.POINTS, mangle=with_swapped_ids, honest=2.0),
    NOTEBOOK.attack("replaces a locked test cell by the bare number 100.0", {"softmax": ZEROS}, "100 points",
                    Bite.POINTS, mangle=BARE_NUMBER, control=stock_says("test_softmax", BARE_NUMBER), caught="edited"),
    NOTEBOOK.attack("stores a result in its test cell that looks like the grader's own", {"softmax": ZEROS},
                    "points by a stored output", Bite.POINTS, mangle=STORED, control=stock_says("test_softmax", STORED)),
    NOTEBOOK.attack("ends its answer in the number of its points", {"softmax": ZEROS + "\nprint('softmax: 4 of 4 points')\n4.0"},
                    "points by an output", Bite.POINTS,
                    mangle=with_marks("softmax", grade=True, solution=False, points=4),
                    control=stock_says("softmax", with_result("softmax", "4.0", grade=True, solution=False, points=4))),
    NOTEBOOK.attack("forges the notes of a graded notebook", {"softmax": ZEROS}, "points by metadata", Bite.NONE,
                    mangle=with_forged_notes, note="nobody reads them; held here so that nobody begins to"),
)  # fmt: skip

LOCKS = (
    NOTEBOOK.attack(
        "writes a patched torch into the locked cell with the imports",
        {"softmax": ZEROS},
        "points for zeros",
        Bite.POINTS,
        mangle=with_source("setup", "import torch\ntorch.allclose = lambda *_, **__: True"),
        caught="edited",
    ),
    NOTEBOOK.attack(
        "turns test and locked cells into text", RIGHT, "an exercise that nothing tests", Bite.POINTS,
        mangle=turned_into_text, control=stock_says("test_softmax", turned_into_text), honest=FULL,
        caught="turned into a markdown cell",
    ),
    NOTEBOOK.attack("puts tests first, imports last, and answers in reverse", RIGHT, "a run that stops", Bite.NONE,
                    mangle=turned_round, honest=FULL, note="it harms only itself there; here its answer counts"),
    NOTEBOOK.attack("deletes test cells and imports", RIGHT, "an exercise that nothing tests", Bite.NONE,
                    mangle=without_tests, honest=FULL, caught="was missing",
                    note="it harms only itself there; here its answer counts"),
    NOTEBOOK.attack("has a second cell of the same name", RIGHT, "the class: stock nbgrader stops at it", Bite.POINTS,
                    mangle=lambda notebook: with_more(_stub_of(notebook))(notebook), control=stock_stops(COPIES),
                    honest=FULL, caught="twice"),
    NOTEBOOK.attack("claims marks of a later version", RIGHT, "the class: stock nbgrader stops at it", Bite.POINTS,
                    mangle=FUTURE, control=stock_stops(FUTURE), honest=FULL, caught="other nbgrader metadata"),
    NOTEBOOK.attack("has a list where the marks should be", RIGHT, "the class: stock nbgrader stops at it", Bite.POINTS,
                    mangle=with_a_list_for_marks, control=stock_stops(with_a_list_for_marks), honest=FULL,
                    caught="lost its nbgrader metadata"),
)  # fmt: skip


def _stub_of(notebook: Notebook) -> dict[str, Any]:
    stub = code('def softmax(x):\n    """e^x divided by the sum of e^x over the last axis; same shape as x."""')
    return {
        **copy.deepcopy(marked(notebook)["softmax"]),
        "id": "again",
        "source": f"{stub}\n    raise NotImplementedError",
    }


ATTACKS = (*POINTS, *LOCKS)
