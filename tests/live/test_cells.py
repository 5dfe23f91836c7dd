"""Cells are named as the notebook shows them, by today's IPython and by the one that Colab has."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from IPython.core.interactiveshell import InteractiveShell

from grader import kernel

CELLS = ["", "x = 1", "%time x", "x = 1"]


def named_by_text(raw, transformed, number):
    """A cell's file as ipykernel 6 names it: by its text, so that the same text twice has one name."""
    return f"/tmp/ipykernel_1/{len(raw)}{raw[:1]}.py"


@pytest.fixture
def older(monkeypatch):
    """IPython 7, which has no `format_code_name`."""
    history = SimpleNamespace(input_hist_raw=CELLS, input_hist_parsed=CELLS)
    shell = SimpleNamespace(history_manager=history, compile=SimpleNamespace(get_code_name=named_by_text))
    monkeypatch.setattr(kernel, "shell", lambda: shell)


@pytest.mark.parametrize(("file", "label"), [("7%.py", "In[2]"), ("5x.py", "In[3]"), ("0.py", ""), ("6x.py", "")])
def test_an_older_ipython_names_the_latest_cell_of_a_text(older, file, label):
    assert kernel.cell_label(f"/tmp/ipykernel_1/{file}") == label


def test_todays_ipython_is_asked_itself(monkeypatch):
    shell = InteractiveShell()
    monkeypatch.setattr(kernel, "shell", lambda: shell)
    name = shell.compile.cache("x = 1", 5)
    assert kernel.cell_label(name) == "In[5]"
    assert kernel.cell_label("answers.py") == ""


def test_outside_ipython_there_are_neither_cells_nor_names():
    assert kernel.shell() is None
    assert (kernel.cell_label("<ipython-input-1-abc>"), kernel.user_names()) == ("", {})
