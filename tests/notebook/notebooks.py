"""Small notebooks for the tests of reading and repairing: two exercises as they are released."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

Cell = dict[str, Any]
Notebook = dict[str, Any]

SETUP = "import torch\nfrom grader import check, hint"
ANSWER = "def softmax(x):\n    return x.exp() / x.exp().sum(-1, keepdim=True)"


def stub(name: str) -> str:
    return f"def {name}(x):\n    raise NotImplementedError"


def test_source(name: str) -> str:
    return f'# The points of this exercise: after you hand in, the hidden tests decide them.\ncheck("{name}", {name})'


test_source.__test__ = False  # type: ignore[attr-defined]  # a builder, whatever its name


def code(source: str, **metadata: Any) -> Cell:
    return {"cell_type": "code", "metadata": metadata, "source": source, "outputs": [], "execution_count": None}


def markdown(source: str, **metadata: Any) -> Cell:
    return {"cell_type": "markdown", "metadata": metadata, "source": source}


def marks(grade_id: str, **flags: Any) -> dict[str, Any]:
    plain = {"grade": False, "locked": False, "solution": False, "task": False, "schema_version": 3}
    return {**plain, "grade_id": grade_id, "checksum": "0" * 32, **flags}


def exercise(name: str) -> list[Cell]:
    return [
        code(stub(name), nbgrader=marks(name, solution=True)),
        code(test_source(name), nbgrader=marks(f"test_{name}", grade=True, locked=True, points=4.0)),
    ]


def notebook(*cells: Cell, **metadata: Any) -> Notebook:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    numbered = [{"id": f"id-{number}", **cell} for number, cell in enumerate(cells)]
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel, **metadata}, "cells": numbered}


def released() -> Notebook:
    """title, `setup`, text, `softmax`, `test_softmax`, text, `nll`, `test_nll`."""
    setup = code(SETUP, deletable=False, editable=False, nbgrader=marks("setup", locked=True))
    first, second = markdown("## Scores to shares"), markdown("## The loss")
    return notebook(markdown("# Softmax"), setup, first, *exercise("softmax"), second, *exercise("nll"))


def changed(change: Callable[[list[Cell]], Any]) -> Notebook:
    """The released notebook after `change` did something to its list of cells."""
    result = copy.deepcopy(released())
    change(result["cells"])
    return result


def at(cells: list[Cell], grade_id: str) -> int:
    """Where the cell of this `grade_id` stands."""
    return names(cells).index(grade_id)


def names(cells: list[Cell]) -> list[str]:
    """Each cell's `grade_id`, empty for an ordinary one."""
    return [cell["metadata"].get("nbgrader", {}).get("grade_id", "") for cell in cells]


def sources(cells: list[Cell]) -> list[str]:
    return [cell["source"] for cell in cells]
