"""Running a recording in a process of its own that kills itself at one chosen moment.

A moment is every opening of a file for writing, every renaming, removing and making, and every statement and commit
that reaches the gradebook.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from pathlib import Path

from states import ASSIGNMENT

_FILES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "shutil.copyfile"}
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["grader.autograde"])


def record(course: Path, kill_at: int = 0) -> tuple[int, int]:
    """Runs `autograde` in `course`; returns its exit code (-9: killed) and how many moments it saw."""
    seen = _context.Value("q", 0)
    process = _context.Process(target=_record, args=(course, kill_at, seen))
    process.start()
    process.join(120)
    assert process.exitcode is not None
    return process.exitcode, seen.value


def _record(course: Path, kill_at: int, seen) -> None:
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    from grader.autograde import autograde
    from grader.folder import CourseFolder

    def moment() -> None:
        seen.value += 1
        if seen.value == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def audit(name: str, arguments: tuple) -> None:
        writes = name == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        if writes or name in _FILES:
            moment()

    event.listen(Engine, "before_cursor_execute", lambda *_: moment())
    event.listen(Engine, "commit", lambda *_: moment())
    sys.addaudithook(audit)
    result = autograde(CourseFolder(course), ASSIGNMENT)
    assert not result.failures, result.failures
    assert result.protection is None, "something was judged again"
