"""A child that sends anything at any pace costs its own submission, ends in time, and leaves the gate as it was."""

from __future__ import annotations

import array
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from fuzz import hostile
from fuzz.hostile import QUICK, RIGHT, Line, Script, ScriptedGate, framed, returned

from grader.folder import CourseFolder
from grader.jail import wire
from grader.jail.children import LostError
from grader.jail.limits import Limits
from grader.jail.session import Session
from grader.judge.jail_world import JailWorld
from grader.judge.probe import Probe
from grader.judge.references import References
from grader.judge.submission import Submission
from grader.judge.worker import Worker
from grader.judge.world import Reply
from grader.notebook.running import RunCell
from grader.verdict import Verdict

GRACE = 0.3
ENOUGH = 10.0
"""Seconds in which everything here has ended; the limits of a probe are under one."""

PROBE = Probe.of(lambda m, x: m.softmax(x))
X = torch.tensor([[1.0, 2.0, 4.0]])
INPUTS = wire.encode((X,))
OTHERS = wire.encode((X + 1,))
CELLS = (RunCell("softmax", RIGHT, 0),)

MakeGate = Callable[..., ScriptedGate]


@pytest.fixture(autouse=True)
def _little_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Limits, "GRACE", GRACE)


@pytest.fixture
def gate() -> Iterator[MakeGate]:
    """Makes gates whose children follow scripts; afterwards no child and no script may be left."""
    made: list[ScriptedGate] = []

    def make(*scripts: Script) -> ScriptedGate:
        made.append(ScriptedGate(*scripts))
        return made[-1]

    yield make
    for each in made:
        each.close()


def run(gate: ScriptedGate, limits: Limits = QUICK) -> Session:
    session = Session(gate, CELLS, limits)
    session.run_cells()
    return session


def ask(session: Session, inputs: bytes = INPUTS) -> Reply:
    return JailWorld(session).call(PROBE, inputs, ())


def require_unharmed(gate: ScriptedGate) -> None:
    """The next submission on the same gate gets its answer."""
    session = run(gate)
    assert torch.allclose(ask(session).value, torch.softmax(X, -1))
    session.close()


ENDS = {
    hostile.silent: ("timed out", "the time limit was reached"),
    hostile.half_a_length: ("timed out", "the time limit was reached"),
    hostile.greatest_length_and_nothing: ("timed out", "the time limit was reached"),
    hostile.dripping_length: ("timed out", "the time limit was reached"),
    hostile.dripping_body: ("timed out", "the time limit was reached"),
    hostile.hurried_dripping: ("timed out", "the time limit was reached"),
    hostile.absurd_length: ("crashed", "the reply was too large"),
    hostile.length_beyond_the_cap: ("crashed", "the reply was too large"),
    hostile.endless_noise: ("crashed", "the reply was too large"),
    hostile.no_message: ("crashed", wire.MALFORMED),
    hostile.no_form: ("unreadable", "the reply had no known form"),
    hostile.hung_up: ("crashed", "the process was ended by SIGKILL"),
    hostile.half_hung_up: ("crashed", "the process was ended by SIGKILL"),
}


@pytest.mark.parametrize("script", ENDS, ids=lambda script: script.__name__)
def test_a_hostile_reply_costs_one_probe_and_the_next_submission_nothing(gate, script):
    started = time.monotonic()
    shared = gate(script, hostile.honest)
    session = run(shared)
    reply = ask(session)
    session.close()
    assert (reply.status, reply.note) == ENDS[script]
    require_unharmed(shared)
    assert time.monotonic() - started < ENOUGH


def test_urgent_bytes_do_not_hold_up_the_deadline(gate):
    shared = gate(hostile.out_of_band, hostile.honest)
    session = run(shared)
    assert ask(session).status in ("timed out", "crashed")
    require_unharmed(shared)


def test_after_a_lost_probe_a_fresh_child_answers_the_next(gate):
    session = run(gate(hostile.silent, hostile.honest))
    assert [ask(session).status, ask(session).status] == ["timed out", "returned"]
    session.close()


def test_a_frame_of_no_bytes_is_malformed(gate):
    def script(line: Line) -> None:
        line.cells()
        line.raw(framed(b""))
        line.until_closed()

    session = run(gate(script))
    assert ask(session).note == wire.MALFORMED
    session.close()


def test_the_channel_closed_after_any_byte_of_a_reply_ends_in_a_crash_or_the_whole_reply(gate):
    lengths: list[int] = []

    def script(line: Line) -> None:
        message = framed(wire.encode(line.answer(line.cells())))
        lengths.append(len(message))
        line.raw(message[: len(statuses)])

    shared = gate(script)
    statuses: list[str] = []
    while not statuses or len(statuses) <= lengths[-1]:
        session = run(shared)
        statuses.append(ask(session).status)
        session.close()
    assert len(set(lengths)) == 1
    assert statuses == ["crashed"] * lengths[0] + ["returned"]


# Two replies to one question, or one to none.


def replies_twice(line: Line) -> None:
    forged = returned("forged", to=line.cells().get("number"))
    line.raw(2 * framed(wire.encode(forged)))
    hostile.honest(line)


