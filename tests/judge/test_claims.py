"""What the student's process says of itself reaches no reader unless it is so."""

from __future__ import annotations

import pytest

from grader.course import exercise
from grader.jail.limits import Limits
from grader.jail.runs import CellRun
from grader.judge.jail_world import JailWorld
from grader.judge.probe import Probe
from grader.notebook.running import RunCell

PROBE = Probe.of(lambda m, x: m.softmax(x))
FAMILIES = exercise("softmax").forbidden


class Claiming:
    """A session whose child says whatever it likes."""

    cells = (RunCell("softmax", "def softmax(x):\n    return torch.softmax(x, -1)", 0),)
    runs: tuple[CellRun, ...] = ()
    limits, spent = Limits(), 0.0

    def __init__(self, **claims: object) -> None:
        self.claims = {"status": "returned", "value": 1, "inputs": (), "raised": None, "forbidden": [], **claims}

    def probe(self, code, payload, forbidden, seconds):
        return self.claims


def raised(cell: str, line: int, text: str) -> dict:
    return {"kinds": ["ValueError"], "message": "", "cell": cell, "line": line, "text": text}


@pytest.mark.parametrize(("cell", "line"), [("cell [0.7519, -0.8252]", 1), ("cell softmax", 99), ("cell softmax", 0)])
def test_a_place_that_does_not_exist_is_left_out(cell, line):
    world = JailWorld(Claiming(status="raised", raised=raised(cell, line, "0.7519")))
    found = world.call(PROBE, b"", ()).raised
    assert (found.cell, found.line, found.text) == ("", 0, "")


def test_the_text_of_a_line_is_the_notebooks_own():
    world = JailWorld(Claiming(status="raised", raised=raised("cell softmax", 2, "x = [0.7519]")))
    assert world.call(PROBE, b"", ()).raised.text == "return torch.softmax(x, -1)"


@pytest.mark.parametrize(
    ("claimed", "told"),
    [
        ("torch.softmax", "torch.softmax"),
        ("aten._softmax", "aten._softmax"),
        ("torch.distributions.Categorical", "torch.distributions.Categorical"),
        ("0.7519 -0.8252", "a ready-made function"),
        ("numpy.0_7519", "a ready-made function"),
    ],
)
def test_a_forbidden_call_is_told_only_by_a_name_that_can_be_forbidden(claimed, told):
    call = {"call": claimed, "cell": "cell softmax", "line": 2, "text": "lie"}
    found = JailWorld(Claiming(forbidden=[call])).call(PROBE, b"", FAMILIES).forbidden[0]
    assert (found.call, found.text) == (told, "return torch.softmax(x, -1)")


@pytest.mark.parametrize("nonsense", [None, 1, [], {}, {"status": "won"}, {"status": "raised", "raised": 3}])
def test_a_reply_without_form_is_unreadable_and_nothing_worse(nonsense):
    session = Claiming()
    session.claims = nonsense
    assert JailWorld(session).call(PROBE, b"", ()).status == "unreadable"
