"""The watcher's screen in every state: whole screens, held equal to golden files."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rich.console import Console
from screen_files import FOLDER, drawn, hold
from screen_samples import ALL, HOSTILE_ONE, MIXED, PLACE, STARTING, UNTRIED, VERDICTS

from grader.verdict import Verdict
from grader.watch.judges import Judged
from grader.watch.keys import DOWN, PAGE_DOWN
from grader.watch.pruned import Changed
from grader.watch.screen import Screen
from grader.watch.state import State, judged, pressed, saved, troubled, unchanged, warm


def seen(verdict: Verdict, state: State = STARTING) -> State:
    """The state after a first verdict."""
    return warm(judged(state, Judged(0, verdict, True, 0.42), PLACE))


def after(keys: str, state: State) -> State:
    for key in keys:
        state = pressed(state, key)
    return state


@pytest.fixture
def solution(released_course):
    return released_course / "solutions" / "04_softmax.py"


STATES = {
    "starting": STARTING,
    "warming": judged(STARTING, Judged(0, UNTRIED, True, 0.42), PLACE),
    "untouched": seen(UNTRIED),
    "wrong": seen(MIXED),
    "nudge": after("h", seen(MIXED)),
    "explanation": after("hh", seen(MIXED)),
    "no_more_hints": after("hhh", seen(MIXED)),
    "list": after("l", seen(MIXED)),
    "next": after("n", seen(MIXED)),
    "passed": replace(seen(MIXED), current="nll"),
    "all_passed": seen(ALL),
    "checking": saved(seen(MIXED), 1, Changed(("softmax",))),
    "checking_all": saved(seen(MIXED), 1, Changed()),
    "same_code": unchanged(seen(MIXED)),
    "gone": troubled(seen(MIXED), "`04_softmax.ipynb` is gone; it is checked again as soon as it is back"),
    "weak_walls": replace(seen(MIXED), walls="isolation: tier B, files and network closed; missing: namespaces."),
    "hostile": seen(HOSTILE_ONE),
}
SMALL = ("explanation", "wrong", "hostile", "list")


@pytest.mark.parametrize("name", sorted(STATES))
def test_a_state_fills_its_terminal(name):
    shown = drawn([Screen(STATES[name])], 90, 30)
    assert len(shown.rstrip("\n").split("\n")) <= 30
    hold(f"watch.{name}", shown)


@pytest.mark.parametrize("name", SMALL)
def test_a_small_terminal_says_what_it_hides(name):
    shown = drawn([Screen(STATES[name])], 40, 12)
    assert max(map(len, shown.split("\n"))) <= 40
    assert len(shown.split("\n")) <= 13
    hold(f"watch.{name}.small", shown)


def test_what_is_hidden_can_be_scrolled_to():
    state = STATES["explanation"]
    for _ in range(40):
        state = pressed(state, DOWN)
    assert "(end)" in drawn([Screen(state)], 40, 12)


def test_pages_follow_each_other_and_leave_no_line_out():
    state, console = STATES["explanation"], Console(width=40, height=12)
    pages = []
    for _ in range(10):
        pages.append(worded([Screen(state)], 12))
        state = pressed(state, PAGE_DOWN, Screen(state).page(console))
        state = replace(state, scroll=min(state.scroll, Screen(state).overflow(console)))
    assert set().union(*pages) == worded([Screen(state)], 60)
    assert not pages[0] & pages[1]
    assert pages[-1] == pages[-2]


def worded(what: list[Screen], rows: int) -> set[str]:
    """The lines inside panels that hold words, on a terminal of 40 columns."""
    return {line for line in drawn(what, 40, rows).split("\n") if line.startswith("│") and line.strip("│ ")}


def test_the_course_s_answer_is_shown_once_one_s_own_passes(solution):
    state = replace(STATES["all_passed"], solution=solution)
    hold("watch.solution", drawn([Screen(pressed(state, "s"))], 90, 30))


@pytest.mark.parametrize(("columns", "rows"), [(20, 4), (1, 1), (200, 3), (10, 60)])
@pytest.mark.parametrize("name", sorted(STATES))
def test_no_size_of_a_terminal_stops_it(name, columns, rows):
    assert drawn([Screen(STATES[name])], columns, rows)


def test_every_golden_file_belongs_to_a_screen():
    watched = {f"watch.{name}" for name in STATES} | {f"watch.{name}.small" for name in SMALL} | {"watch.solution"}
    verdicts = {f"{name}.{kind}" for name in VERDICTS for kind in ("wide", "narrow", "pipe")} | {"mixed.ascii"}
    assert {path.stem for path in FOLDER.iterdir()} == watched | verdicts
