"""A name that comes from a file beside the work: its author is told that only the work itself is graded."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from saved_answers import RIGHT, answer
from screen_samples import PASSED, WRONG, case, verdict
from tests_support import run_grader

from grader.judge.submission import GradedSubmission
from grader.learner.imports import explained
from grader.learner.own_work import find_work
from grader.verdict import ExerciseVerdict, Outcome, Verdict

NOTE = (
    "`import helper` in line 2 failed: `helper` lies beside `foo.py`, and only that one file is graded. "
    "Write what you need of it into `foo.py`."
)


def lacking(name: str) -> ExerciseVerdict:
    found = case(Outcome.CRASHED, f"The call raised NameError: name '{name}' is not defined")
    return ExerciseVerdict("softmax", 0, 4, Outcome.CRASHED, (found,))


@pytest.fixture
def path(tmp_path):
    (tmp_path / "helper.py").write_text("")
    (tmp_path / "torch.py").write_text("")
    (tmp_path / "parts").mkdir()
    return tmp_path / "foo.py"


def note_on(found: ExerciseVerdict, source: str, path) -> str:
    return explained(verdict(found), [source], path).exercises[0].note


@pytest.mark.parametrize(
    "line",
    [
        "from helper import thing",
        "from helper import other as thing",
        "from helper import *",
        "from .helper import thing",
        "from . import helper; thing = helper.thing",
        "import helper; thing = helper.thing",
        "import helper\nfrom math import tau as thing",
    ],
)
def test_the_import_that_would_have_given_the_name_is_told(path, line):
    assert note_on(lacking("thing"), f"import torch\n{line}\n", path) == NOTE


def test_a_folder_beside_the_work_is_not_there_either(path):
    note = note_on(lacking("thing"), "from parts.one import thing", path)
    assert note.startswith("`import parts` in line 1 failed")


def test_an_import_inside_an_answer_is_told_too(path):
    found = case(Outcome.CRASHED, "The call raised ModuleNotFoundError: No module named 'helper'")
    source = "def softmax(x):\n    import helper\n    return helper.thing(x)\n"
    assert note_on(replace(lacking(""), cases=(found,)), source, path) == NOTE


def test_a_definition_that_stopped_has_both_sentences(path):
    stopped = "The definition stopped on its way: it raised NameError."
    assert note_on(replace(lacking("thing"), note=stopped), "\nfrom helper import thing\n", path) == f"{stopped} {NOTE}"


@pytest.mark.parametrize(
    ("found", "source"),
    [
        (lacking("other"), "from helper import thing\n"),
        (lacking("thing"), "from elsewhere import thing\n"),
        (lacking("thing"), "from torch import thing\n"),
        (lacking("thing"), "import json as thing\n"),
        (lacking("thing"), "thing = 1\nfrom helper import other\n"),
        (lacking("thing"), "%time from helper import thing\n"),
        (WRONG, "from helper import thing\n"),
        (PASSED, "from helper import thing\n"),
    ],
)
def test_where_it_is_not_the_cause_nothing_is_said(path, found, source):
    assert note_on(found, source, path) == found.note


def test_the_command_says_it_with_the_lines_of_the_file(learner):
    (learner / "helper.py").write_text("def thing(x): return x\n")
    (learner / "foo.py").write_text(
        "import torch\nfrom helper import thing\n\n\ndef softmax(x):\n    return thing(x)\n"
    )
    found = json.loads(run_grader(learner, "check", "foo.py", "--json").stdout)
    assert found["exercises"][0]["note"] == NOTE
    imports, stopped = found["flags"]
    assert imports == "foo.py line 2 imports `helper`, which is no installed library: its code was not read."
    assert stopped.startswith("foo.py line 2, `from helper import thing`, raised ModuleNotFoundError")


def test_in_a_notebook_there_is_no_one_line(softmax_folder):
    (softmax_folder / "helper.py").write_text("")
    notebook = softmax_folder / "04_softmax.ipynb"
    answer(notebook, "softmax", f"from helper import thing\n{RIGHT}")
    work = find_work(softmax_folder)
    note = work.placed(GradedSubmission(verdict(lacking("thing"))), work.read()).exercises[0].note
    assert note.startswith("`import helper` failed: `helper` lies beside `04_softmax.ipynb`")


def test_code_nested_too_deeply_stops_nothing(tmp_path):
    (tmp_path / "helper.py").touch()
    deep = f"from helper import thing\ny = {'-' * 5000}1\n"
    told = Verdict("04_softmax", "me", ())
    assert explained(told, [deep], tmp_path / "mine.py") is told
