"""Who gets which submission, decided without a cluster."""

from __future__ import annotations

import pytest

from grader.cluster.roster import AHEAD, Roster


@pytest.fixture
def roster() -> Roster:
    roster = Roster()
    roster.join("one", 1)
    roster.join("four", 4)
    return roster


def addresses(roster: Roster, count: int) -> list[str]:
    return [roster.assign(number).address for number in range(count)]


def test_work_is_shared_out_by_places(roster):
    assert sorted(addresses(roster, 5)) == ["four"] * 4 + ["one"]


def test_a_bounded_number_is_on_its_way(roster):
    addresses(roster, AHEAD * 5)
    assert not roster.has_room()
    with pytest.raises(LookupError):
        roster.assign(99)


def test_one_that_joins_late_is_next(roster):
    addresses(roster, 6)
    roster.join("late", 1)
    assert roster.assign(6).address == "late"


def test_what_was_with_a_worker_comes_back_when_it_leaves(roster):
    flights = [roster.assign(number) for number in range(5)]
    roster.begin(flights[0].number)
    left = roster.leave(flights[0].address)
    assert flights[0] in left
    assert [flight.began for flight in left] == [flight is flights[0] for flight in left]
    assert roster.land(flights[0].number) is None
    assert not roster.begin(flights[0].number)


def test_one_that_left_gets_nothing_more(roster):
    roster.leave("four")
    assert addresses(roster, AHEAD) == ["one"] * AHEAD
    assert roster.leave("four") == ()


def test_one_that_must_be_alone_waits_until_a_worker_is_idle(roster):
    roster.leave("one")
    roster.assign(0)
    assert roster.assign_alone(1) is None
    assert not roster.has_room(), "the worker is kept free"
    roster.land(0)
    flight = roster.assign_alone(2)
    assert flight is not None
    assert flight.address == "four"
    assert not roster.has_room(), "nothing comes beside it"
    roster.land(2)
    assert roster.has_room()


def test_nobody_is_alone_where_nobody_works():
    assert Roster().assign_alone(0) is None


def test_what_waits_with_a_busy_worker_can_go_to_an_idle_one():
    roster = Roster()
    roster.join("busy", 1)
    roster.assign(0), roster.assign(1)
    roster.begin(0)
    assert roster.movable() is None, "nobody is idle"
    roster.join("idle", 1)
    movable = roster.movable()
    assert movable is not None
    assert movable.number == 1
