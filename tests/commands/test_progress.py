"""What a teacher sees while a class is graded."""

from __future__ import annotations

import io
import os
import sys
import threading
from collections.abc import Iterable
from pathlib import Path

import pytest
from rich.console import Console
from standings import A, B, D, class_of, standing, tell
from terminals import left_on_screen, on_terminal
from tests_support import LEAN

from grader.jail.proofs import Protection
from grader.panel.plain import inert
from grader.progress import NAMED, Shown, Tally, progress, view
from grader.remarks import HEAVY_REPAIRS
from grader.standing import Standing
from grader.verdict import Outcome

TESTS = Path(__file__).parents[1]
TROUBLES = {
    "timed out: bob: softmax": standing("bob", Outcome.TIMED_OUT),
    "could not be checked: bob: nll": standing("bob", nll=Outcome.COULD_NOT_CHECK),
    "repaired heavily: bob: 3 things": standing("bob", repairs=HEAVY_REPAIRS),
    "flagged: bob: its code needs a human's look (2 flags)": standing("bob", flags=2),
    "behind weaker walls: bob: tier D, nothing to rely on": standing("bob", tier="D", weak=True),
    "could not be graded: bob: `x` is not the JSON of a notebook": standing(
        "bob", Outcome.COULD_NOT_CHECK, Outcome.COULD_NOT_CHECK, problem="`x` is not the JSON of a notebook"
    ),
}


def lines_of(standings: Iterable[Standing], protection: Protection = A) -> list[str]:
    """What is said of a run where there is no terminal."""
    console = Console(file=io.StringIO())
    with progress("04_softmax", console=console) as watcher:
        tell(watcher, standings, protection)
    return console.file.getvalue().splitlines()


def text_of(tally: Tally, width: int = 100, *, stopping: bool = False) -> str:
    console = Console(file=io.StringIO(), width=width)
    console.print(view("04_softmax", tally, width, stopping=stopping))
    return console.file.getvalue()


class Clock:
    """A clock that is set by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tally(clock) -> Tally:
    return Tally(clock, students=10)


def test_right_wrong_and_untouched_answers_are_not_worth_a_line():
    usual = [standing("ada"), standing("bob", Outcome.WRONG), standing("eve", Outcome.NOT_ATTEMPTED, repairs=1)]
    assert lines_of(usual) == []


@pytest.mark.parametrize("line", TROUBLES)
def test_each_problem_has_its_line(line):
    said = lines_of([standing("ada"), TROUBLES[line]])
    assert len(said) == 1
    assert said[0].startswith(line)


def test_who_is_not_graded_is_told_with_the_reason():
    console = Console(file=io.StringIO())
    Shown(console).failed("bob", "`bob` is a symbolic link. Put a folder in its place.")
    said = "not graded: bob: `bob` is a symbolic link. Put a folder in its place.\n"
    assert console.file.getvalue() == said


def test_one_problem_of_very_many_takes_a_few_lines_and_hides_no_other():
    many = class_of(250, softmax=Outcome.TIMED_OUT) + class_of(50)
    said = lines_of([*many, TROUBLES["flagged: bob: its code needs a human's look (2 flags)"]])
    assert len(said) == NAMED + 2
    assert [line.partition(":")[0] for line in said] == ["timed out"] * (NAMED + 1) + ["flagged"]
    assert "more of these" in said[NAMED]


def test_the_problems_of_an_earlier_run_are_not_told_again():
    assert lines_of([standing("bob", Outcome.TIMED_OUT, unchanged=True)]) == []


def test_the_walls_are_told_once_for_all_and_then_only_where_they_differ():
    behind_b, behind_d = standing("bob", tier="B", weak=True), standing("eve", tier="D", weak=True)
    said = lines_of([behind_b, behind_d], B)
    assert [line.split(",")[0] for line in said] == ["isolation: tier B", "behind weaker walls: eve: tier D"]
    assert "NO ISOLATION" in "\n".join(lines_of([], D))


@pytest.mark.parametrize(
    "name", ["[red]bob[/red]", "a[link=file:///x]b", "bob\x1b[31m", "b\u202eob", "b\nob", ":smile:"]
)
def test_names_and_reasons_are_shown_as_text_and_obeyed_by_nobody(name, tally):
    console = Console(file=io.StringIO(), force_terminal=True, color_system=None, width=200)
    watcher = Shown(console)
    watcher.failed(name, f"reason {name}")
    watcher.judged(standing(name, Outcome.TIMED_OUT))
    tally.start(name)
    console.print(view("04_softmax", tally, 200))
    shown = console.file.getvalue()
    assert len(shown.splitlines()) == 6
    assert all(sign.isprintable() for sign in shown.replace("\n", ""))
    assert shown.count(inert(name)) == 4
    assert (shown.count(name) == 4) is name.isprintable()


def test_it_says_how_many_are_done_and_what_they_have(tally):
    for each in (standing("ada"), standing("bob", Outcome.WRONG), standing("eve", unchanged=True)):
        tally.judge(each)
    tally.judge(standing("ida", problem="it is no notebook"))  # no total, in no mean
    tally.fail("zip")
    tally.recorded = 2
    shown = text_of(tally)
    assert "5 of 10" in shown
    assert "points: 3.33 of 4 on average (83%), full marks 67%" in shown
    assert "judged 4 (1 unchanged), recorded 2, not graded 1" in shown


def test_it_names_who_runs_longest(tally, clock):
    assert "starting the judges" in text_of(tally)
    tally.start("ada")
    clock.now += 5
    tally.start("bob")
    clock.now += 7
    assert "running longest: ada, 12 s, with 1 more" in text_of(tally)
    tally.start("ada")  # the judge was lost, and a fresh one has taken her
    assert "running longest: bob, 7 s, with 1 more" in text_of(tally)
    tally.judge(standing("bob"))
    tally.fail("ada")
    assert "running: nobody" in text_of(tally)


def test_time_left_is_told_at_the_pace_of_this_run(tally, clock):
    tally.judge(standing("eve", unchanged=True))
    clock.now += 50  # the jail starts: no part of the pace
    tally.start("a")
    for name in "abc":
        assert tally.seconds_left is None
        clock.now += 2
        tally.judge(standing(name))
    assert tally.seconds_left == 12
    assert "0:56, about 0:12 left" in text_of(tally)


def test_who_was_judged_and_could_not_be_recorded_is_done_once(tally):
    tally.judge(standing("ada"))
    tally.fail("ada")
    assert tally.done == 1


@pytest.mark.parametrize("width", [5, 20, 40, 69, 70, 100, 300])
@pytest.mark.parametrize("name", ["ada", "a" * 200, "李" * 100])
def test_no_line_is_longer_than_the_terminal_is_wide(tally, width, name):
    tally.start(name)
    lines = text_of(tally, width, stopping=True).splitlines()
    assert len(lines) == 5
    console = Console()
    assert max(console.measure(line).maximum for line in lines) <= width


def test_hours_are_told_as_hours(tally, clock):
    clock.now += 3725
    assert "1:02:05" in text_of(tally)


@pytest.mark.parametrize("variables", [{}, {"FORCE_COLOR": "1"}])
def test_where_there_is_no_terminal_there_is_no_display(monkeypatch, variables):
    for key, value in variables.items():
        monkeypatch.setenv(key, value)
    assert lines_of(class_of(50)) == []


RUN = """
import sys, threading, time
sys.path.insert(0, {tests!r})
from standings import *
from grader.progress import progress
stop = threading.Event()
with progress(ASSIGNMENT, stop=stop) as watcher:
    tell(watcher, class_of(30))
    watcher.begins(40)
    watcher.started("slow")
    time.sleep(0.6)
    watcher.judged(standing("slow", Outcome.TIMED_OUT, flags=1))
    stop.set()
    time.sleep(0.6)
    watcher.recorded(["slow"])
