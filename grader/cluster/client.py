"""A cluster as the user of a pool sees it: the same submissions in, the same results out."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType

from grader.cluster.admission import Admission
from grader.cluster.bundle import Bundle
from grader.cluster.connection import ClusterError, Connection, Left
from grader.cluster.installation import installation
from grader.cluster.orders import Orders
from grader.cluster.run import Run, resources_of
from grader.folder import CourseFolder
from grader.jail.limits import Limits
from grader.jail.proofs import Protection
from grader.judge.pool import JudgeError
from grader.judge.submission import Finished, Work

JOIN_SECONDS = 30.0
"""So long the first worker may take to come."""
_LOOK_SECONDS = 1.0


class Cluster:
    """Judges for one assignment on the workers of the Dask cluster at `address`; stands wherever a `Pool` does.

    device: `cuda` gives each submission a GPU to itself, of workers that declare them.
    """

    def __init__(
        self,
        folder: CourseFolder,
        assignment: str,
        address: str,
        *,
        limits: Limits = Limits(),
        policy: str = "require",
        device: str = "cpu",
    ) -> None:
        self._address = address
        self._device = device
        run = f"grader-{uuid.uuid4().hex}"
        self._orders = Orders(run, assignment, Bundle.of(folder, assignment), limits, policy, installation(), device)
        self._open: tuple[Connection, Admission] | None = None
        self.protection: Protection | None = None

    def wait_until_ready(self) -> Protection:
        """The weakest walls that student code will run behind; ClusterError when grading cannot start.

        All workers that are there must be able to grade, and there must be one.
        """
        if self.protection is None:
            admission = self._admission()
            self.protection = min(admission.protections, key=_strength)
        return self.protection

    def grade_all(
        self,
        works: Iterable[Work],
        started: Callable[[str], None] = lambda student: None,
        stop: threading.Event | None = None,
    ) -> Iterator[tuple[Work, Finished | JudgeError]]:
        """All submissions, each with its result or the reason why it has none, in the order they end.

        They are taken from `works` as they are needed, a few for each worker; when `stop` is set, the others stay
        there. `started` hears the student of each that a worker takes. Workers may come and go meanwhile: what was
        with one that goes is done by another. ClusterError when the scheduler or all workers are gone.
        """
        self.wait_until_ready()
        assert self._open is not None
        run = Run(*self._open, self._orders, works, started)
        yield from run.results(stop or threading.Event(), resources_of(self._device))

    @property
    def refused(self) -> tuple[str, ...]:
        """Why workers that came late are not used, a sentence each."""
        return tuple(self._open[1].refused.values()) if self._open else ()

    def close(self) -> None:
        """Ends what still runs, and removes what this run put on the workers."""
        if self._open is not None:
            from grader.cluster.worker import dismiss

            (connection, _), self._open = self._open, None
            connection.dismiss(dismiss)
            connection.close()

    def _admission(self) -> Admission:
        """The line to the cluster, with everybody examined who is there."""
        connection = Connection(self._address, self._orders.run)
        admission = Admission(connection, self._orders, self._device)
        self._open = (connection, admission)
        admission.invite()
        deadline = time.monotonic() + JOIN_SECONDS
        while admission.busy or (not admission.protections and not admission.refused):
            if not admission.busy and time.monotonic() > deadline:
                raise ClusterError(admission.vanished or self._nobody())
            for note in connection.notes(_LOOK_SECONDS):
                if isinstance(note, Left):
                    admission.roster.leave(note.address)
                admission.heed(note)
            admission.invite_joined()
            connection.require_open()
        for reason in admission.refused.values():
            raise ClusterError(reason)
        return admission

    def _nobody(self) -> str:
        start = f"dask worker {self._address}"
        if self._device == "cuda":
            return f"no worker of the cluster at {self._address} offers a GPU; start one: `{start} --resources GPU=1`"
        return f"no worker has joined the cluster at {self._address}; start one: `{start}`"

    def __enter__(self) -> Cluster:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _strength(protection: Protection) -> tuple[int, int]:
    """Weaker walls come first."""
    return "DCBA".index(protection.tier), len(protection.held)
