"""A run that is killed at any moment loses nothing: the next one ends as if nothing had happened."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from moments import record
from states import ASSIGNMENT, kept, left_of, state
from tests_support import run_grader

from grader.jail import processes

MOMENTS = 32
"""How many of the some 150 moments of a recording are tried; spread evenly, from a drawn beginning."""


def test_a_recording_killed_at_any_moment_is_done_again_as_a_whole(judged, undisturbed):
    course = judged()
    code, total = record(course)
    assert code == 0
    assert state(course) == undisturbed
    assert total > 4 * MOMENTS
    step = total // MOMENTS
    for moment in range(random.randrange(1, step), total, step):
        course = judged()
        before = kept(course)
        code, _ = record(course, kill_at=moment)
        assert code == -signal.SIGKILL, moment
        code, _ = record(course)
        assert code == 0, moment
        assert state(course) == undisturbed, moment
        assert kept(course) == before, moment
        shutil.rmtree(course)


def test_a_run_killed_again_and_again_while_it_grades_finishes_what_it_had_not(handed_in, copy_of, undisturbed):
    """At its start, soon after each new result, and, when there are no more, while it records."""
    course = copy_of(handed_in)
    finished: dict[str, int] = {}
    for wait in (0.0, 0.1, 0.2, 0.4, 0.8):
        process = _start(course)
        if not wait:
            time.sleep(1)
        else:
            _until(partial(_has_another_result, process, course, len(finished)))
            time.sleep(wait)
        below = processes.tree(process.pid)[1:]
        process.kill()
        process.wait()
        assert not left_of(below)
        now = kept(course)
        assert {student: now[student] for student in finished} == finished
        finished = now
    assert run_grader(course, "autograde", ASSIGNMENT).returncode == 0
    assert {student: kept(course)[student] for student in finished} == finished
    assert state(course) == undisturbed


@pytest.mark.parametrize("victim", ["the judge", "a worker", "the jail"])
def test_a_judge_or_jail_that_is_killed_is_started_again(handed_in, copy_of, undisturbed, victim):
    course = copy_of(handed_in)
    process = _start(course)
    below = _until_it_grades(process.pid, course)
    os.kill(_victim(victim, below), signal.SIGKILL)
    assert process.wait(120) == 0, _words(course).read_text()
    assert state(course) == undisturbed
    assert not left_of(below)


def test_a_run_that_was_suspended_goes_on_and_blames_nobody(handed_in, copy_of, undisturbed):
    course = copy_of(handed_in)
    process = _start(course)
    below = [process.pid, *_until_it_grades(process.pid, course)]
    stopped = [pid for pid in below if _send(pid, signal.SIGSTOP)]
    time.sleep(10)  # longer than a probe may take
    for pid in stopped:
        _send(pid, signal.SIGCONT)
    assert process.wait(120) == 0, _words(course).read_text()
    assert state(course) == undisturbed


def test_a_second_run_of_the_same_assignment_is_refused_and_disturbs_nothing(handed_in, copy_of, undisturbed):
    course = copy_of(handed_in)
    process = _start(course)
    _until_it_grades(process.pid, course)
    process.send_signal(signal.SIGSTOP)  # or it may have ended before the second looks
    second = run_grader(course, "autograde", ASSIGNMENT)
    process.send_signal(signal.SIGCONT)
    assert second.returncode == 2
    assert "is being graded by another run" in second.stderr
    assert process.wait(120) == 0, _words(course).read_text()
    assert state(course) == undisturbed


def _start(course: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "grader", "autograde", ASSIGNMENT, "--jobs", "2"]
    with _words(course).open("wb") as words:
        return subprocess.Popen(command, cwd=course, stdout=words, stderr=words, start_new_session=True)


def _words(course: Path) -> Path:
    return course.with_name(f"{course.name}.words")


def _until_it_grades(pid: int, course: Path) -> list[int]:
    """Waits until a first result is kept; returns all processes below, the judge first."""
    _until(lambda: kept(course))
    return processes.tree(pid)[1:]


def _has_another_result(process: subprocess.Popen[bytes], course: Path, before: int) -> bool:
    return process.poll() is not None or len(kept(course)) > before


def _until(happened: Callable[[], object]) -> None:
    end = time.monotonic() + 120
    while not happened():
        assert time.monotonic() < end, "it never began to grade"
        time.sleep(0.01)


def _victim(what: str, below: list[int]) -> int:
    judge, zygote = below[0], next(pid for pid in below if b"grader.jail.zygote" in _command(pid))
    if what == "a worker":
        return next(pid for pid in processes.children(judge) if pid != zygote)
    return judge if what == "the judge" else zygote


def _command(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def _send(pid: int, number: int) -> bool:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True
