"""The judges that a Dask worker keeps: one pool for each run, started when first needed, ended when nobody needs it.

The worker itself never runs student code. Its judges are processes of their own, each with its zygote and jail, that
end when the worker does, whatever ends it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from grader.cluster.den import Den
from grader.cluster.orders import Orders
from grader.device import DeviceError, choose
from grader.jail.proofs import Protection
from grader.jail.system import JailError
from grader.judge.pool import JudgeError, JudgeLostError, Pool
from grader.judge.submission import Finished, Work

IDLE_SECONDS = 120.0
"""So long a pool waits for work: the command that wanted it may have been killed. Starting anew costs some seconds."""


class UnfitError(JudgeError):
    """No judge can be started on this machine; the message says why."""


class Judges:
    """The pools of one worker, by run. threads: how many submissions may be judged at once."""

    def __init__(self, threads: int, *, idle_seconds: float = IDLE_SECONDS) -> None:
        self._threads = threads
        self._idle_seconds = idle_seconds
        self._lock = threading.Lock()
        self._judges: dict[str, _Judge] = {}
        self._closed = threading.Event()
        threading.Thread(target=self._end_idle, name="grader-idle", daemon=True).start()

    def protection(self, orders: Orders) -> Protection:
        """The walls that this run's submissions get here; UnfitError when no judge can be started."""
        with self._used(orders) as judge:
            return judge.protection()

    def grade(self, orders: Orders, work: Work) -> Finished:
        """The result of one submission. UnfitError, JudgeLostError, or JudgeError when the kit itself failed on it."""
        with self._used(orders) as judge:
            return judge.grade(work)

    def dismiss(self, run: str) -> None:
        """Ends a run's pool at once, with whatever it judges, and removes its folder."""
        with self._lock:
            judge = self._judges.pop(run, None)
        if judge is not None:
            judge.close()

    def close(self) -> None:
        self._closed.set()
        for run in list(self._judges):
            self.dismiss(run)

    @contextmanager
    def _used(self, orders: Orders) -> Iterator[_Judge]:
        with self._lock:
            judge = self._judges.setdefault(orders.run, _Judge(orders, self._threads))
            judge.users += 1
        try:
            yield judge
        finally:
            with self._lock:
                judge.users -= 1
                judge.left = time.monotonic()

    def _end_idle(self) -> None:
        while not self._closed.wait(self._idle_seconds / 10):
            latest = time.monotonic() - self._idle_seconds
            with self._lock:
                idle = [run for run, judge in self._judges.items() if not judge.users and judge.left < latest]
                ended = [self._judges.pop(run) for run in idle]
            for judge in ended:
                judge.close()


class _Judge:
    """One run's pool. A pool that lost a judge is given no more work, and closed when the last has left it."""

    def __init__(self, orders: Orders, threads: int) -> None:
        self._orders = orders
        self._threads = threads
        self._lock = threading.Lock()
        self._current: _Staffed | None = None
        self._closed = False
        self.users = 0
        self.left = time.monotonic()

    def protection(self) -> Protection:
        with self._staffed() as staffed:
            return staffed.pool.wait_until_ready()

    def grade(self, work: Work) -> Finished:
        with self._staffed() as staffed:
            try:
                return staffed.pool.grade(work)
            except JudgeLostError:
                self._retire(staffed)
                raise

    def close(self) -> None:
        with self._lock:
            self._closed, staffed, self._current = True, self._current, None
        if staffed is not None:
            staffed.close()

    @contextmanager
    def _staffed(self) -> Iterator[_Staffed]:
        with self._lock:
            if self._closed:
                raise JudgeLostError("the run that this submission belongs to has ended")
            if self._current is None:
                self._current = _Staffed(self._orders, self._threads)
            staffed = self._current
            staffed.users += 1
        try:
            yield staffed
        finally:
            with self._lock:
                staffed.users -= 1
                over = staffed is not self._current and not staffed.users
            if over:
                staffed.close()

    def _retire(self, staffed: _Staffed) -> None:
        with self._lock:
            if self._current is staffed:
                self._current = None


class _Staffed:
    """A pool that is ready, with the private folder that its suite lies in."""

    def __init__(self, orders: Orders, threads: int) -> None:
        self.users = 0
        self._den = Den()
        try:
            course = orders.bundle.unpack(self._den.path / "course")
            how: dict[str, Any] = {"limits": orders.limits, "policy": orders.policy}
            self.pool = Pool(course, orders.assignment, jobs=threads, device=choose(orders.device), **how)
        except (JailError, DeviceError, OSError) as error:
            self._den.close()
            raise UnfitError(str(error)) from None
        try:
            self.pool.wait_until_ready()
        except JudgeError as error:
            self.close()
            raise UnfitError(str(error)) from None

    def close(self) -> None:
        """May be called more than once."""
        self.pool.close()
        self._den.close()
