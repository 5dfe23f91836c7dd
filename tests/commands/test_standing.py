"""What is kept of a student's verdict while a class is graded."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from standings import ASSIGNMENT, D, standing

from grader.jail.notice import isolation
from grader.standing import Standing
from grader.verdict import ExerciseVerdict, ForbiddenCall, Mistake, Outcome, Verdict

VERDICT = Verdict(
    ASSIGNMENT,
    "ada",
    (
        ExerciseVerdict("softmax", 1.25, 4.0, Outcome.WRONG, mistake=Mistake("over_axis_0", "…")),
        ExerciseVerdict("nll", 0.0, 2.0, Outcome.FORBIDDEN, forbidden=ForbiddenCall("F.nll_loss", "nll", 2)),
    ),
    repairs=("a cell was restored",),
    flags=("it looks around", "and again"),
    isolation=isolation(D),
    seconds=3.5,
)


def test_a_standing_holds_what_a_table_tells_of_a_verdict():
    found = Standing.of(VERDICT)
    assert (found.points, found.max_points) == (VERDICT.points, VERDICT.max_points) == (1.25, 6.0)
    assert [each.mistake or each.forbidden for each in found.exercises] == ["over_axis_0", "F.nll_loss"]
    assert (found.repairs, found.flags, found.seconds, found.problem) == (1, 2, 3.5, "")
    assert (found.tier, found.weak, found.unchanged) == ("D", True, False)
    assert Standing.of(VERDICT, unchanged=True).unchanged


@pytest.mark.parametrize(
    "found",
    [Standing.of(VERDICT), Standing.of(VERDICT, unchanged=True), standing("李明", late_penalty=1.5, by_hand=-0.5)],
)
def test_it_travels_as_json_and_comes_back_equal(found):
    assert Standing.from_json(json.loads(json.dumps(found.to_json()))) == found


@pytest.mark.parametrize("change", [{"exercises": [{}]}, {"surprise": 1}, {"exercises": None}])
def test_what_is_no_standing_is_refused(change):
    with pytest.raises((KeyError, TypeError, ValueError)):
        Standing.from_json({**standing("ada").to_json(), **change})


def test_points_are_rounded_as_those_of_a_verdict():
    tenths = tuple(ExerciseVerdict(name, 0.1, 1.0, Outcome.WRONG) for name in "abc")
    assert sum(each.points for each in tenths) != 0.3
    assert Standing.of(Verdict(ASSIGNMENT, "ada", tenths)).points == 0.3


def test_neither_a_standing_nor_the_command_line_costs_torch():
    source = "import sys, grader.standing, grader.progress, grader.summary, grader.cli; print('torch' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True).stdout
    assert told == "False\n"
