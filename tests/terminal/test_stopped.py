"""Code outside of all answers that did not reach its end is told of, the lesson's own is not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests_support import ROOT

from grader.judge.submission import Submission
from grader.learner import plain_file
from grader.learner.check import check_work
from grader.learner.own_work import find_work
from grader.learner.stopped import stopped

RELEASED = json.loads((ROOT / "assignments" / "04_softmax" / "04_softmax.ipynb").read_text(encoding="utf-8"))
UNRUN = "What stands below it, up to the next answer or cell, did not run."
SOURCE = """import torch
import math

K = undefined_thing + 1
LATER = 3


def nll(log_p, labels):
    return K


while True:
    pass
"""


def raised(name: str, value: str, line: int | None = None) -> dict[str, Any]:
    frame = [f'  File "<cell>", line {line}, in <module>\n'] if line else []
    trace = ["Traceback (most recent call last):", *frame, '  File "<cell>", line 99, in helper\n', f"{name}: {value}"]
    return {"output_type": "error", "ename": name, "evalue": value, "traceback": trace}


SHOWN = {"output_type": "stream", "name": "stdout", "text": "so far"}
ENDLESS = {"output_type": "error", "ename": "Stopped", "evalue": "it reached the time limit", "traceback": []}


def notebook(*added: str) -> Submission:
    """The released one with these cells at its end."""
    cells = [{"cell_type": "code", "source": source, "metadata": {}, "outputs": []} for source in added]
    return Submission("you", "04_softmax", {**RELEASED, "cells": [*RELEASED["cells"], *cells]})


def last(submission: Submission, back: int = 1) -> int:
    return len(submission.notebook["cells"]) - back


def test_in_a_notebook_the_line_is_told():
    work = notebook("a = 1\nSCALE = undefined\nb = 2")
    outputs = {last(work): [SHOWN, raised("NameError", "name 'undefined' is not defined", 2)]}
    where = "In a cell of your own, `SCALE = undefined`"
    assert stopped(work, outputs, RELEASED) == (f"{where} raised NameError: name 'undefined' is not defined. {UNRUN}",)


@pytest.mark.parametrize("line", [None, 1000])
def test_without_a_line_it_is_where_the_cell_begins(line):
    work = notebook("\n%magic\nb = 2")
    outputs = {last(work): [raised("SyntaxError", "invalid syntax", line)]}
    assert stopped(work, outputs, RELEASED)[0].startswith("In a cell of your own, `%magic` raised SyntaxError")


def test_one_that_never_ended_is_told_by_how_it_begins():
    work = notebook("import time\ntime.sleep(100)")
    sentence = "In a cell of your own, `import time` was stopped: it reached the time limit."
    assert stopped(work, {last(work): [ENDLESS]}, RELEASED) == (sentence,)


def test_the_lesson_s_own_cells_and_answers_are_not_told():
    work = notebook("x = 1")
    outputs = {index: [raised("NotImplementedError", "", 1)] for index in range(last(work))}
    assert stopped(work, outputs, RELEASED) == ()


def test_what_reached_its_end_is_not_told():
    work = notebook("print('so far')")
    assert stopped(work, {last(work): [SHOWN]}, RELEASED) == ()


def test_the_first_three_are_told_and_long_ones_are_cut():
    work = notebook(*(f"x = {'9' * 1000} + {number}" for number in range(5)))
    outputs = {last(work, back): [raised("ValueError", "y" * 5000, 1)] for back in range(1, 6)}
    found = stopped(work, outputs, RELEASED)
    assert len(found) == 3
    assert all(len(each) < 500 for each in found)


def test_in_a_plain_file_the_lines_are_the_file_s():
    work = plain_file.submission(SOURCE, "mine.py", "04_softmax", RELEASED)
    constant, loop = (
        next(i for i, cell in enumerate(work.notebook["cells"]) if words in cell["source"])
        for words in ("K = undefined", "while True")
    )
    outputs = {constant: [raised("NameError", "name 'undefined_thing' is not defined", 4)], loop: [ENDLESS]}
    assert stopped(work, outputs, RELEASED, "mine.py") == (
        f"mine.py line 4, `K = undefined_thing + 1`, raised NameError: name 'undefined_thing' is not defined. {UNRUN}",
        "mine.py line 12, `while True:`, was stopped: it reached the time limit.",
    )


def test_the_judge_s_own_outputs_are_read(learner, monkeypatch):
    monkeypatch.chdir(learner / "04_softmax")
    (learner / "04_softmax" / "mine.py").write_text(SOURCE.partition("\n\n\nwhile")[0])
    verdict = check_work(find_work(learner / "04_softmax" / "mine.py"))
    assert verdict.flags == (
        f"mine.py line 4, `K = undefined_thing + 1`, raised NameError: name 'undefined_thing' is not defined. {UNRUN}",
    )
