"""What becomes of a file on its way to the judge."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from tests_support import ROOT

from grader.judge.submission import HandedIn, Submission

SENTENCE = (
    "`03_losses.ipynb` holds the exercises of `05_metrics` and none of this assignment's. "
    "Hand in the notebook of `03_losses`."
)


def released(assignment: str) -> dict[str, Any]:
    path = ROOT / "assignments" / assignment / f"{assignment}.ipynb"
    notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return notebook


def opened(notebook: dict[str, Any], tmp_path: Path) -> Submission:
    """Handed in as 03_losses."""
    path = tmp_path / "03_losses.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return HandedIn.at(path, "ada", "03_losses").opened(released("03_losses"))


def without(notebook: dict[str, Any], *names: str) -> dict[str, Any]:
    """Without all cells that bear one of these names; without all that bear any where none is given."""

    def is_out(cell: dict[str, Any]) -> bool:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        return name is not None and (not names or name in names)

    return {**notebook, "cells": [cell for cell in notebook["cells"] if not is_out(cell)]}


def code(source: str) -> dict[str, Any]:
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None, "id": "own"}


def test_the_notebook_of_another_assignment_is_told_as_that_and_its_text_is_kept(tmp_path):
    notebook = released("05_metrics")
    notebook["cells"].append(code("# here I gave up"))
    submission = opened(notebook, tmp_path)
    assert submission.problem == SENTENCE
    assert submission.repairs == ()  # not a line for each cell that is not there
    assert submission.digest == hashlib.sha256((tmp_path / "03_losses.ipynb").read_bytes()).hexdigest()
    assert "# here I gave up" in [cell["source"] for cell in submission.notebook["cells"]]


def test_the_one_of_two_that_more_of_it_is_from_is_named(tmp_path):
    cells = [*released("04_softmax")["cells"][:8], *released("05_metrics")["cells"]]
    notebook = {**released("05_metrics"), "cells": [{**cell, "id": str(i)} for i, cell in enumerate(cells)]}
    assert opened(notebook, tmp_path).problem == SENTENCE


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(released("03_losses")["cells"], id="its own cells"),
        pytest.param(
            [code("def one_hot(labels, n_classes):\n    return None")], id="an answer in a cell without marks"
        ),
    ],
)
def test_one_with_anything_of_this_assignment_in_it_is_graded(tmp_path, answer):
    cells = [*released("05_metrics")["cells"], *answer]
    notebook = {**released("05_metrics"), "cells": [{**cell, "id": str(i)} for i, cell in enumerate(cells)]}
    assert opened(notebook, tmp_path).problem == ""


@pytest.mark.parametrize("names", [(), ("one_hot",), ("one_hot", "test_one_hot")])
def test_one_in_which_cells_are_missing_is_graded(tmp_path, names):
    submission = opened(without(released("03_losses"), *names), tmp_path)
    assert submission.problem == ""
    assert submission.repairs
