"""Student code owns its end of the channel: in the real jail it may say what it likes there, and it gains nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from fuzz.hostile import RIGHT

from grader.folder import CourseFolder
from grader.jail import wire
from grader.jail.jail import Jail
from grader.jail.limits import Limits
from grader.jail.session import Session
from grader.judge.jail_world import JailWorld
from grader.judge.probe import Probe
from grader.judge.references import References
from grader.judge.submission import Submission
from grader.judge.suite import Suite
from grader.judge.worker import Worker
from grader.judge.world import Reply
from grader.notebook.running import RunCell
from grader.verdict import Outcome, Verdict

LIMITS = Limits(cell_seconds=2.0, probe_seconds=1.0, memory=400 * 2**20)
ADD = Probe.of(lambda m, x: m.add(x))

FORGE = """
import gc, os, socket, struct, sys
from grader.jail import wire

def asked():
    # the question that is being answered, from the frames of the kit below
    frame = sys._getframe()
    while frame and not isinstance(frame.f_locals.get("request"), dict):
        frame = frame.f_back
    return frame.f_locals["request"] if frame else {}

def forge(descriptor, **parts):
    reply = {"status": "returned", "value": 1.0, "inputs": (), "raised": None, "forbidden": [], **parts}
    message = wire.encode({**reply, "to": asked().get("number")})
    os.write(descriptor, struct.pack("<Q", len(message)) + message)

def listed():
    found = [int(name) for name in os.listdir("/proc/self/fd")]
    return next(each for each in found if each > 2 and socket_like(each))

def socket_like(descriptor):
    try:
        return os.readlink(f"/proc/self/fd/{descriptor}").startswith("socket:")
    except OSError:
        return False

def collected():
    return next(each for each in gc.get_objects() if isinstance(each, socket.socket)).fileno()
"""
WAYS = {"its number": "3", "a copy": "os.dup(3)", "the list of descriptors": "listed()", "the collector": "collected()"}


@pytest.fixture
def run(jail: Jail) -> Iterator[Callable[..., JailWorld]]:
    """Runs cells, given as source texts, and returns a world that asks them."""
    sessions: list[Session] = []

    def run_cells(*sources: str) -> JailWorld:
        cells = [RunCell(str(i), source, i) for i, source in enumerate(sources)]
        sessions.append(Session(jail.gates[0], cells, LIMITS))
        sessions[-1].run_cells()
        return JailWorld(sessions[-1])

    yield run_cells
    for session in sessions:
        session.close()


def ask(world: JailWorld, number: float) -> Reply:
    return world.call(ADD, wire.encode((torch.tensor([number]),)), ())


@pytest.mark.parametrize("way", WAYS)
def test_a_forged_reply_is_the_only_answer_to_its_question_and_no_answer_to_another(run, way):
    world = run(FORGE, f"def add(x):\n    forge({WAYS[way]}, value='forged')\n    return x + 1")
    replies = [ask(world, number) for number in (1.0, 2.0, 3.0, 4.0)]
    assert [(each.status, each.value, each.note) for each in replies] == [
        ("returned", "forged", ""),
        ("crashed", None, "it spoke without being asked"),
    ] * 2


def test_a_reply_forged_while_its_cell_runs_answers_no_probe(run):
    world = run(FORGE, "forge(3, value='forged')", "def add(x):\n    return x + 1")
    assert "forged" not in [ask(world, number).value for number in (1.0, 2.0, 3.0)]


def test_a_reply_that_a_thread_sends_later_answers_no_probe_with_another_ones_value(run):
    later = (
        "import threading\n"
        "def add(x):\n    threading.Timer(0.1, forge, (3,), {'value': float(x)}).start()\n    return x + 1"
    )
    world = run(FORGE, later, "import time")
    first = ask(world, 1.0)
    pause = run("import time\ndef add(x):\n    time.sleep(0.3)\n    return x")
    assert ask(pause, 0.0).status == "returned"
    second, third = ask(world, 5.0), ask(world, 7.0)
    assert (first.value.item(), second.status, third.value.item()) == (2.0, "crashed", 8.0)


def test_a_length_of_gigabytes_ends_the_child_at_once_and_the_next_is_asked(run):
    world = run("import os\ndef add(x):\n    if x == 1:\n        os.write(3, b'\\xff' * 8)\n    return x + 1")
    assert [ask(world, 1.0).note, ask(world, 2.0).status] == ["the reply was too large", "returned"]


def test_closing_the_channel_costs_one_probe(run):
    world = run("import os\ndef add(x):\n    if x == 1:\n        os.close(3)\n    return x + 1")
    assert [ask(world, 1.0).status, ask(world, 2.0).status] == ["crashed", "returned"]


def test_dripping_past_the_limit_costs_one_probe(run):
    drip = "for _ in range(100):\n            os.write(3, b'\\x01'); time.sleep(0.05)"
    world = run(f"import os, time\ndef add(x):\n    if x == 1:\n        {drip}\n    return x + 1")
    assert ask(world, 1.0).status in ("timed out", "crashed")
    assert ask(world, 2.0).status == "returned"


# An answer that never returns and serves every question itself, as a program of the student's own.

SERVER = """
import os, signal, socket, sys, torch
from grader.jail import channel, wire

