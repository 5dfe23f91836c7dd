"""Children on systems without the walls of Linux: each a cold, fresh process with limits, and nothing around it.

This bounds accidents, not malice: files and network stand open, and a process that leaves its group gets away.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import signal
import socket
import subprocess
import sys
import time

from grader.jail import view
from grader.jail.children import Child, Exit, Keeper
from grader.jail.disk import DiskWatch
from grader.jail.gate import Gate
from grader.jail.layers import Missing
from grader.jail.limits import Limits
from grader.jail.system import environment, why_portable

LAYERS = ("processes of their own",)
_LOOK_SECONDS = 0.5
"""Looking costs a run of `ps`."""
_ROUNDS = 20


@dataclasses.dataclass(frozen=True)
class _Line:
    """A process as `ps` shows it; memory in bytes."""

    parent: int
    memory: int


def _table() -> dict[int, _Line]:
    done = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,rss="], capture_output=True, text=True, check=False, env={"LC_ALL": "C"}
    )
    rows = (line.split() for line in done.stdout.splitlines())
    return {int(row[0]): _Line(int(row[1]), 1024 * int(row[2])) for row in rows if len(row) == 3}


def _tree(root: int, table: dict[int, _Line]) -> list[int]:
    found = [root] if root in table else []
    for pid in found:
        found.extend(child for child, line in table.items() if line.parent == pid)
    return found


class PortableGate(Gate):
    """Starts a fresh process for every child; nothing is shared between them."""

    def __init__(self) -> None:
        near, far = socket.socketpair()
        far.close()
        super().__init__(near)  # there is no zygote to talk to
        self._running: dict[int, subprocess.Popen[bytes]] = {}

    def greet(self, seconds: float) -> None:
        self.layers = LAYERS
        walls = ("user, mount, pid, network, ipc and uts namespaces", "view of the file system", "landlock", "seccomp")
        self.missing = tuple(Missing(name, why_portable()) for name in walls)

    def _make(self, limits: Limits, folder: str) -> Child:
        near, far = socket.socketpair()
        with far:
            process = subprocess.Popen(
                [sys.executable, "-I", "-m", "grader.jail.fresh", str(far.fileno()), folder],
                env={**environment(), **view.folders(f"{folder}/home", f"{folder}/tmp")},
                pass_fds=[far.fileno()],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=f"{folder}/home",
                start_new_session=True,
            )
        assert process.stdin is not None
        with process.stdin as orders, contextlib.suppress(BrokenPipeError):
            orders.write(json.dumps(dataclasses.asdict(limits)).encode())
        self._running[process.pid] = process
        return PortableChild(self, near, -1, process.pid, limits, folder=folder)

    def reap(self, number: int) -> Exit:
        process = self._running.pop(number)
        _, status, used = os.wait4(number, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        return Exit(process.returncode, used.ru_maxrss * 1024, used.ru_utime + used.ru_stime)


class PortableChild(Child):
    """A fresh process and what it started, as `ps` shows them."""

    look_seconds = _LOOK_SECONDS

    def __init__(
        self, keeper: Keeper, connection: socket.socket, handle: int, number: int, limits: Limits, *, folder: str
    ) -> None:
        self._disk = DiskWatch(folder, limits)
        self._inherited = 0
        super().__init__(keeper, connection, handle, number, limits, folder=folder)
        line = _table().get(number)
        self._inherited = line.memory if line else 0

    def _excess(self) -> str:
        table = _table()
        tree = _tree(self._number, table)
        if self._inherited and sum(table[pid].memory for pid in tree) - self._inherited > self.limits.memory:
            return self._too_much_memory()
        if len(tree) > self.limits.processes + 1:
            return f"it started more than {self.limits.processes} processes"
        return self._disk.complaint()

    def _stop(self) -> None:
        """Its descendants first: once it is gone itself, nothing tells whose they were."""
        for _ in range(_ROUNDS):
            descendants = _tree(self._number, _table())[1:]
            for pid in descendants:
                _kill(pid)
            if not descendants:
                break
            time.sleep(0.01)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._number, signal.SIGKILL)
        _kill(self._number)


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)
