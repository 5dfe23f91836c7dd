"""`grader autograde NAME --cluster ADDRESS`, as its user runs it: a class, and one whose scheduler goes on the way."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from dask_cluster import SECONDS, wait_for
from handed_in import ASSIGNMENT, RIGHT, handed_in
from tests_support import run_grader

from grader.folder import CourseFolder

SLOW = "import time\ntime.sleep(1)"
POINTS = {f"s{number}": 4.0 * (number % 2) for number in range(6)}


@pytest.fixture
def of_six(course) -> CourseFolder:
    """A course in which six handed in: three right answers, three none, each with a second of waiting."""
    folder = CourseFolder(course)
    for number in range(6):
        made = handed_in(folder, f"s{number}", answer=RIGHT if number % 2 else "", cell=SLOW)
        path = folder.submission(ASSIGNMENT, made.student)
        path.parent.mkdir(parents=True)
        path.write_bytes(made.content)
    return folder


def points(told: dict) -> dict[str, float]:
    return {each["student"]: each["points"] for each in told["standings"]}


def test_the_command_gives_everybody_the_points_of_a_local_run(of_six, dask):
    """The test below holds the local run to the same points."""
    dask.worker()
    done = run_grader(of_six.root, "autograde", ASSIGNMENT, "--cluster", dask.address, "--json")
    assert done.returncode == 0, done.stderr
    on_cluster = json.loads(done.stdout)
    assert points(on_cluster) == POINTS
    assert on_cluster["unchanged"] == []


def test_a_scheduler_that_goes_costs_nobody_what_was_judged(of_six, dask):
    dask.worker()
    command = [sys.executable, "-m", "grader", "autograde", ASSIGNMENT, "--cluster", dask.address]
    with subprocess.Popen(command, cwd=of_six.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        wait_for(lambda: judged(of_six.root))
        dask.scheduler.kill()
        _, words = run.communicate(timeout=SECONDS)
    assert run.returncode == 2
    assert (
        words.strip().splitlines()[-1].endswith("is gone; start it and run the command again: what was graded is kept")
    )
    kept = judged(of_six.root)
    next_run = run_grader(of_six.root, "autograde", ASSIGNMENT, "--json")
    assert next_run.returncode == 0, next_run.stderr
    told = json.loads(next_run.stdout)
    assert set(told["unchanged"]) >= kept
    assert points(told) == POINTS


def judged(course: Path) -> set[str]:
    """Whose result is kept."""
    return {each.stem for each in (course / ".grader" / "graded" / ASSIGNMENT).glob("[!.]*.json")}
