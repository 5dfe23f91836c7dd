"""The line to a Dask cluster: who is there, what is sent, and what is heard, with Dask's failures in one sentence."""

from __future__ import annotations

import contextlib
import gc
import ipaddress
import logging
import os
import queue
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from grader.cluster.installation import PACKAGES, told
from grader.judge.pool import JudgeError

if TYPE_CHECKING:
    from distributed import Client, Future

CLOSED = "GRADER_CLUSTER_CLOSED"
"""Set to 1, this variable says that nobody else can reach the cluster's network, so that it needs no TLS."""

TOPIC = "grader"
"""The scheduler's topic under which a worker says (run, number) when it begins with a job, and no more than that."""

_WORKERS = "all"
"""The topic under which the scheduler itself says who comes and goes."""
_CONNECT_SECONDS = 10
_ATTEMPTS = 3
_FETCH_SECONDS = 10
_GONE_SECONDS = 5
_ENCRYPTED = ("tls", "wss", "inproc")


class ClusterError(JudgeError):
    """The cluster as a whole cannot be used, or no longer; the message says why and what to do."""


@dataclass(frozen=True)
class Joined:
    """A worker has come."""

    address: str


@dataclass(frozen=True)
class Left:
    """A worker has gone. expected: it said so before, and ended what it did in good order."""

    address: str
    expected: bool


@dataclass(frozen=True)
class Began:
    """A worker has begun with a job."""

    number: int


@dataclass(frozen=True)
class Ended:
    """What was sent to a worker under this name has ended, one way or another."""

    name: tuple[str, str | int]
    future: Future


Note = Joined | Left | Began | Ended


class Connection:
    """A client of the cluster for one run, whose events become notes."""

    def __init__(self, address: str, run: str) -> None:
        """ClusterError when nobody answers there, or strangers could."""
        self._run = run
        self._address = address
        self._notes: queue.SimpleQueue[Note] = queue.SimpleQueue()
        _require_closed(address)
        self._client = _connected(address)
        try:
            _require_closed(self._client.scheduler_info(n_workers=0)["address"])
            self._client.subscribe_topic(_WORKERS, self._hear_of_workers)
            self._client.subscribe_topic(TOPIC, self._hear_of_jobs)
        except BaseException:
            self._client.close(_GONE_SECONDS)
            raise

    def workers(self) -> dict[str, dict[str, Any]]:
        """What the scheduler knows of each worker, by address."""
        with self._answered():
            workers: dict[str, dict[str, Any]] = self._client.scheduler_info()["workers"]
        return workers

    def send(
        self, call: Callable[..., Any], argument: object, name: str | int, worker: str, resources: dict[str, float]
    ) -> Future:
        """Has a worker call it, and no other. When it has ended, an `Ended` note comes."""
        key = (self._run, name)
        with self._answered():
            future = self._client.submit(
                call, argument, key=key, workers=[worker], resources=resources, pure=False, retries=0
            )
        future.add_done_callback(lambda ended: self._notes.put(Ended(key, ended)))
        return future

    def notes(self, seconds: float) -> list[Note]:
        """What has been heard since the last time; waits so long for the first."""
        heard: list[Note] = []
        with contextlib.suppress(queue.Empty):
            heard.append(self._notes.get(timeout=seconds))
            while True:
                heard.append(self._notes.get_nowait())
        return heard

    def require_open(self) -> None:
        """ClusterError when the scheduler is gone."""
        if self._client.status != "running":
            raise self._gone()

    def _gone(self) -> ClusterError:
        return ClusterError(
            f"the cluster's scheduler at {self._address} is gone; start it and run the command again: what was graded "
            "is kept"
        )

    @contextlib.contextmanager
    def _answered(self) -> Iterator[None]:
        """ClusterError when the scheduler goes while it is asked."""
        try:
            yield
        except (OSError, RuntimeError):
            raise self._gone() from None

    def versions(self) -> dict[str, dict[str, str]]:
        """What is installed on each worker, by address, told by Dask itself, whatever else is there."""
        with self._answered():
            found = self._client.get_versions(packages=PACKAGES)["workers"]
        return {address: told(each["host"]["python"], each["packages"]) for address, each in found.items()}

    def cancel(self, futures: Iterable[Future]) -> None:
        """Nobody waits for these any more."""
        with contextlib.suppress(OSError, TimeoutError, CancelledError):
            self._client.cancel(list(futures))

    def dismiss(self, call: Callable[..., Any]) -> None:
        """Has every worker tidy up after this run; does not wait for that."""
        if self._client.status == "running":
            with contextlib.suppress(OSError, TimeoutError):
                self._client.run(call, self._run, wait=False, on_error="ignore")

    def close(self) -> None:
        if self._client.status == "running":
            for topic in (_WORKERS, TOPIC):
                self._client.unsubscribe_topic(topic)  # else the scheduler complains that nobody listens any more
        self._client.close(_GONE_SECONDS)

    def _hear_of_workers(self, event: tuple[float, dict[str, Any]]) -> None:
        about = event[1]
        if about.get("action") == "add-worker":
            self._notes.put(Joined(about["worker"]))
        elif about.get("action") == "remove-worker":
            self._notes.put(Left(about["worker"], bool(about.get("expected"))))

    def _hear_of_jobs(self, event: tuple[float, tuple[str, int]]) -> None:
        run, number = event[1]
        if run == self._run:
            self._notes.put(Began(number))


def fetched(future: Future) -> object:
    """What a call came to; TimeoutError when it cannot be had now, and whatever the call raised."""
    return future.result(timeout=_FETCH_SECONDS)


def _connected(address: str) -> Client:
    try:
        from distributed import Client
    except ImportError:
        raise ClusterError("grading on a cluster needs Dask: pip install 'grader[cluster]'") from None

    for name in ("distributed.client", "distributed.core", "distributed.comm", "distributed.batched"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what they would say, we say in one sentence
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of other versions: they are compared, and refused, later
            return patiently(lambda: Client(address, timeout=_CONNECT_SECONDS, set_as_default=False, name="grader"))
    except (OSError, ValueError, TypeError, RuntimeError, AssertionError) as error:  # the last: too busy to begin
        reason = str(error.__cause__ or error).strip().splitlines()
        raise ClusterError(
            f"no Dask scheduler answers at {address} ({reason[0] if reason else type(error).__name__}); start one with "
            "`dask scheduler`, or correct the address"
        ) from None


def patiently(begin: Callable[[], Client]) -> Client:
    """The client that `begin` makes. Distributed gives its thread ten seconds; a busy machine may need more."""
    for _ in range(_ATTEMPTS - 1):
        with contextlib.suppress(AssertionError):
            return _begun(begin)
    return _begun(begin)


def _begun(begin: Callable[[], Client]) -> Client:
    """Begins a client while no garbage is collected: the end of one that failed before waits for the same lock."""
    gc.collect()
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        return begin()
    finally:
        if was_enabled:
            gc.enable()


def _require_closed(address: str) -> None:
    """ClusterError for an address where whoever can reach it could read the hidden suite, and run code as its user."""
    parts = urlsplit(address if "://" in address else f"tcp://{address}")
    if parts.scheme in _ENCRYPTED or _is_loopback(parts.hostname or "") or os.environ.get(CLOSED) == "1":
        return
    raise ClusterError(
        f"the cluster at {address} is not encrypted: whoever can reach it could read the hidden tests and run code in "
        f"your name. Start it with TLS (docs/cluster.md says how), or set {CLOSED}=1 where nobody else can reach it"
    )


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