def replies_before_it_is_asked(line: Line) -> None:
    line.send(line.answer(line.question()))
    line.send(returned("forged"))
    hostile.honest(line)


def test_a_second_reply_does_not_become_the_answer_to_the_next_question(gate):
    shared = gate(replies_twice, hostile.honest)
    session = run(shared)
    first, second, third = ask(session), ask(session, OTHERS), ask(session, OTHERS)
    session.close()
    assert first.value == "forged"
    assert (second.status, second.note) == ("crashed", "it spoke without being asked")
    assert torch.allclose(third.value, torch.softmax(X + 1, -1))
    require_unharmed(shared)


@pytest.mark.parametrize("early", [framed(wire.encode(returned("forged"))), b"\xff" * 100, b"\0"])
def test_what_is_sent_before_the_question_answers_nothing(gate, early):
    sent = threading.Event()

    def script(line: Line) -> None:
        line.send(line.answer(line.question()))
        line.raw(early)
        sent.set()
        line.until_closed()

    shared = gate(script, hostile.honest)
    session = run(shared)
    assert sent.wait(ENOUGH)
    assert [ask(session).status, ask(session).status] == ["crashed", "returned"]
    session.close()
    require_unharmed(shared)


def test_a_reply_after_the_end_reaches_nobody(gate):
    closed, sent = threading.Event(), []

    def script(line: Line) -> None:
        line.cells()
        closed.wait(ENOUGH)
        try:
            line.send(returned("late"))
        except OSError as error:
            sent.append(type(error))

    shared = gate(script, hostile.honest)
    session = run(shared)
    assert ask(session).status == "timed out"
    session.close()
    closed.set()
    require_unharmed(shared)
    shared.close()
    assert sent == [BrokenPipeError]


# What the other side does while it is sent to.


def never_reads(line: Line) -> None:
    line.send(line.answer(line.question()))
    time.sleep(2 * hostile.SECONDS + GRACE)


BIG = wire.encode((torch.zeros(2**22),))


def test_a_child_that_never_reads_holds_up_a_big_question_until_the_limit_only(gate):
    shared = gate(never_reads, hostile.honest)
    session = run(shared)
    started = time.monotonic()
    assert ask(session, BIG).status == "timed out"
    assert time.monotonic() - started < ENOUGH
    require_unharmed(shared)


def test_a_child_that_hangs_up_in_the_middle_of_a_question_is_lost(gate):
    def script(line: Line) -> None:
        line.send(line.answer(line.question()))
        line.end.recv(1000)

    session = run(gate(script))
    assert ask(session, BIG).status == "crashed"


@pytest.mark.parametrize("script", [hostile.silent, hostile.hurried_dripping, never_reads], ids=lambda s: s.__name__)
def test_what_the_tree_uses_is_looked_at_while_bytes_drip_and_while_nobody_reads(gate, script):
    session = run(gate(script))
    greedy = Limits(probe_seconds=60.0, memory=-1)
    session._child.limits = session.limits = greedy  # type: ignore[union-attr]
    assert "MiB of memory" in ask(session, BIG).note


def test_descriptors_that_are_sent_along_are_not_taken(gate):
    def script(line: Line) -> None:
        question = line.cells()
        message = framed(wire.encode(line.answer(question)))
        handles = array.array("i", [line.end.fileno()] * 50)
        line.end.sendmsg([message], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, handles)])
        line.until_closed()

    session = run(gate(script))
    before = len(list(Path("/proc/self/fd").iterdir()))
    assert ask(session).status == "returned"
    assert len(list(Path("/proc/self/fd").iterdir())) <= before
    session.close()


def test_a_lost_child_is_said_to_be_lost_at_every_further_question(gate):
    child = gate(hostile.silent).spawn(QUICK)
    child.end()
    with pytest.raises(LostError):
        child.ask({"name": "softmax", "source": RIGHT}, 1.0)


# The same through the whole of grading.


def submission(name: str, source: str = RIGHT) -> Submission:
    cell = {"id": "a", "cell_type": "code", "metadata": {"nbgrader": {"grade_id": "softmax"}}, "source": source}
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
    return Submission(name, "04_softmax", notebook)


def points(verdict: Verdict) -> float:
    return verdict.exercise("softmax").points


@pytest.mark.parametrize("script", [*ENDS, hostile.out_of_band, replies_twice, replies_before_it_is_asked, never_reads])
def test_grading_a_hostile_child_ends_without_points_and_its_neighbour_has_them_all(gate, suite, tmp_path, script):
    started = time.monotonic()
    shared = gate(script)
    worker = Worker(shared, suite, References(CourseFolder(tmp_path), "04_softmax"), 1, QUICK)
    assert points(worker.grade(submission("mallory")).verdict) == 0.0
    assert time.monotonic() - started < ENOUGH
    shared.scripts = [hostile.honest]
    assert points(worker.grade(submission("alice")).verdict) == 4.0


def test_the_small_suite_bites(suite, tmp_path: Path, gate):
    worker = Worker(gate(hostile.honest), suite, References(CourseFolder(tmp_path), "04_softmax"), 1, QUICK)
    wrong = submission("bob", "def softmax(x):\n    return x")
    assert points(worker.grade(wrong).verdict) == 0.0
