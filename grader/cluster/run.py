"""One run through a class on a cluster: what goes out, what comes back, and what becomes of it when workers end."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from grader.cluster.admission import GPU, Admission
from grader.cluster.connection import Began, ClusterError, Connection, Ended, Left, Note, fetched
from grader.cluster.orders import Failed, Job, Orders, Refused
from grader.cluster.roster import Flight
from grader.judge.pool import JudgeError
from grader.judge.submission import Finished, Work

if TYPE_CHECKING:
    from distributed import Future

Result = tuple[Work, Finished | JudgeError]

MAX_LOSSES = 3
"""A submission is given up that was being judged each time when so many workers ended, the last time alone."""
ALONE_FROM = 2
"""After so many it is judged alone on a worker, so that none is blamed for another."""
PATIENCE_SECONDS = 300.0
"""So long a run waits for a worker when the last has left: queues of clusters have their time."""
_LOOK_SECONDS = 1.0


@dataclass
class _Candidate:
    """A submission on its way to a result, over all attempts. lost_workers, lost_judges: how many ended under it."""

    work: Work
    lost_workers: int = 0
    lost_judges: int = 0


class Run:
    """Grades submissions on those workers that are admitted."""

    def __init__(
        self,
        connection: Connection,
        admission: Admission,
        orders: Orders,
        works: Iterable[Work],
        started: Callable[[str], None],
    ) -> None:
        self._connection = connection
        self._admission = admission
        self._roster = admission.roster
        self._orders = orders
        self._rest = iter(works)
        self._started = started
        self._numbers = count()
        self._candidates: dict[int, _Candidate] = {}
        self._futures: dict[int, Future] = {}
        self._again: deque[_Candidate] = deque()
        self._alone: deque[_Candidate] = deque()
        self._last_seen = time.monotonic()

    def results(self, stop: threading.Event, resources: dict[str, float]) -> Iterator[Result]:
        """Every submission with its result or the reason why it has none, in the order they end, until `stop` is set.

        ClusterError when the scheduler or all workers are gone.
        """
        try:
            while not stop.is_set():
                self._send_out(resources)
                if not self._candidates and not self._again and not self._alone:
                    return
                for note in self._connection.notes(_LOOK_SECONDS):
                    yield from self._heed(note)
                    self._admission.heed(note)
                self._admission.invite_joined()
                self._connection.require_open()
                self._require_workers()
        finally:
            self._connection.cancel(self._futures.values())

    def _send_out(self, resources: dict[str, float]) -> None:
        while self._alone and (flight := self._roster.assign_alone(next(self._numbers))):
            self._send(flight, self._alone.popleft(), resources)
        while self._roster.has_room() and (candidate := self._next()):
            self._send(self._roster.assign(next(self._numbers)), candidate, resources)
        while not self._again and (flight := self._roster.movable()):
            candidate = self._withdraw(flight)
            self._roster.land(flight.number)
            self._send(self._roster.assign(next(self._numbers)), candidate, resources)

    def _next(self) -> _Candidate | None:
        if self._again:
            return self._again.popleft()
        work = next(self._rest, None)
        return None if work is None else _Candidate(work)

    def _send(self, flight: Flight, candidate: _Candidate, resources: dict[str, float]) -> None:
        from grader.cluster.worker import grade

        job = Job(self._orders, flight.number, candidate.work)
        self._candidates[flight.number] = candidate
        self._futures[flight.number] = self._connection.send(grade, job, flight.number, flight.address, resources)

    def _withdraw(self, flight: Flight) -> _Candidate:
        self._connection.cancel([self._futures.pop(flight.number)])
        return self._candidates.pop(flight.number)

    def _heed(self, note: Note) -> Iterator[Result]:
        if isinstance(note, Began):
            if self._roster.begin(note.number):
                self._started(self._candidates[note.number].work.student)
        elif isinstance(note, Left):
            yield from self._lost(self._roster.leave(note.address), note)
        elif isinstance(note, Ended) and isinstance(note.name[1], int):
            flight = self._roster.land(note.name[1])
            if flight is not None:  # else it was withdrawn
                yield from self._ended(flight, note.future)

    def _ended(self, flight: Flight, future: Future) -> Iterator[Result]:
        candidate = self._candidates.pop(flight.number)
        del self._futures[flight.number]
        reply = self._reply(future)
        if isinstance(reply, Finished | JudgeError):
            yield candidate.work, reply
        elif isinstance(reply, Refused):
            self._admission.refuse(flight.address, reply.reason)
            self._again.append(candidate)
            yield from self._lost(self._roster.leave(flight.address), Left(flight.address, expected=True))
        elif isinstance(reply, Failed):
            candidate.lost_judges += 1
            if reply.lost and candidate.lost_judges < MAX_LOSSES:
                self._again.append(candidate)
            else:
                yield candidate.work, JudgeError(reply.reason)
        else:
            self._again.append(candidate)

    def _reply(self, future: Future) -> object:
        """What a worker said; None when it can't be had any more; JudgeError when its machinery failed."""
        try:
            return fetched(future)
        except (CancelledError, TimeoutError):
            self._connection.require_open()
            return None
        except Exception as error:  # of a worker's own: it must cost this one submission its result, not the class
            return JudgeError(f"the cluster could not grade it: {type(error).__name__}: {error}")

    def _lost(self, flights: tuple[Flight, ...], left: Left) -> Iterator[Result]:
        """Sends out again what was with a worker that left, unless it is to blame for that."""
        began = [flight for flight in flights if flight.began]
        blamed = () if left.expected else began or flights
        for flight in flights:
            candidate = self._withdraw(flight)
            candidate.lost_workers += flight in blamed
            if flight in blamed and candidate.lost_workers >= MAX_LOSSES and len(blamed) == 1:
                yield candidate.work, JudgeError("it ended three workers of the cluster, one after another")
            elif candidate.lost_workers >= ALONE_FROM:
                self._alone.append(candidate)
            else:
                self._again.append(candidate)

    def _require_workers(self) -> None:
        """ClusterError when no worker has been there for long, or those that are cannot grade."""
        if self._roster or self._admission.busy:
            self._last_seen = time.monotonic()
            return
        for reason in self._admission.refused.values():
            raise ClusterError(reason)
        if time.monotonic() > self._last_seen + PATIENCE_SECONDS:
            raise ClusterError(
                f"the cluster has had no worker for {PATIENCE_SECONDS:g} seconds; start one and run the command again: "
                "what was graded is kept"
            )


def resources_of(device: str) -> dict[str, float]:
    """What a submission takes of its worker: a GPU to itself, or nothing that is declared."""
    return {GPU: 1.0} if device == "cuda" else {}
