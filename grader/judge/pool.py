"""Workers that grade, as their user sees them: open a pool for one assignment, give it submissions, close it."""

from __future__ import annotations

import contextlib
import os
import queue
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType

from grader.device import BLIND, EXACT, Device
from grader.folder import CourseFolder
from grader.jail.limits import Limits
from grader.jail.proofs import Protection
from grader.jail.system import require_system
from grader.judge.orders import Failed, Orders, Ready
from grader.judge.submission import Finished, Work

AHEAD = 2
"""So many submissions for each worker are on their way: it need not wait while this process records another."""

_LOOK_SECONDS = 0.2


class JudgeError(RuntimeError):
    """The judge could not do its work, and why; no student's fault."""


class JudgeLostError(JudgeError):
    """The judge or its jail ended on the way; a fresh one may do it."""


class Pool:
    """Judges for one assignment's suite (the hidden one by default): `jobs` workers, each with its gate.

    On a GPU as many of them as its memory has room for; DeviceError where not even one has.
    """

    def __init__(
        self,
        folder: CourseFolder,
        assignment: str,
        *,
        suite: Path | None = None,
        jobs: int = 1,
        limits: Limits = Limits(),
        policy: str = "require",
        device: Device = Device(),
    ) -> None:
        require_system()
        jobs = device.at_once(jobs, limits)
        pairs = [socket.socketpair() for _ in range(jobs)]
        numbers = tuple(far.fileno() for _, far in pairs)
        suite = suite or folder.hidden_suite(assignment)
        seed = folder.seed(assignment)
        orders = Orders(str(folder.root), assignment, str(suite), numbers, seed, limits, policy, device)
        # a file and not a pipe: nobody reads along, and a pipe would fill up
        self._words = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the pool
        self._process = subprocess.Popen(
            # -P: a module of the folder that this is called in may be a student's
            [sys.executable, "-P", "-m", "grader.judge.server"],
            pass_fds=numbers,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=self._words,
            env={**os.environ, **BLIND, **(EXACT if device.visible else {})},
            process_group=0,  # a terminal's Ctrl-C is for the command: it decides when the judge stops
        )
        orders.give(self._process)
        for _, far in pairs:
            far.close()
        self._idle: queue.SimpleQueue[Connection | None] = queue.SimpleQueue()
        self._sockets = [near for near, _ in pairs]
        self._connections = [Connection(os.dup(near.fileno())) for near in self._sockets]
        self._jobs = jobs
        self._starting = threading.Lock()
        self.protection: Protection | None = None

    def wait_until_ready(self) -> Protection:
        """The walls that student code will run behind; JudgeError when grading cannot start. Any thread may wait."""
        with self._starting:
            if self.protection is None:
                self.protection = self._greeted()
            return self.protection

    def _greeted(self) -> Protection:
        """Hears the first word of every worker."""
        protection: Protection | None = None
        for connection in self._connections:
            try:
                word = connection.recv()
            except (EOFError, OSError):
                raise JudgeError(f"the judge did not start: {self._last_words()}; try `grader doctor`") from None
            if not isinstance(word, Ready):
                raise JudgeError(word.reason)
            protection = word.protection
            self._idle.put(connection)
        if protection is None:
            raise JudgeLostError("the judge was closed")
        return protection

    def grade(self, work: Work) -> Finished:
        """The result of one submission; waits for an idle worker. JudgeError when the kit itself failed."""
        self.wait_until_ready()
        connection = self._idle.get()
        if connection is None:
            self._idle.put(None)
            raise JudgeLostError("all of the judge's workers are gone; run the command again")
        try:
            connection.send(work)
            reply = connection.recv()
        except BaseException as error:
            self._retire(connection)  # whoever had it next would hear this one's answer
            if isinstance(error, EOFError | OSError):
                raise JudgeLostError("the judge's worker ended while it graded; run the command again") from None
            raise
        if isinstance(reply, Failed):
            if reply.lost:
                self._retire(connection)
                raise JudgeLostError(reply.reason)
            self._idle.put(connection)
            raise JudgeError(reply.reason)
        self._idle.put(connection)
        assert isinstance(reply, Finished)
        return reply

    def grade_all(
        self,
        works: Iterable[Work],
        started: Callable[[str], None] = lambda student: None,
        stop: threading.Event | None = None,
    ) -> Iterator[tuple[Work, Finished | JudgeError]]:
        """All submissions, each with its result or the reason why it has none, in the order they end.

        They are taken from `works` as they are needed, one ahead for each worker; when the last worker is lost, or
        `stop` is set, the others stay there. `started` hears the student of each that a worker takes.
        """
        self.wait_until_ready()
        rest, stop = iter(works), stop or threading.Event()
        with ThreadPoolExecutor(AHEAD * self._jobs) as executor:
            running: dict[Future[Finished], Work] = {}
            told: set[str] = set()
            try:
                while not stop.is_set():
                    while len(running) < AHEAD * len(self._connections) and (work := next(rest, None)) is not None:
                        running[executor.submit(self.grade, work)] = work
                    if not running:
                        return
                    for work in islice(running.values(), len(self._connections)):
                        if work.student not in told:
                            told.add(work.student)
                            started(work.student)
                    for future in wait(running, _LOOK_SECONDS, FIRST_COMPLETED).done:
                        work = running.pop(future)
                        told.discard(work.student)
                        yield work, _result(future)
            finally:
                if running:  # left early: nobody waits for what still runs
                    self._hang_up()

    def _hang_up(self) -> None:
        for near in self._sockets:  # closing would not wake a thread that reads
            with contextlib.suppress(OSError):
                near.shutdown(socket.SHUT_RDWR)

    def _retire(self, connection: Connection) -> None:
        """This worker is asked no more; whoever waits for one when none is left is told so.

        Only for who has taken it: of two that close one, the second might close what was opened in between.
        """
        connection.close()
        self._connections.remove(connection)
        if not self._connections:
            self._idle.put(None)

    def _last_words(self) -> str:
        self._words.seek(0)
        lines = self._words.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"

    def _retire_idle(self) -> None:
        """Retires the workers that no thread has taken; the others' threads have heard the hang-up, and do it."""
        with self._starting:
            if self.protection is None:  # none was given out
                self._idle = queue.SimpleQueue()
                for each in list(self._connections):
                    self._retire(each)
                return
        with contextlib.suppress(queue.Empty):
            while (connection := self._idle.get_nowait()) is not None:
                self._retire(connection)
            self._idle.put(None)

    def close(self) -> None:
        """Ends the workers and with them the jail and everything in it. Threads that still ask lose their judge."""
        self._hang_up()
        self._retire_idle()
        for near in self._sockets:
            near.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._words.close()

    def __enter__(self) -> Pool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _result(future: Future[Finished]) -> Finished | JudgeError:
    error = future.exception()
    if error is not None and not isinstance(error, JudgeError):
        raise error
    return error if error is not None else future.result()
