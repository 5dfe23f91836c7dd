"""Questions that are put together come to the very verdict that they come to one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from grader.course import exercise
from grader.folder import CourseFolder
from grader.jail import wire
from grader.jail.jail import Jail
from grader.jail.limits import Limits
from grader.jail.session import Session
from grader.judge.jail_world import AskedWorld, JailWorld, Question
from grader.judge.probe import Probe
from grader.judge.references import References
from grader.judge.submission import Submission
from grader.judge.suite import Case, Suite
from grader.judge.worker import Worker
from grader.notebook.running import RunCell
from grader.verdict import ExerciseVerdict

LIMITS = Limits(cell_seconds=5.0, probe_seconds=1.0)
RIGHT = (
    "import torch\ndef softmax(x):\n    e = (x - x.max(-1, keepdim=True).values).exp()\n"
    "    return e / e.sum(-1, keepdim=True)"
)
AT_THIRD = (
    f"{RIGHT}\nright, calls = softmax, []\ndef softmax(x):\n    calls.append(1)\n"
    "    if len(calls) == 3:\n        {what}\n    return right(x)"
)
ANSWERS = {
    "right": RIGHT,
    "wrong everywhere": "import torch\ndef softmax(x):\n    return x.exp()",
    "wrong for float64": f"{RIGHT}\nright = softmax\ndef softmax(x):\n    return right(x).float()",
    "ready-made": "import torch\ndef softmax(x):\n    return x.softmax(-1)",
    "ready-made for float64": f"{RIGHT}\nright = softmax\n"
    "def softmax(x):\n    return right(x) if x.dtype == torch.float32 else torch.softmax(x, -1)",
    "not attempted": "def softmax(x):\n    raise NotImplementedError",
    "missing": "soft = 1",
    "raises": "def softmax(x):\n    return 1 / 0",
    "ends its process at the third call": AT_THIRD.format(what="import os; os._exit(3)"),
    "hangs at the third call": AT_THIRD.format(what="\n        while True: pass"),
    "hangs": "def softmax(x):\n    while True:\n        pass",
    "too large to send": "import torch\ndef softmax(x):\n    return [torch.ones(2**22)] * 5",
    "hides from its clock at the third call": AT_THIRD.format(
        what="import signal; signal.setitimer(signal.ITIMER_REAL, 0); signal.pause()"
    ),
}


def softmax(m, x):
    return m.softmax(x)


def _case(name: str, *shape: int, dtype: torch.dtype = torch.float32) -> Case:
    def test(answer, draw):
        """The rows of a table."""
        x = draw.normal(*shape, dtype=dtype)
        answer.agrees(softmax, x, unchanged=True)
        answer.agrees(softmax, 2 * x)

    return Case(name, "softmax", test)


@pytest.fixture(scope="module")
def suite() -> Suite:
    return Suite((_case("a", 2, 3), _case("b", 4, 2, dtype=torch.float64), _case("c", 3)))


@pytest.fixture(scope="module")
def references(released_course: Path) -> References:
    return References(CourseFolder(released_course), "04_softmax")


def submission(answer: str) -> Submission:
    cell = {"id": "a", "cell_type": "code", "metadata": {"nbgrader": {"grade_id": "softmax"}}, "source": answer}
    return Submission("ada", "04_softmax", {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]})


@pytest.fixture
def graded(jail: Jail, suite: Suite, references: References) -> Callable[..., ExerciseVerdict]:
    def of(answer: str, *, together: bool) -> ExerciseVerdict:
        none: dict[str, tuple[Question, ...]] = {} if together else dict.fromkeys(("softmax", "log_softmax", "nll"), ())
        worker = Worker(jail.gates[0], suite, references, 7, LIMITS, questions=none)
        return worker.grade(submission(answer)).verdict.exercise("softmax")

    return of


@pytest.mark.parametrize("answer", ANSWERS)
def test_the_verdict_is_the_same(graded, answer):
    assert graded(ANSWERS[answer], together=True) == graded(ANSWERS[answer], together=False)


class _Counting(Session):
    """A session that counts what is sent to its child."""

    sent = 0

    def _ask(self, *args, **more):
        self.sent += 1
        return super()._ask(*args, **more)


@pytest.fixture
def session(jail: Jail) -> Iterator[_Counting]:
    made = _Counting(jail.gates[0], (RunCell("softmax", RIGHT, 0),), LIMITS)
    made.run_cells()
    yield made
    made.close()


def test_a_right_answer_is_asked_once(session, suite, references):
    about = exercise("softmax")
    asked = AskedWorld(references.world)
    suite.grade("softmax", asked, references.expected, 7)
    assert len(asked.together) == 6
    before = session.sent
    world = JailWorld(session, [Question(q.code, q.payload, _families(about)) for q in asked.together])
    verdict = suite.grade("softmax", world, references.expected, 7).verdict
    assert verdict.points == about.points
    assert session.sent == before + 1


def _families(about) -> tuple[str, ...]:
    return tuple(each.name for each in about.forbidden)


def test_what_is_asked_otherwise_is_asked_by_itself(session):
    probe, families = Probe.of(softmax), exercise("softmax").forbidden
    first, second, other = (wire.encode((torch.full((2,), float(i)),)) for i in range(3))
    world = JailWorld(session, [Question.of(probe, each, families, None) for each in (first, second)])
    before = session.sent
    assert world.call(probe, other, families).status == "returned"
    assert world.call(probe, first, families).status == "returned"
    assert session.sent == before + 2


def test_a_question_with_a_limit_of_its_own_ends_what_is_put_together(references):
    probe = Probe.of(softmax)
    world = AskedWorld(references.world)
    for i, seconds in enumerate((None, None, 60.0, None)):
        world.call(probe, wire.encode((torch.full((2,), float(i)),)), (), seconds=seconds)
    assert [each.payload for each in world.together] == [each.payload for each in world.questions[:2]]
