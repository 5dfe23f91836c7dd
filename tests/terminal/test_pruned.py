"""Which cells an exercise needs, and which exercises a save has changed."""

from __future__ import annotations

import pytest

from grader.judge.submission import Submission
from grader.learner import plain_file
from grader.watch.pruned import changed, pruned, same_code

SETUP, ANSWER = "import torch", "def softmax(x):\n    return torch.exp(x)"


def cell(source: str, name: str = "", kind: str = "code") -> dict:
    marks = {"nbgrader": {"grade_id": name, "solution": True}} if name else {}
    return {"cell_type": kind, "source": source, "metadata": marks}


def work(*sources: str, softmax: str = ANSWER, nll: str = "def nll(a, b): return 0") -> Submission:
    cells = [cell(SETUP, "setup"), *map(cell, sources), cell(softmax, "softmax"), cell(nll, "nll")]
    return Submission("you", "04_softmax", {"cells": cells})


def kept(*sources: str, softmax: str = ANSWER) -> list[str]:
    """What of the added cells is needed by softmax."""
    found = pruned(work(*sources, softmax=softmax), ("softmax",))
    return [each["source"] for each in found.notebook["cells"] if each["source"] in sources]


def test_only_what_is_asked_for_is_asked():
    found = pruned(work(), ("softmax",))
    assert found.only == ("softmax",)
    assert [each["source"] for each in found.notebook["cells"]] == [SETUP, ANSWER]


@pytest.mark.parametrize(
    "needed",
    [
        "def helper(x):\n    return x",
        "helper = 3",
        "import helper",
        "from a import b as helper",
        "for helper in [1]: pass",
        "with open('x') as helper: pass",
        "if (helper := 3): pass",
        "def make():\n    global helper\n    helper = 3",
        "helper.part = 3",
        "helper['key'] = 3",
        "helper += 1",
        "from anywhere import *",
        "%time helper = 1\nhelper = 2",
        "def helper(:",
    ],
)
def test_a_cell_that_makes_a_name_is_needed_by_what_uses_it(needed):
    assert kept(needed, softmax="def softmax(x):\n    return helper(x)") == [needed]


@pytest.mark.parametrize("other", ["x = 1", "figure = 1\nfigure.show()", "print(softmax)", "%matplotlib inline", "!ls"])
def test_a_cell_that_makes_none_of_its_names_is_not(other):
    assert kept(other, softmax="def softmax(x):\n    y = x\n    return [z for z in y]") == []


def test_needs_are_followed_from_cell_to_cell():
    chain = ["a = 1", "b = a", "unneeded = b", "def c():\n    return b"]
    assert kept(*chain, softmax="softmax = c") == ["a = 1", "b = a", chain[3]]


def test_test_cells_are_never_run():
    submission = work()
    submission.notebook["cells"].append(
        {"cell_type": "code", "source": "softmax = 1", "metadata": {"nbgrader": {"grade_id": "t", "grade": True}}}
    )
    assert len(pruned(submission, ("softmax",)).notebook["cells"]) == 2


def test_a_changed_answer_is_named():
    assert changed(work(), work(softmax="softmax = 1")).itself == ("softmax",)


def test_what_needs_a_changed_answer_comes_second():
    before = work(nll="def nll(a, b):\n    return softmax(a)")
    found = changed(before, work(softmax="softmax = 1", nll="def nll(a, b):\n    return softmax(a)"))
    assert (found.itself, found.needed, found.first) == (("softmax",), ("nll",), ("softmax",))


def test_a_changed_helper_changes_what_needs_it():
    before, after = (work(f"h = {n}", softmax="def softmax(x):\n    return h") for n in (1, 2))
    assert (changed(before, after).itself, changed(before, after).first) == ((), ("softmax",))


def test_a_changed_import_changes_all_that_need_it():
    after = work()
    after.notebook["cells"][0]["source"] = "import torch  # again"
    assert changed(work(), after).every == ("softmax",)


def test_text_and_outputs_are_no_change():
    after = work()
    after.notebook["cells"].insert(0, cell("# My notes", kind="markdown"))
    assert same_code(work(), work())
    assert not changed(work(), after).every


def test_nothing_before_means_all_is_new():
    assert changed(None, work()).every == ("softmax", "log_softmax", "nll")
    assert not same_code(None, work())


def written(*parts: str) -> Submission:
    """A plain file with these parts, one below the other."""
    released = {"cells": [cell(SETUP, "setup"), cell("", "softmax"), cell("", "log_softmax"), cell("", "nll")]}
    return plain_file.submission("\n\n".join(parts), "mine.py", "04_softmax", released)


NLL = "def nll(log_p, labels):\n    return 0"


def test_in_a_plain_file_a_line_above_changes_no_answer_below():
    before = written(SETUP, ANSWER, NLL)
    after = written(SETUP, "import math", ANSWER, "def nll(log_p, labels):\n    return math.floor(1)")
    assert changed(before, after).itself == ("nll",)
    assert set(changed(before, after).every) == {"softmax", "nll"}  # lines in messages are other ones now


def test_an_answer_that_was_taken_out_comes_behind_one_that_was_written():
    found = changed(written(SETUP, ANSWER), written(SETUP, NLL))
    assert found.first == ("nll", "softmax")
