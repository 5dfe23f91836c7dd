"""A submission's cells, answers and replays share one budget of seconds, and what is right is asked within it."""

from __future__ import annotations

import time

import pytest
import torch

from grader.jail import wire
from grader.jail.children import LostError
from grader.jail.limits import Limits
from grader.jail.session import SHARE_OF_CELLS, USED_UP
from grader.judge.jail_world import MAX_LOST, NOT_TRIED, JailWorld
from grader.judge.probe import Probe

LOOP = "import time\nwhile True:\n    time.sleep(1)"
DEAF = "import time\nwhile True:\n    try:\n        time.sleep(10)\n    except BaseException:\n        pass"
"""Asleep they cost the other tests nothing; test_session.py has the same two wide awake."""
RIGHT = "def add(x):\n    return x + 1"
DEAD = "import os\ndef dead(x):\n    os._exit(0)"
ADD, ASK_DEAD = Probe.of(lambda m, x: m.add(x)), Probe.of(lambda m, x: m.dead(x))
ONES = wire.encode((torch.ones(2),))


def limits(**seconds: float) -> Limits:
    return Limits(**{"cell_seconds": 2.0, "probe_seconds": 1.0, "memory": 400 * 2**20, **seconds})


@pytest.mark.parametrize("hung", [LOOP, DEAF])
def test_many_cells_that_hang_cost_half_the_budget_and_a_right_answer_is_still_asked(run, hung):
    session = run(RIGHT, *[hung] * 9, limits=limits(cell_seconds=1.0, seconds=6.0))
    assert SHARE_OF_CELLS * 6.0 <= session.spent < 6.0
    assert [run.timed_out for run in session.runs] == [False] + [True] * 9
    assert USED_UP in session.runs[-1].lost
    assert JailWorld(session).call(ADD, ONES, ()).status == "returned"


def test_a_cell_after_two_that_hang_has_less_time_each_but_runs(run):
    session = run(*[LOOP] * 3, RIGHT, "x = 41 + 1\nx", limits=limits(cell_seconds=3.0, seconds=60.0))
    assert [each.ok for each in session.runs] == [False] * 3 + [True] * 2
    assert session.spent < 3.0 + 3.0 + 3.0
    assert JailWorld(session).call(ADD, ONES, ()).status == "returned"


def test_what_a_cell_defined_before_it_hung_is_there_when_another_answer_lost_the_process(run):
    session = run(f"{RIGHT}\n{LOOP}", DEAD, limits=limits(seconds=30.0))
    assert session.runs[0].timed_out
    assert JailWorld(session).call(ASK_DEAD, ONES, ()).status == "crashed"
    assert JailWorld(session).call(ADD, ONES, ()).status == "returned"


def test_replays_count(run):
    session = run("import time; time.sleep(0.5)", RIGHT, DEAD, limits=limits(seconds=30.0))
    before = session.spent
    for _ in range(2):
        with pytest.raises(LostError):
            session.probe(ASK_DEAD.to_bytes(), ONES, ())
    session.probe(ADD.to_bytes(), ONES, ())
    assert session.spent - before >= 2 * 0.5


def test_a_spent_budget_is_told_and_costs_nothing_more(run):
    session = run("import time; time.sleep(1.5)", RIGHT, DEAD, limits=limits(seconds=4.5))
    world = [JailWorld(session) for _ in range(6)]
    told = [each.call(ASK_DEAD, ONES, ()) for each in world]
    assert told[0].status == "crashed"
    assert (told[-1].status, told[-1].note) == ("timed out", USED_UP)
    before = time.monotonic()
    assert JailWorld(session).call(ADD, ONES, ()).note == USED_UP
    assert time.monotonic() - before < 1.0


def test_an_answer_that_ends_its_process_each_time_is_asked_no_more_where_that_is_dear(run):
    session = run("import time; time.sleep(1.2)", RIGHT, DEAD, limits=limits(seconds=60.0))
    world = JailWorld(session)
    notes = [world.call(ASK_DEAD, ONES, ()).note for _ in range(12)]
    assert notes[:MAX_LOST] == ["the process ended itself"] * MAX_LOST
    assert notes[-1] == NOT_TRIED
    assert JailWorld(session).call(ADD, ONES, ()).status == "returned"


def test_an_answer_that_ends_its_process_for_one_input_keeps_its_share(run):
    source = "import os\ndef add(x):\n    if x.sum() == 3:\n        os._exit(0)\n    return x + 1"
    world = JailWorld(run(source, limits=limits(seconds=60.0)))
    odd, even = wire.encode((torch.ones(3),)), ONES
    assert [world.call(ADD, each, ()).status for each in (odd, even) * 3] == ["crashed", "returned"] * 3


def test_a_time_limit_of_its_own_words_is_no_time_limit(run):
    session = run("class TimeLimitExceeded(Exception):\n    pass\nraise TimeLimitExceeded", RIGHT)
    assert not session.runs[0].timed_out