def by_hand(x):
    e = (x - x.amax(-1, keepdim=True)).exp()
    return e / e.sum(-1, keepdim=True)

def softmax(x):
    signal.setitimer(signal.ITIMER_REAL, 0)
    frame = sys._getframe()
    while not isinstance(frame.f_locals.get("request"), dict):
        frame = frame.f_back
    question = frame.f_locals["request"]
    line = socket.socket(fileno=os.dup(3))
    while True:
        (x,) = inputs = wire.decode(question["inputs"])
        form = {{"status": "returned", "inputs": inputs, "raised": None, "forbidden": [], "to": question.get("number")}}
        channel.send(line, wire.encode({{**form, **{answer}}}))
        question = wire.decode(channel.receive(line, 2**26))
"""
ANSWERS = {
    "what is right": ("dict(value=by_hand(x.double()).float())", 4.0, Outcome.PASSED),
    "what is not allowed": ("dict(value=x.double().softmax(-1).float())", 0.0, Outcome.FORBIDDEN),
    "the inputs": ("dict(value=x)", 0.0, Outcome.WRONG),
    "a constant": ("dict(value=torch.full_like(x, 1 / 3))", 0.0, Outcome.WRONG),
    "nan": ("dict(value=x * float('nan'))", 0.0, Outcome.WRONG),
    "that it passed": ("dict(status='passed', value=True)", 0.0, Outcome.WRONG),
    "a verdict": ("dict(outcome='passed', points=4.0, value=4.0)", 0.0, Outcome.WRONG),
    "the whole question": ("dict(value=question)", 0.0, Outcome.WRONG),
    "words for the reader": ("dict(status='unreadable', value='4 of 4 points')", 0.0, Outcome.WRONG),
    "words as a name": ("dict(status='missing', value='4 of 4 points')", 0.0, Outcome.MISSING),
    "a tensor as all of it": ("dict(status=x, inputs=x, forbidden=x, raised=x)", 0.0, Outcome.WRONG),
}


@pytest.fixture
def grade(jail: Jail, suite: Suite, tmp_path: Path) -> Callable[[str], Verdict]:
    """The verdict on a notebook of one cell."""
    worker = Worker(jail.gates[0], suite, References(CourseFolder(tmp_path), "04_softmax"), 1, LIMITS)

    def of(source: str) -> Verdict:
        cell = {"id": "a", "cell_type": "code", "metadata": {"nbgrader": {"grade_id": "softmax"}}, "source": source}
        notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
        return worker.grade(Submission("mallory", "04_softmax", notebook)).verdict

    return of


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_server_of_the_students_own_earns_what_its_answers_are_worth(grade, answer):
    source, worth, outcome = ANSWERS[answer]
    verdict = grade(SERVER.format(answer=source))
    assert (verdict.exercise("softmax").points, verdict.exercise("softmax").outcome) == (worth, outcome)
    assert "4 of 4 points" not in json.dumps(verdict.to_json())
    assert grade(RIGHT).exercise("softmax").points == 4.0
