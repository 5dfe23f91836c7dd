"""The pytest plugin that grades instead of proving, and its workers."""

from __future__ import annotations

import gc
import os
import signal
import traceback
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Protocol

import pytest

from grader.folder import CourseFolder
from grader.jail import card, gpu
from grader.jail.gate import Gate
from grader.jail.headstart import HeadStart
from grader.jail.jail import Jail
from grader.jail.notice import isolation
from grader.jail.proofs import Protection, refusal, try_walls
from grader.jail.system import JailError
from grader.judge.leash import end_with_judge
from grader.judge.orders import Failed, Orders, Ready
from grader.judge.plugin import collected_suite
from grader.judge.private import private_places
from grader.judge.references import References
from grader.judge.submission import Finished, GradedSubmission, HandedIn, Submission
from grader.judge.suite import Suite
from grader.judge.worker import Worker
from grader.notebook.running import beginning, lesson_sources, released_sources


class Serving:
    """The pytest plugin that takes the collected suite and grades instead of proving."""

    def __init__(self, orders: Orders, jail: Jail) -> None:
        self._orders = orders
        self._jail = jail
        self._judge = os.getpid()

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if session.testsfailed:
            raise pytest.UsageError(f"the suite {self._orders.suite} could not be collected")
        suite = collected_suite(session.items)
        folder = CourseFolder(Path(self._orders.root))
        references = References(folder, self._orders.assignment, self._orders.device.kind)
        if references.available:
            _ = references.names, references.recogniser  # loaded before the forks, so that they share it
        self._jail.wait_until_ready()
        protection = try_walls(self._jail.gates[0], os.getpid(), private_places(folder))
        strict = self._orders.policy != "warn"
        if strict and not protection.sufficient:
            raise JailError(refusal(protection))
        if self._orders.device.visible and gpu.LAYER not in protection.layers:
            raise JailError(gpu.refusal(protection.missing))
        gpu.require_untouched()
        for gate in self._jail.gates:
            gate.expect(protection.layers, strict=strict)
        self._serve(suite, references, protection)
        return True

    def _serve(self, suite: Suite, references: References, protection: Protection) -> None:
        gc.freeze()  # torch and the suite stay: garbage is looked for among what grading makes
        gc.enable()
        pids: list[int] = []
        for gate, number in zip(self._jail.gates, self._orders.connections, strict=True):
            pid = os.fork()
            if pid == 0:
                self._be_worker(gate, number, suite, references, protection)
            pids.append(pid)
        for number in self._orders.connections:
            os.close(number)  # so that the other side sees when a worker is gone
        try:
            while pids:
                os.waitpid(pids[-1], 0)
                pids.pop()
        except BaseException:  # whoever gave the orders is gone, or wants an end: what still runs would be for nobody
            for pid in pids:
                os.kill(pid, signal.SIGKILL)
            raise

    def _be_worker(self, gate: Gate, number: int, suite: Suite, references: References, protection: Protection) -> None:
        end_with_judge(self._judge)
        for other in self._orders.connections:
            if other != number:
                os.close(other)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the command that started us decides when to stop
        import torch

        # workers share the cores already: with threads of their own they wait for each other, 30 times as long
        torch.set_num_threads(1)
        if self._orders.device.visible:
            gpu.see(self._orders.device.visible)
            gate.card = card.find()
        released = CourseFolder(Path(self._orders.root)).released_notebook(self._orders.assignment)
        lesson = lesson_sources(released)
        # a process that has begun to use a GPU must not be forked
        first = () if self._orders.device.visible else beginning(released, lesson)
        worker = Worker(
            gate,
            suite,
            references,
            self._orders.seed,
            self._orders.limits,
            lesson,
            released_sources(released),
            device=self._orders.device,
            head=HeadStart(gate, first, self._orders.limits),
        )
        try:
            work(Connection(number), Guarded(worker, protection), released, Ready(protection))
        finally:
            os._exit(0)


class Grader(Protocol):
    """Gives verdicts."""

    def grade(self, submission: Submission) -> GradedSubmission: ...


@dataclass(frozen=True)
class Guarded:
    """A worker whose verdicts tell which walls stood around that very submission."""

    worker: Worker
    protection: Protection

    def grade(self, submission: Submission) -> GradedSubmission:
        self.worker.take_lost()
        graded = self.worker.grade(submission)
        lost = self.worker.take_lost()
        left = self.protection.without(tuple(each.name for each in lost))
        return replace(graded, verdict=replace(graded.verdict, isolation=isolation(left, lost)))


def work(connection: Any, worker: Grader, released: dict[str, Any], ready: Ready) -> None:
    """Grades what comes over a connection until it is closed."""
    connection.send(ready)
    while True:
        try:
            came = connection.recv()
        except EOFError:
            return
        try:
            submission = came.opened(released) if isinstance(came, HandedIn) else came
            reply: object = Finished(submission, worker.grade(submission))
        except JailError as error:
            reply = Failed(str(error), lost=True)
        except Exception:  # a fault of the kit's own must cost this one submission a grade, not the class
            last = traceback.format_exc().strip().splitlines()
            reply = Failed(f"{last[-1]} ({last[-2].strip()})" if len(last) > 1 else last[-1])
        connection.send(reply)
