"""A pool's judge, asked from several threads."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from attacks.attack import LAST
from attacks.notebooks import filled, reference_answers

from grader.folder import CourseFolder
from grader.jail import processes
from grader.jail.headstart import WORTH_IT
from grader.judge import pool as pool_module
from grader.judge.pool import JudgeLostError, Pool
from grader.judge.submission import Submission


@pytest.fixture
def folder(released_course) -> CourseFolder:
    return CourseFolder(released_course)


def test_threads_that_ask_while_it_starts_all_get_their_answer(folder):
    """As after a judge was lost in `--watch`: one thread waits for the new one, and a save comes meanwhile."""
    untouched = folder.released_notebook("04_softmax")
    with Pool(folder, "04_softmax", jobs=2, policy="warn") as pool, ThreadPoolExecutor(6) as threads:
        asked = [threads.submit(pool.grade, Submission(str(i), "04_softmax", untouched)) for i in range(6)]
        verdicts = [each.result(timeout=120).result.verdict for each in asked]
    assert [each.student for each in verdicts] == [str(i) for i in range(6)]
    assert {each.points for each in verdicts} == {0}


SILENT = """
import json, sys, time
from multiprocessing.connection import Connection
from grader.jail.proofs import Protection
from grader.judge.orders import Ready
workers = [Connection(number) for number in json.loads(sys.stdin.read())["connections"]]
for each in workers:
    each.send(Ready(Protection((), (), ())))
for each in workers:
    each.recv()
workers[0].close()
time.sleep(60)
"""
"""A server that is ready, takes work on each connection, answers nobody, and has lost one of its workers."""


@pytest.fixture
def silent(folder, monkeypatch) -> Pool:
    """A pool of two whose threads and whose owner close slowly: both come between the other's look and its closing."""
    close, start = pool_module.Connection._close, subprocess.Popen

    def slowly(self) -> None:
        time.sleep(0.3)
        close(self)

    monkeypatch.setattr(pool_module.Connection, "_close", slowly)
    monkeypatch.setattr(
        pool_module.subprocess, "Popen", lambda _given, **named: start([sys.executable, "-c", SILENT], **named)
    )
    pool = Pool(folder, "04_softmax", jobs=2)
    pool.wait_until_ready()
    return pool


def test_a_pool_that_is_closed_under_threads_that_ask_closes_nothing_twice(folder, silent):
    submission = Submission("ada", "04_softmax", folder.released_notebook("04_softmax"))
    before = len(list(Path("/proc/self/fd").iterdir()))
    with ThreadPoolExecutor(5) as threads:
        asked = [threads.submit(silent.grade, submission) for _ in range(5)]
        with pytest.raises(JudgeLostError):
            next(each for each in asked if soon(each.done)).result()
        silent._process.kill()
        silent.close()
        errors = [each.exception(timeout=60) for each in asked]
    assert {type(each) for each in errors} == {JudgeLostError}
    assert len(list(Path("/proc/self/fd").iterdir())) < before
    silent.close()


def test_a_pool_that_is_closed_before_it_was_ready_is_ready_for_nobody(folder):
    pool = Pool(folder, "04_softmax", jobs=2)
    with ThreadPoolExecutor(2) as threads:
        waiting = [threads.submit(pool.wait_until_ready) for _ in range(2)]
        pool.close()
        errors = [each.exception(timeout=60) for each in waiting]
    assert all(isinstance(each, pool_module.JudgeError) for each in errors), errors


def zygotes_ahead(pool: Pool) -> list[int]:
    """Forks of the zygote in its own pid namespace; children of the jail have one more around them."""
    found = []
    for pid in processes.tree(pool._process.pid):
        status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
        numbers = status["NSpid"].split()
        if len(numbers) == 2 and numbers[1] != "1":
            found.append(pid)
    return found


def soon(look: Callable[[], Any]) -> Any:
    """What there is to see, once there is something."""
    deadline = time.monotonic() + 60
    while not (seen := look()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return seen


def test_a_zygote_ahead_that_ends_costs_nobody_a_result(folder):
    released, answers = folder.released_notebook("04_softmax"), reference_answers(folder, "04_softmax")

    def submission(name: str, last: str = "") -> Submission:
        return Submission(name, "04_softmax", filled(released, {**answers, LAST: last}))

    with Pool(folder, "04_softmax", jobs=1) as pool, ThreadPoolExecutor(1) as thread:
        protection = pool.wait_until_ready()
        if protection.tier != "A":
            pytest.skip(f"a head start needs namespaces: {', '.join(protection.open)}")
        points = [pool.grade(submission(f"first{i}")).result.verdict.points for i in range(WORTH_IT)]
        (ahead,) = soon(lambda: zygotes_ahead(pool))

        def begun_there() -> Future | None:
            """A submission that runs in a fork of it; none while its own first cells run."""
            asked = thread.submit(pool.grade, submission("amid", "import time\ntime.sleep(2)"))
            while not asked.done():
                if processes.children(ahead):
                    return asked
                time.sleep(0.05)
            return None

        asked = soon(begun_there)
        os.kill(ahead, signal.SIGKILL)
        points.append(asked.result(timeout=120).result.verdict.points)
        points.append(pool.grade(submission("after")).result.verdict.points)
    assert points == [points[0]] * (WORTH_IT + 2)
    assert points[0] > 0
