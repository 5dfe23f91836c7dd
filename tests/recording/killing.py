"""Recording a batch in a process of its own that kills itself at one chosen moment.

A moment is every opening of a file for writing, every renaming, removing and making, every call of the system's library
and every statement and commit that reaches the gradebook.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from classes import record

from grader.judge.submission import Finished

_FILES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "shutil.copyfile", "ctypes.dlsym"}
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["grader.nbgrader.recording"])


def run(course: Path, batch: Sequence[Finished], *, kill_at: int = 0, in_one_step: bool = True) -> tuple[int, int]:
    """Records; returns the exit code (-9: killed) and how many moments there were.

    in_one_step: whether the system swaps two folders at once; where it does not, there are two renamings.
    """
    seen = _context.Value("q", 0)
    process = _context.Process(target=_run, args=(course, batch, kill_at, in_one_step, seen))
    process.start()
    process.join(120)
    assert process.exitcode is not None
    return process.exitcode, seen.value


def _run(course: Path, batch: Sequence[Finished], kill_at: int, in_one_step: bool, seen) -> None:
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    from grader.nbgrader import files as nbgrader_files

    def moment(*_: object) -> None:
        seen.value += 1
        if seen.value == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def audit(name: str, arguments: tuple) -> None:
        writes = name == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        if writes or name in _FILES:
            moment()

    swap = nbgrader_files._exchange

    def exchange(one: Path, other: Path) -> bool:
        moment()
        done = in_one_step and swap(one, other)
        moment()
        return done

    nbgrader_files._exchange = exchange
    event.listen(Engine, "before_cursor_execute", moment)
    event.listen(Engine, "commit", moment)
    sys.addaudithook(audit)
    assert record(course, batch) == {}
