"""A Dask cluster on this machine as users start one: a scheduler and workers as commands, on loopback."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from grader.cluster.connection import patiently

if TYPE_CHECKING:
    from distributed import Client

SECONDS = 120.0
"""So long anything may take here before a test fails; machines that are busy with other tests are slow."""
DIARY = Path(__file__).with_name("diary.py")


class DaskCluster:
    """Its workers keep a diary: a file for each process, in which stands whose work it took.

    Everything that the cluster writes lies below `folder`, also the temporary files of its workers.
    """

    def __init__(self, folder: Path, *options: str, environment: dict[str, str] | None = None) -> None:
        self._folder = folder
        self._options = options
        self.diary, self.temporary = folder / "diary", folder / "tmp"
        for each in (self.diary, self.temporary):
            each.mkdir(parents=True)
        places = {"TMPDIR": str(self.temporary), "GRADER_TEST_DIARY": str(self.diary)}
        self._environment = {**os.environ, **places, **(environment or {})}
        self._processes: list[subprocess.Popen[bytes]] = []
        self._file = folder / "scheduler.json"
        options = (*options, "--no-dashboard", "--port", "0", "--scheduler-file", str(self._file))
        self.scheduler = self._start("scheduler", *options)
        # it is there before it is whole
        wait_for(lambda: self._file.exists() and self._file.read_text().rstrip().endswith("}"))
        self.address: str = json.loads(self._file.read_text())["address"]

    def worker(self, *options: str, places: int = 1, preload: Path = DIARY) -> subprocess.Popen[bytes]:
        """Starts a worker, with the nanny that starts it again when it ends; it joins when it is ready."""
        common = ("--scheduler-file", str(self._file), "--nthreads", str(places), "--no-dashboard", *self._options)
        return self._start("worker", *common, "--preload", str(preload), *options)

    def written(self) -> dict[int, list[str]]:
        """{number of a worker's process: the students whose work it took, in that order}."""
        return {int(each.name): each.read_text().split() for each in self.diary.iterdir()}

    def dens(self) -> list[Path]:
        """The private folders that lie on the workers' machine now."""
        return list(self.temporary.glob("grader-cluster-*"))

    def log(self) -> str:
        return "".join(each.read_text() for each in sorted(self._folder.glob("*.log")))

    def close(self) -> None:
        """Workers first: one whose scheduler is gone waits some seconds for it before it ends."""
        scheduler, *workers = self._processes
        for each in (workers, [scheduler]):
            _end(each)

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        host = () if "--host" in arguments else ("--host", "127.0.0.1")
        with (self._folder / f"{len(self._processes)}.log").open("wb") as log:
            command = [sys.executable, "-m", "dask", *arguments, *host]
            process = subprocess.Popen(command, env=self._environment, stdout=log, stderr=log, cwd=self._folder)
        self._processes.append(process)
        return process

    def __enter__(self) -> DaskCluster:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _end(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
    for process in processes:
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def client_of(address: str) -> Client:
    """A client of its own."""
    from distributed import Client

    return patiently(lambda: Client(address, set_as_default=False, timeout=SECONDS))


def wait_for(happens: Callable[[], Any]) -> Any:
    """What it returned when it was true at last; an AssertionError when that takes too long."""
    until = time.monotonic() + SECONDS
    while not (found := happens()):
        assert time.monotonic() < until, f"{happens} took more than {SECONDS:g} seconds"
        time.sleep(0.1)
    return found


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
