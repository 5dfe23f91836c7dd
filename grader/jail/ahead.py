"""Running the cells with which a class's notebooks begin, in a process whose forks go on behind them."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from grader import live
from grader.jail import processes, view
from grader.jail.shell import CellShell, run_cell


def run_first(shell: CellShell, cells: Sequence[dict[str, Any]], seconds: float, output: int) -> bool:
    """Runs cells (name, source, drawn) of the course's own; whether a fork may go on from here as if it had run them.

    Not so where one fails, and where they leave what a fork does not inherit, or would share with its neighbours:
    threads, processes, open files, files, shared memory, a working folder elsewhere. After `seconds` this process ends.
    output: characters that each cell may show. What they show is not kept.
    """
    shell.collector.quiet = live.QUIET
    os.chdir(view.HOME)
    before = _around()
    sys.path.insert(0, "")  # see `child.serve`, which does it where nobody has
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    ran = all(run_cell(shell, each["name"], each["source"], output, drawn=each["drawn"])["ok"] for each in cells)
    signal.setitimer(signal.ITIMER_REAL, 0)
    gc.collect()
    gc.freeze()
    if ran and before == _around():
        return True
    for pid in processes.children(os.getpid()):
        os.kill(pid, signal.SIGKILL)  # nobody else would end it
    return False


def _around() -> tuple[object, ...]:
    """What this process has besides its memory."""
    own = Path("/proc/self")
    links = {each.name: each.readlink() for each in (own / "fd").iterdir() if each.exists()}
    return (
        os.getpid(),  # a fork that has come out of its cell is not the one that was asked
        os.getcwd(),  # noqa: PTH109 - text, to compare
        _shared_memory(own),
        len([*(own / "task").iterdir()]),
        processes.children(os.getpid()),
        links,
        sorted(_files()),
    )


def _shared_memory(own: Path) -> list[str]:
    """What is mapped for writing and shared with every fork, though no file of it may be left."""
    lines = (own / "maps").read_text(encoding="utf-8", errors="replace").splitlines()
    return sorted(line for line in lines if line.split()[1].startswith("rw") and line.split()[1].endswith("s"))


def _files() -> Iterator[tuple[str, int, int]]:
    """Everything in the scratch folders: path, size, and when it was changed (ns)."""
    for folder in view.scratch():
        for path in Path(folder).rglob("*"):
            about = path.lstat()
            yield str(path), about.st_size, about.st_mtime_ns
