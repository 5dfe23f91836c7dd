"""`grader check --watch` on a real terminal: saved into by editors, driven by keys."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pty_screen import PtyScreen
from saved_answers import CRASHING, FOR_EVER, OVER_AXIS_0, RIGHT, answer, filled, replace

from grader.learner.start import start

WAITING = "waiting for the next save"
MORE = re.compile(r"… (\d+) more lines below")


@pytest.fixture(scope="module")
def folder(released_course, tmp_path_factory) -> Path:
    return start(tmp_path_factory.mktemp("learner") / "mine", released_course).folder / "04_softmax"


@pytest.fixture(scope="module")
def warm(folder) -> Iterator[PtyScreen]:
    """One watcher that many tests share: a judge takes seconds to start. Each leaves it as it found it."""
    with PtyScreen(folder, "check", "--watch") as screen:
        screen.wait(WAITING)
        yield screen


@pytest.fixture
def notebook(folder, warm) -> Iterator[Path]:
    path = folder / "04_softmax.ipynb"
    before = path.read_text()
    yield path
    replace(path, before)
    warm.wait("▸ softmax   │ 0 of 4 │ · not attempted")
    warm.wait(WAITING)


def test_a_save_shows_what_is_wrong_and_then_what_is_right(warm, notebook):
    answer(notebook, "softmax", OVER_AXIS_0)
    warm.wait("hint   Your values match a softmax taken over axis 0 (images).")
    answer(notebook, "softmax", RIGHT)
    warm.wait("✓ softmax · passed · 4 of 4 points")
    assert "1 of 3 here · 1 of 31 in the course" in warm.wait(WAITING)


def test_the_keys_that_apply_are_told_and_do_what_they_say(warm, notebook):
    warm.press("h")
    warm.wait("The scores of one image must share out")
    warm.press("h")
    warm.wait("Softmax turns scores into probabilities")
    answer(notebook, "softmax", RIGHT)
    warm.wait("s  solution")
    warm.press("s")
    warm.wait("x.amax(-1, keepdim=True)")
    warm.press("n")
    warm.wait("▸ log_softmax")
    warm.press("l")
    warm.wait("l  result")
    warm.press("ln")
    warm.wait("▸ nll")


def test_half_a_file_is_waited_for(warm, notebook):
    whole = filled(notebook, "softmax", RIGHT)
    notebook.write_text(whole[: len(whole) // 2])
    warm.wait("is not the JSON of a notebook")
    notebook.write_text(whole)
    warm.wait("✓ softmax")
    warm.wait("is not the JSON", gone=True)


def test_a_file_that_goes_and_comes_back_is_watched_on(warm, notebook):
    text = filled(notebook, "softmax", CRASHING)
    notebook.unlink()
    warm.wait("`04_softmax.ipynb` is gone; it is checked again as soon as it is back")
    notebook.write_text(text)
    warm.wait("softmax · crashed")
    warm.wait("has no attribute 'nothing'")  # further down the screen, which is read as it is drawn


def test_a_save_that_changes_no_code_says_so(warm, notebook):
    replace(notebook, notebook.read_text() + "\n")
    warm.wait("saved; the code is as it was")


def test_an_answer_that_hangs_does_not_hold_up_the_next_save(warm, notebook):
    answer(notebook, "softmax", FOR_EVER)
    warm.wait("checking softmax")
    time.sleep(0.5)
    began = time.monotonic()
    answer(notebook, "softmax", RIGHT)
    warm.wait("✓ softmax")
    assert (
        time.monotonic() - began < 9
    )  # a hanging answer takes two limits of 5 seconds, and what it is given after each


def test_a_terminal_of_another_size_is_filled_anew(warm):
    warm.resize(50, 20)
    warm.wait("n  next")
    assert len(warm.lines) <= 20
    warm.resize(90, 30)
    warm.wait("╰────────────────────────────────────────────────────────────────────────────────────────╯")


def test_keys_that_come_at_once_are_all_heard(warm, notebook):
    answer(notebook, "softmax", OVER_AXIS_0)
    warm.wait("hint   Your values match")
    warm.wait(WAITING)
    warm.resize(40, 14)
    before = int(MORE.search(warm.wait("more lines below"))[1])
    warm.press("\x1b[B" * 3)
    warm.wait(f"… {before - 3} more lines below")
    warm.press("\x1b[A\x1b[A\x1b[A")
    warm.wait(f"… {before} more lines below")
    pages = -(-before // 4)  # each has more than four lines
    assert pages < before
    warm.press("\x1b[6~" * pages)
    warm.wait("(end)")
    warm.press("\x1b[5~" * pages)
    warm.wait(f"… {before} more lines below")
    warm.resize(90, 30)


def test_a_new_result_comes_before_the_list(warm, notebook):
    warm.press("l")
    warm.wait("l  result")
    answer(notebook, "softmax", CRASHING)
    warm.wait("has no attribute 'nothing'")


def test_in_the_background_it_gives_the_terminal_back(warm):
    warm.press("\x1a")
    deadline = time.monotonic() + 10
    while Path(f"/proc/{warm.process.pid}/stat").read_text().rpartition(")")[2].split()[0] != "T":
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert warm.modes_are_restored
    warm.process.send_signal(signal.SIGCONT)
    warm.press("l")
    warm.wait("l  result")
    warm.press("l")
    warm.wait("l  list")


def test_a_judge_that_is_killed_is_replaced_at_the_next_save(warm, notebook):
    judges = subprocess.run(["ps", "-s", str(warm.process.pid), "-o", "pid=,args="], capture_output=True, text=True)
    lines = [line.split(None, 1) for line in judges.stdout.splitlines() if "grader.judge.server" in line]
    os.kill(int(lines[0][0]), signal.SIGKILL)
    answer(notebook, "softmax", RIGHT)
    warm.wait("✓ softmax")
    warm.wait(WAITING)
