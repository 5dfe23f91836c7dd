"""Ctrl-C while a class is graded: a person at a real terminal, and a program that sends the signal."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from states import left_of
from terminals import Press, left_on_screen, on_terminal
from tests_support import hand_in_class, run_grader

from grader.folder import CourseFolder
from grader.interrupts import Interrupted, first_asks
from grader.jail import processes

ASSIGNMENT = "04_softmax"
COMMAND = (sys.executable, "-m", "grader", "autograde", ASSIGNMENT, "--jobs", "2")


@pytest.fixture
def handed_in(course) -> Path:
    """A class of eighteen, one of whom loops for ever."""
    hand_in_class(CourseFolder(course), ASSIGNMENT)
    return course


def some_are_judged(screen: str) -> bool:
    return re.search(r"judged ([2-9]|1\d)", screen) is not None


def it_stops(screen: str) -> bool:
    return "stopping:" in screen


def recorded(course: Path) -> set[str]:
    """Whose graded notebook is there, whole."""
    found = (course / "autograded").glob(f"*/{ASSIGNMENT}/{ASSIGNMENT}.ipynb")
    return {path.parents[1].name for path in found if json.loads(path.read_text())}


def finishes(course: Path, kept: set[str]) -> None:
    """The next run goes on from what was kept and ends well."""
    done = run_grader(course, "autograde", ASSIGNMENT, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert len(told["standings"]) == 18
    assert set(told["unchanged"]) >= kept
    assert len(recorded(course)) == 18


def test_the_first_ends_it_cleanly_and_the_next_run_goes_on(handed_in):
    done = on_terminal(COMMAND, handed_in, presses=[Press(some_are_judged)], columns=200)
    assert done.code == 130, done.screen
    assert "Traceback" not in done.screen
    kept = recorded(handed_in)
    assert 2 <= len(kept) < 18
    last = left_on_screen(done.screen, 200)[-1]
    assert last.startswith(f"grader: interrupted: {len(kept)} students are done and recorded")
    assert last.endswith("it goes on with the others")
    finishes(handed_in, kept)


def test_the_second_ends_it_at_once_and_nothing_is_half_written(handed_in):
    done = on_terminal(COMMAND, handed_in, presses=[Press(some_are_judged), Press(it_stops)])
    assert done.code == 130, done.screen
    assert "Traceback" not in done.screen
    assert "grader: interrupted" in done.screen
    finishes(handed_in, recorded(handed_in))


def test_before_a_judge_is_there_nothing_is_kept_and_nothing_is_left(handed_in):
    done = on_terminal(COMMAND, handed_in, presses=[Press(lambda screen: "starting the judges" in screen)], columns=200)
    assert done.code == 130, done.screen
    assert "interrupted: 0 students are done" in left_on_screen(done.screen, 200)[-1]
    assert recorded(handed_in) == set()


@pytest.mark.parametrize("command", [(sys.executable, "-m", "grader"), (Path(sys.executable).with_name("grader"),)])
def test_while_its_libraries_load_it_ends_without_a_traceback(command, tmp_path):
    (tmp_path / "typer.py").write_text("import os, signal, time\nos.kill(os.getpid(), signal.SIGINT)\ntime.sleep(9)")
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    done = subprocess.run([*command, "doctor"], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")


def test_a_program_reads_that_the_run_was_stopped(handed_in):
    done = on_terminal((*COMMAND, "--json"), handed_in, presses=[Press(some_are_judged)], piped=True)
    assert done.code == 130, done.screen
    told = json.loads(done.stdout)
    assert told["interrupted"] is True
    assert {each["student"] for each in told["standings"]} == recorded(handed_in)
    assert "grader: interrupted: " in done.screen


def test_no_process_is_left_of_a_run_that_was_stopped(handed_in):
    process = subprocess.Popen(COMMAND, cwd=handed_in, stderr=subprocess.PIPE, text=True, start_new_session=True)
    kept = handed_in / ".grader" / "graded" / ASSIGNMENT
    until = time.monotonic() + 120
    while not list(kept.glob("[!.]*.json")) and time.monotonic() < until:
        time.sleep(0.01)
    below = processes.tree(process.pid)[1:]
    assert below
    os.kill(process.pid, signal.SIGINT)
    _, words = process.communicate(timeout=60)
    assert process.returncode == 130
    assert words.strip().splitlines()[-1].startswith("grader: interrupted")
    assert left_of(below) == []


def test_the_first_only_asks_and_every_further_one_raises():
    before = signal.getsignal(signal.SIGINT)
    with first_asks() as stop:
        assert not stop.is_set()
        signal.raise_signal(signal.SIGINT)
        assert stop.is_set()
        for _ in range(3):
            with pytest.raises(Interrupted):
                signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before
