"""A warm judge that looks at each version of one's work twice: quickly at what changed, then at all of it."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from grader import course
from grader.device import Device
from grader.jail.proofs import Protection
from grader.judge.pool import JudgeError, JudgeLostError, Pool
from grader.judge.submission import GradedSubmission, Submission
from grader.learner.own_work import OwnWork
from grader.notebook.marks import grade_id
from grader.notebook.solutions import SETUP_CELL
from grader.verdict import Verdict
from grader.watch.pruned import Changed, pruned

WORKERS = 3
"""So that a quick and a whole check of an answer that hangs may still run while the next version is looked at."""


@dataclass(frozen=True)
class Judged:
    """A verdict on one version, 0 for the first. whole: whether all cells ran and all was asked: the last word."""

    version: int
    verdict: Verdict
    whole: bool
    seconds: float


@dataclass(frozen=True)
class NotJudged:
    """The kit itself failed at a version, and why."""

    version: int
    reason: str


@dataclass(frozen=True)
class Started:
    """The judge is ready, behind these walls."""

    protection: Protection


@dataclass(frozen=True)
class NotStarted:
    """There will be no judge, and why."""

    reason: str


@dataclass(frozen=True)
class Warm:
    """From now on every worker answers as fast as it can."""


Told = Started | NotStarted | Warm | Judged | NotJudged


class Judges:
    """Judges versions of one work in the background; of versions that wait only the newest is looked at whole.

    hear: called from other threads with what was found.
    """

    def __init__(self, work: OwnWork, policy: str, hear: Callable[[Told], None], device: Device = Device()) -> None:
        self._work, self._policy, self._hear, self._device = work, policy, hear, device
        self._lock = threading.Lock()
        self._newest = 0
        self._closed = False
        self._pool = self._opened()
        self._threads = ThreadPoolExecutor(2 * WORKERS)
        self._threads.submit(self._start)

    def look_at_first(self, submission: Submission) -> None:
        """Judges the first version: all of it is new, so that there is no part to be quicker with."""
        self._threads.submit(self._first, submission)

    def look_at(self, submission: Submission, changed: Changed) -> int:
        """Starts to judge a new version; returns its number."""
        self._newest += 1
        self._threads.submit(self._judge, self._newest, submission, changed)
        return self._newest

    def close(self) -> None:
        """Ends everything that runs."""
        self._closed = True
        self._pool.close()
        self._threads.shutdown(cancel_futures=True)

    def _opened(self) -> Pool:
        return Pool(self._work.folder, self._work.assignment, jobs=WORKERS, policy=self._policy, device=self._device)

    def _start(self) -> None:
        try:
            self._hear(Started(self._pool.wait_until_ready()))
        except Exception as error:  # in a thread, whatever is not told is lost
            self._hear(NotStarted(_reason(error)))

    def _first(self, submission: Submission) -> None:
        self._tell(0, submission, whole=True)
        for _ in range(WORKERS):  # one after another, which leaves room for a save; the pool takes them in turn
            self._warm_up(submission)
        self._hear(Warm())

    def _warm_up(self, submission: Submission) -> None:
        """Lets a worker load what it needs to ask and to compare: otherwise its first answer takes a second more."""
        names = [each.name for each in course.exercises(submission.assignment)]
        echo = "".join(f"{name} = lambda *given, **named: given[0]\n" for name in names)
        cells = [cell for cell in submission.notebook["cells"] if grade_id(cell) == SETUP_CELL]
        notebook = {**submission.notebook, "cells": [*cells, {"cell_type": "code", "metadata": {}, "source": echo}]}
        with contextlib.suppress(JudgeError):  # whoever really asks is told
            self._graded(replace(submission, notebook=notebook))

    def _judge(self, version: int, submission: Submission, changed: Changed) -> None:
        if changed.first:
            self._tell(version, pruned(submission, changed.first), whole=False)
        if version == self._newest:
            self._tell(version, submission, whole=True)

    def _tell(self, version: int, submission: Submission, *, whole: bool) -> None:
        started = time.monotonic()
        try:
            verdict = self._work.placed(self._graded(submission), submission)
        except Exception as error:
            if not self._closed:
                self._hear(NotJudged(version, _reason(error)))
            return
        self._hear(Judged(version, verdict, whole, time.monotonic() - started))

    def _graded(self, submission: Submission) -> GradedSubmission:
        pool = self._pool
        try:
            return pool.grade(submission).result
        except JudgeLostError:
            return self._instead_of(pool).grade(submission).result

    def _instead_of(self, lost: Pool) -> Pool:
        """A new pool for one that lost a worker; the same for all who lost it."""
        with self._lock:
            if self._pool is lost and not self._closed:
                lost.close()
                self._pool = self._opened()
                try:
                    self._pool.wait_until_ready()
                except JudgeError:
                    self._pool.close()
                    self._pool = lost  # so that whoever asks next tries again
                    raise
            if self._closed:
                self._pool.close()
                raise JudgeLostError("the judge was closed")
            return self._pool


def _reason(error: Exception) -> str:
    """A judge's words are for the user; of anything else the type is said too."""
    return str(error) if isinstance(error, JudgeError) else f"{type(error).__name__}: {error}"