print("after")
"""


def run_on_terminal(folder: Path, columns: int = 100, **settings: str) -> str:
    command = [sys.executable, "-c", RUN.format(tests=str(TESTS))]
    done = on_terminal(command, folder, columns=columns, PYTHONPATH=LEAN, **settings)
    assert done.code == 0, done.screen
    return done.screen


@pytest.mark.parametrize("columns", [30, 80, 200])
def test_a_terminal_keeps_the_problems_and_not_the_display(tmp_path, columns):
    screen = run_on_terminal(tmp_path, columns)
    assert "running longest: slow" in screen
    assert "stopping: what is graded" in screen
    assert screen.rindex("\x1b[?25h") > screen.rindex("\x1b[?25l")
    flagged = "flagged: slow: its code needs a human's look (1 flag); its file in verdicts/ says where"
    # rows of the terminal: where they break is its own affair
    told = "".join(left_on_screen(screen, columns)).replace(" ", "")
    assert told == f"{flagged}timed out: slow: softmaxafter".replace(" ", "")


def test_the_bar_is_there_where_there_is_room(tmp_path):
    assert "━━━" in run_on_terminal(tmp_path, 100)
    narrow = run_on_terminal(tmp_path, 50)
    assert "━" not in narrow
    assert "30 of 40" in narrow


def test_without_colour_it_says_the_same(tmp_path):
    coloured, plain = run_on_terminal(tmp_path), run_on_terminal(tmp_path, NO_COLOR="1")
    assert "\x1b[3" in coloured
    assert "\x1b[3" not in plain
    assert left_on_screen(plain, 100) == left_on_screen(coloured, 100)


def test_a_terminal_that_cannot_draw_again_gets_lines(tmp_path):
    screen = run_on_terminal(tmp_path, TERM="dumb")
    assert "\x1b" not in screen
    lines = screen.splitlines()
    assert [line for line in lines if " of 30 done" in line][::9] == [
        "3 of 30 done, points: 4.00 of 4 on average (100%), full marks 100%",
        "30 of 30 done, points: 4.00 of 4 on average (100%), full marks 100%",
    ]
    assert lines[-1] == "after"
    assert "\r" not in screen.replace("\r\n", "\n")


def test_a_dumb_terminal_is_told_once_that_it_stops():
    stop = threading.Event()
    ours, its = os.openpty()
    with os.fdopen(ours, "rb") as read, os.fdopen(its, "w") as written:
        console = Console(file=written, force_terminal=False)
        with progress("04_softmax", stop=stop, console=console) as watcher:
            watcher.begins(100)
            stop.set()
            watcher.judged(standing("ada"))
            watcher.judged(standing("bob"))
        written.flush()
        told = os.read(read.fileno(), 10_000).decode().splitlines()
    assert len(told) == 1
    assert told[0].startswith("stopping: what is graded")
