"""From the jail to the panel: who is asked, what is believed of the reply, and that it costs nobody a point."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from grader.folder import CourseFolder
from grader.jail.jail import Jail
from grader.jail.limits import Limits
from grader.jail.pretend.mistakes import EXPLANATIONS
from grader.jail.session import Session
from grader.judge.devices import on_a_gpu
from grader.judge.references import References
from grader.judge.submission import Submission
from grader.judge.suite import Case, Suite
from grader.judge.worker import Worker
from grader.notebook.running import RunCell
from grader.verdict import CaseVerdict, ExerciseVerdict, Finding, Outcome, Verdict, verdict_from_json

LIMITS = Limits(cell_seconds=5.0, probe_seconds=1.0)
SOFTMAX = "import torch\ndef softmax(x):\n    e = (x - x.amax(-1, keepdim=True)).exp()\n    {last}"
RIGHT = SOFTMAX.format(last="return e / e.sum(-1, keepdim=True)")
ON_CPU = SOFTMAX.format(last="ones = torch.ones(x.shape[-1], 1, dtype=x.dtype)\n    return e / (e @ ones)")
PASSED = ExerciseVerdict("softmax", 4.0, 4.0, Outcome.PASSED)


@pytest.fixture
def pretended(jail: Jail) -> Iterator[Callable[..., Any]]:
    """What comes back for softmax and log_softmax from a session with these cells."""
    sessions: list[Session] = []

    def ask(*sources: str, chosen: bool = False, names_cuda: bool = False) -> Any:
        cells = [RunCell(str(i), source, i) for i, source in enumerate(sources)]
        sessions.append(Session(jail.gates[0], cells, LIMITS))
        sessions[-1].run_cells()
        return sessions[-1].pretended(["softmax", "log_softmax"], chosen=chosen, names_cuda=names_cuda)

    yield ask
    for session in sessions:
        session.close()


def test_the_jail_names_the_mistake_and_its_lines(pretended):
    found = pretended(ON_CPU)["findings"]["softmax"]
    made = {"cell": "cell 0", "line": 4, "text": "ones = torch.ones(x.shape[-1], 1, dtype=x.dtype)"}
    assert (found["decision"], found["name"], found["made"]) == ("mistake", "made_on_cpu", made)
    assert found["used"]["line"] == 5


def test_a_right_answer_is_fine_and_a_missing_one_undecided(pretended):
    found = pretended(RIGHT)["findings"]
    assert [found[name]["decision"] for name in ("softmax", "log_softmax")] == ["fine", "undecided"]


def test_a_device_that_cells_chose_is_chosen_anew(pretended):
    cell = 'import torch\ndevice = "cuda" if torch.cuda.is_available() else "cpu"'
    answer = SOFTMAX.format(last="return e / (e @ torch.ones(x.shape[-1], 1, device=device))")
    assert pretended(cell, answer, chosen=True)["findings"]["softmax"]["decision"] == "fine"
    found = pretended(cell, answer, chosen=True, names_cuda=True)["findings"]["softmax"]
    assert found["name"] == "moved_to_cuda_by_name"


def test_an_answer_that_hangs_is_undecided_in_time(pretended):
    started = time.monotonic()
    assert (
        pretended("def softmax(x):\n    while True:\n        pass", RIGHT.replace("softmax", "log_softmax"))["findings"]
        == {}
    )
    assert time.monotonic() - started < 20  # a loaded machine; the limit is one second


def test_an_answer_that_ends_its_process_costs_nothing_else(pretended):
    assert pretended("import os\ndef softmax(x):\n    os._exit(0)") is None


class _Said:
    """A session whose child says this."""

    def __init__(self, said: object) -> None:
        self.cells = [RunCell("softmax", RIGHT, 0)]
        self._said, self.asked = said, []

    def pretended(self, exercises, *, chosen, names_cuda):
        self.asked.append((list(exercises), chosen, names_cuda))
        return self._said


def told(**found: object) -> Any:
    session = _Said({"findings": {"softmax": {"decision": "mistake", "name": "made_on_cpu", **found}}})
    return on_a_gpu((PASSED,), session, ())[0].on_gpu


def test_a_mistake_is_told_in_the_tables_words_with_the_notebooks_line():
    mistake = told(made={"cell": "cell softmax", "line": 2, "text": "forged"})
    assert (mistake.explanation, mistake.made, mistake.used) == (
        EXPLANATIONS["made_on_cpu"],
        "cell softmax line 2: def softmax(x):",
        "",
    )


@pytest.mark.parametrize(
    "made",
    [
        None,
        {"cell": "cell softmax", "line": 99},
        {"cell": "cell softmax", "line": True},
        {"cell": "elsewhere", "line": 1},
        {"cell": ["cell softmax"], "line": 1},
        {"cell": "cell softmax", "line": torch.ones(2)},
        torch.ones(3),
    ],
)
def test_a_line_that_is_not_in_the_notebook_is_not_quoted(made):
    assert told(made=made).made == ""


@pytest.mark.parametrize(
    "said",
    [
        None,
        [],
        {"findings": torch.ones(2)},
        {"findings": {"softmax": "mistake"}},
        {"findings": {"softmax": {"decision": "mistake", "name": "7 points for me"}}},
        {"findings": {"softmax": {"decision": "mistake", "name": ["made_on_cpu"]}}},
        {"findings": {"softmax": {"decision": torch.ones(2), "name": "made_on_cpu"}}},
        {"findings": {"nll": {"decision": "mistake", "name": "made_on_cpu"}}},
        {"findings": {"softmax": {"decision": "undecided", "name": "made_on_cpu"}}},
    ],
)
def test_a_reply_of_another_form_says_nothing(said):
    assert on_a_gpu((PASSED,), _Said(said), ()) == (PASSED,)


CUDA = Finding(Outcome.CRASHED, "The call raised AssertionError: Torch not compiled with CUDA enabled")
NO_GPU = CaseVerdict("a", "A case.", Outcome.CRASHED, finding=CUDA)


@pytest.mark.parametrize(
    ("verdict", "asked"),
    [
        (PASSED, True),
        (ExerciseVerdict("softmax", 2.0, 4.0, Outcome.WRONG), True),
        (ExerciseVerdict("softmax", 1.9, 4.0, Outcome.WRONG), False),
        (ExerciseVerdict("softmax", 0.0, 4.0, Outcome.CRASHED), False),
        (ExerciseVerdict("softmax", 0.0, 4.0, Outcome.CRASHED, (NO_GPU,)), True),
        (ExerciseVerdict("softmax", 0.0, 4.0, Outcome.FORBIDDEN), False),
        (ExerciseVerdict("softmax", 0.0, 4.0, Outcome.NOT_ATTEMPTED), False),
        (ExerciseVerdict("softmax", 3.0, 4.0, Outcome.TIMED_OUT), False),
        (ExerciseVerdict("normalize", 3.0, 3.0, Outcome.PASSED), False),
    ],
)  # fmt: skip
def test_answers_are_asked_where_most_cases_pass_or_code_names_a_gpu(verdict, asked):
    session = _Said(None)
    on_a_gpu((verdict,), session, ())
    assert bool(session.asked) is asked


def test_what_the_lesson_says_of_a_gpu_is_not_the_authors():
    session = _Said(None)
    lesson = RunCell("lesson", 'device = "cuda" if torch.cuda.is_available() else "cpu"', 1)
    session.cells.append(lesson)
    on_a_gpu((PASSED,), session, (lesson.source,))
    on_a_gpu((PASSED,), session, ())
    assert session.asked == [(["softmax"], True, False), (["softmax"], True, True)]


def _case() -> Case:
    def test(answer, draw):
        """The rows of a table."""
        answer.agrees(lambda m, x: m.softmax(x), draw.normal(4, 3))

    return Case("a", "softmax", test)


@pytest.mark.parametrize(("answer", "name"), [(RIGHT, ""), (ON_CPU, "made_on_cpu")])
def test_a_submission_is_graded_with_it_and_keeps_its_points(jail, released_course: Path, answer, name):
    worker = Worker(
        jail.gates[0], Suite((_case(),)), References(CourseFolder(released_course), "04_softmax"), 7, LIMITS
    )
    cell = {"id": "a", "cell_type": "code", "metadata": {"nbgrader": {"grade_id": "softmax"}}, "source": answer}
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
    found = worker.grade(Submission("ada", "04_softmax", notebook)).verdict.exercise("softmax")
    assert (found.points, found.on_gpu.name if found.on_gpu else "") == (4.0, name)


def test_a_verdict_with_it_can_be_read_back_and_one_from_before_too():
    mistake = told(made={"cell": "cell softmax", "line": 2})
    exercise = ExerciseVerdict("softmax", 4.0, 4.0, Outcome.PASSED, on_gpu=mistake)
    data = Verdict("04_softmax", "ada", (exercise,)).to_json()
    assert verdict_from_json(data).exercise("softmax") == exercise
    del data["exercises"][0]["on_gpu"]
    assert verdict_from_json(data).exercise("softmax").on_gpu is None
