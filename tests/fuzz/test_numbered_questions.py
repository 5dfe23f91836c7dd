"""One answer to each question: a reply bears its question's number, which nobody can know before the question."""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from fuzz import hostile
from fuzz.hostile import QUICK, RIGHT, Line, Script, ScriptedGate, returned

from grader.folder import CourseFolder
from grader.jail import wire
from grader.jail.session import Session
from grader.judge.jail_world import JailWorld
from grader.judge.probe import Probe
from grader.judge.references import References
from grader.judge.submission import Submission
from grader.judge.worker import Worker
from grader.judge.world import Reply
from grader.notebook.running import RunCell

PROBE = Probe.of(lambda m, x: m.softmax(x))
UNASKED = "it spoke without being asked"


@pytest.fixture
def run() -> Iterator:
    """Plays scripts as children; gives the world that asks them."""
    sessions, gates = [], []

    def run_scripts(*scripts: Script) -> JailWorld:
        gates.append(ScriptedGate(*scripts))
        sessions.append(Session(gates[-1], (RunCell("softmax", RIGHT, 0),), QUICK))
        sessions[-1].run_cells()
        return JailWorld(sessions[-1])

    yield run_scripts
    for each in (*sessions, *gates):
        each.close()


def ask(world: JailWorld, start: float = 1.0) -> Reply:
    return world.call(PROBE, wire.encode((torch.tensor([[start, 2.0]]),)), ())


@pytest.mark.parametrize("to", [None, 1, "", "0" * 16, ["x"], torch.zeros(2), np.zeros(2), wire.Opaque("x")], ids=repr)
def test_a_reply_to_no_question_is_no_answer(run, to):
    def script(line: Line) -> None:
        line.send(line.answer(line.cells()) | {"to": to})
        line.until_closed()

    world = run(script, hostile.honest)
    first, second = ask(world), ask(world)
    assert (first.status, first.note, second.status) == ("crashed", UNASKED, "returned")


def test_a_late_reply_to_the_last_question_is_no_answer_to_the_next(run):
    def script(line: Line) -> None:
        first = line.cells()
        line.send(returned("forged", to=first["number"]))
        line.question()
        line.send(line.answer(first))
        line.until_closed()

    world = run(script, hostile.honest)
    assert [ask(world).value, ask(world, 3.0).note] == ["forged", UNASKED]


def test_no_two_questions_have_one_number(run):
    numbers = []

    def script(line: Line) -> None:
        while True:
            question = line.question()
            numbers.append(question["number"])
            line.send(line.answer(question))

    world = run(script)
    for _ in range(5):
        ask(world)
    assert len(set(numbers)) == 6
    assert all(len(number) == 16 for number in numbers)


ODD = [torch.zeros(2), np.zeros(2), np.float64(1.0), wire.Opaque("x"), b"error", {1: "x"}, ("x",), None]


@pytest.mark.parametrize("odd", ODD, ids=repr)
@pytest.mark.parametrize("part", ["output_type", "name", "ename", "evalue", "data", "text", "traceback"])
def test_odd_things_in_what_a_cell_showed_stop_nobody(suite, tmp_path, part, odd):
    kinds = ("error", "stream", "execute_result")

    def script(line: Line) -> None:
        outputs = [{"output_type": kind, "name": "stdout", part: odd} for kind in kinds]
        line.send({"ok": False, "outputs": outputs, "to": line.question()["number"]})
        hostile.honest(line)

    gate = ScriptedGate(script)
    worker = Worker(gate, suite, References(CourseFolder(tmp_path), "04_softmax"), 1, QUICK)
    cell = {"id": "a", "cell_type": "code", "metadata": {"nbgrader": {"grade_id": "softmax"}}, "source": RIGHT}
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
    graded = worker.grade(Submission("mallory", "04_softmax", notebook))
    gate.close()
    assert graded.verdict.exercise("softmax").points == 0.0
    assert json.dumps(graded.outputs)
