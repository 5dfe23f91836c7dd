"""`check` in a real kernel, in a notebook as it is released."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from live_suite import AXIS_0, RAISES, READY_MADE, RIGHT, SUITE, WARNS
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

SETUP = "import torch\nfrom grader import check, hint"
TEST = '# The points of this exercise: after you hand in, the hidden tests decide them.\ncheck("softmax", softmax)'
ANSWERS = {"right": RIGHT, "wrong": AXIS_0, "raises": RAISES, "ready made": READY_MADE, "warns": WARNS}


@pytest.fixture(scope="module")
def monkeypatch_module() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def cells(tmp_path_factory: pytest.TempPathFactory, monkeypatch_module: pytest.MonkeyPatch) -> dict[str, list[Any]]:
    """Outputs of the test cell after each answer, of a hint and of a misspelt name, from one kernel."""
    folder = tmp_path_factory.mktemp("04_softmax")
    monkeypatch_module.setenv("GRADER_HOME", str(folder / "home"))
    (folder / "test_visible.py").write_text(SUITE, encoding="utf-8")
    pairs = [new_code_cell(source) for answer in ANSWERS.values() for source in (answer, TEST)]
    last = [new_code_cell('hint("softmax")'), new_code_cell('check("sofmax", softmax)')]
    notebook = new_notebook(cells=[new_code_cell(SETUP), *pairs, *last])
    return dict(zip([*ANSWERS, "hint", "misspelt"], _run(notebook, folder), strict=True))


def _run(notebook: nbformat.NotebookNode, folder: Path) -> list[list[Any]]:
    client = NotebookClient(notebook, allow_errors=True, resources={"metadata": {"path": str(folder)}})
    client.execute()
    outputs = [cell.outputs for cell in notebook.cells]
    return [*outputs[2 : 2 + 2 * len(ANSWERS) : 2], *outputs[-2:]]


@pytest.mark.parametrize(
    ("answer", "points"), [("right", "4.0"), ("wrong", "0.0"), ("raises", "0.0"), ("ready made", "0.0")]
)
def test_a_panel_is_shown_and_the_cell_ends_in_a_float(cells, answer, points):
    panel, result = cells[answer]
    assert panel.output_type == "display_data"
    assert set(panel.data) == {"text/plain", "text/html"}
    assert (result.output_type, result.data) == ("execute_result", {"text/plain": points})


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        ("wrong", "worst     "),
        ("raises", "line      cell In[6] line 2: return x[7]"),
        ("ready made", "line      cell In[8] line 2: return torch.softmax(x, -1)"),
    ],
)
def test_the_authors_own_line_is_named_as_the_notebook_shows_it(cells, answer, line):
    assert line in cells[answer][0].data["text/plain"]


def test_a_small_wrong_result_is_drawn_in_the_page_and_in_the_text(cells):
    data = cells["wrong"][0].data
    assert data["text/html"].count("<figure") == 3
    assert "\n          input             expected                  yours\n" in data["text/plain"]


def test_full_points_tell_what_is_next_in_the_page_and_in_the_text(cells):
    data = cells["right"][0].data
    assert "<dt>next</dt> <dd><code>log_softmax(x)</code> · ★★★ · 15 min</dd>" in data["text/html"]
    assert '<progress value="1" ' in data["text/html"]
    assert "next      `log_softmax(x)` · ★★★ · 15 min" in data["text/plain"]


@pytest.mark.parametrize("cell", [*ANSWERS, "hint", "misspelt"])
def test_nothing_goes_to_stderr(cells, cell):
    assert cells[cell]
    assert not [each for each in cells[cell] if each.output_type == "stream" and each.name == "stderr"]


def test_a_hint_is_a_panel_too(cells):
    (panel,) = cells["hint"]
    assert set(panel.data) == {"text/plain", "text/html"}


def test_an_unknown_name_is_one_sentence_without_our_frames(cells):
    (error,) = cells["misspelt"]
    assert error.traceback == [f"CheckError: {error.evalue}"]
