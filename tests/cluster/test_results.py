"""A class on a cluster of real workers: the results of the local run, whoever of the cluster gave them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from dask_cluster import client_of, wait_for
from handed_in import ASSIGNMENT, RIGHT, handed_in
from tests_support import hand_in_class

from grader.cluster import Cluster
from grader.folder import CourseFolder
from grader.judge import submission
from grader.judge.pool import JudgeError, Pool
from grader.judge.submission import Finished
from grader.verdict import Verdict

SNOOP, BROKEN = "snoop", "broken"
REACHES = """
import os, socket
found = []
for host, port in {addresses!r}:
    try: socket.create_connection((host, port), 1).close(); found.append(port)
    except OSError: pass
for number in {pids!r}:
    for name in ("environ", "cmdline", "mem", "maps"):
        try: found.append((number, name, len(open(f"/proc/{{number}}/{{name}}", "rb").read(1))))
        except OSError: pass
    try: os.kill(number, 0); found.append(("signal", number))
    except OSError: pass
try: found += os.listdir({temporary!r})
except OSError: pass
print("found:", found)
"""


def finished(results: Any) -> dict[str, Finished]:
    found = {work.student: result for work, result in results}
    assert not [result for result in found.values() if not isinstance(result, Finished)], found
    return found


def comparable(verdict: Verdict) -> dict[str, Any]:
    """All of a verdict but how long it took and behind which walls."""
    return replace(verdict, seconds=0.0, isolation=()).to_json()


@pytest.fixture(scope="module")
def demo_class(released_course, tmp_path_factory) -> CourseFolder:
    course = tmp_path_factory.mktemp("class") / "course"
    shutil.copytree(released_course, course)
    hand_in_class(CourseFolder(course), ASSIGNMENT)
    return CourseFolder(course)


@pytest.fixture(scope="module")
def works(demo_class) -> list[submission.HandedIn]:
    return [submission.handed_in(demo_class, each, ASSIGNMENT) for each in demo_class.students(ASSIGNMENT)]


@pytest.fixture(scope="module")
def locally(demo_class, works) -> dict[str, Finished]:
    with Pool(demo_class, ASSIGNMENT) as pool:
        return finished(pool.grade_all(works))


@pytest.fixture(scope="module")
def begun() -> list[str]:
    return []


@pytest.fixture(scope="module")
def doors(cluster_of_two) -> list[tuple[str | None, int | None]]:
    """Where the cluster's processes listen."""
    with client_of(cluster_of_two.address) as client:
        client.wait_for_workers(2)
        addresses = [*client.scheduler_info()["workers"], cluster_of_two.address]
    return [(urlsplit(each).hostname, urlsplit(each).port) for each in addresses]


@pytest.fixture(scope="module")
def snoops(cluster_of_two, doors) -> str:
    """A cell that looks for the cluster's ports, processes and files."""
    with client_of(cluster_of_two.address) as client:
        pids = [*client.run(os.getpid).values(), cluster_of_two.scheduler.pid]
    return REACHES.format(addresses=doors, pids=pids, temporary=str(cluster_of_two.temporary))


@pytest.fixture(scope="module")
def graded(demo_class, works, cluster_of_two, begun, snoops) -> dict[str, Finished | JudgeError]:
    """One run of the class, of one who snoops and of one that breaks the kit: each run starts judges of its own."""
    snoop = handed_in(demo_class, SNOOP, answer=RIGHT, cell=snoops)
    broken = replace(handed_in(demo_class, BROKEN), content=None)
    with Cluster(demo_class, ASSIGNMENT, cluster_of_two.address) as cluster:
        assert cluster.wait_until_ready().sufficient
        every = iter([broken, *works, snoop])
        return {work.student: result for work, result in cluster.grade_all(every, begun.append)}


@pytest.fixture(scope="module")
def on_cluster(graded, works) -> dict[str, Finished]:
    """What the class came to."""
    return finished((work, graded[work.student]) for work in works)


def test_every_verdict_is_that_of_the_local_run(locally, on_cluster):
    assert {each: comparable(result.result.verdict) for each, result in on_cluster.items()} == {
        each: comparable(result.result.verdict) for each, result in locally.items()
    }


def test_outputs_and_repaired_notebooks_are_those_of_the_local_run(locally, on_cluster):
    assert {each: result.submission for each, result in on_cluster.items()} == {
        each: result.submission for each, result in locally.items()
    }
    assert {each: json.dumps(result.result.outputs) for each, result in on_cluster.items()} == {
        each: json.dumps(result.result.outputs) for each, result in locally.items()
    }


def test_it_says_of_each_that_it_has_begun(graded, begun):
    assert set(begun) == set(graded)


def test_nothing_stays_on_the_workers(on_cluster, cluster_of_two):
    wait_for(lambda: not cluster_of_two.dens())


def test_names_of_students_and_hidden_tests_stay_out_of_the_logs(on_cluster, works, cluster_of_two):
    # one student is called loop, and Dask says of a busy machine that its event loop was unresponsive
    log = "\n".join(line for line in cluster_of_two.log().splitlines() if "Event loop" not in line)
    assert "grader" in log, "something is logged"
    # as words: three letters may well stand within the numbers that Dask gives its clients
    assert not [each.student for each in works if re.search(rf"\b{re.escape(each.student)}\b", log)]
    assert "def test_" not in log


def test_student_code_finds_neither_worker_nor_scheduler(graded, snoops, doors):
    outside = subprocess.run([sys.executable, "-c", snoops], capture_output=True, text=True, check=True)
    assert all(str(port) in outside.stdout for _, port in doors), "it would find them"
    result = graded[SNOOP].result
    assert "found: []" in json.dumps(result.outputs)
    assert result.verdict.exercise("softmax").points > 0


def test_a_run_that_is_stopped_leaves_the_rest_where_it_was(folder, cluster_of_two):
    stop, rest = threading.Event(), iter([handed_in(folder, f"s{number}") for number in range(30)])
    with Cluster(folder, ASSIGNMENT, cluster_of_two.address) as cluster:
        for _ in cluster.grade_all(rest, stop=stop):
            stop.set()
    assert len(list(rest)) >= 20, "only a few for each worker are taken ahead"


def test_one_submission_that_breaks_the_kit_stops_no_other(graded, works):
    assert isinstance(graded[BROKEN], JudgeError)
    assert all(isinstance(graded[work.student], Finished) for work in works)
