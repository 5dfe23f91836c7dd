"""A private folder on a worker's machine, for what student code must not read; gone with the process, or soon after."""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from pathlib import Path

from grader.jail.scratch import LOCK, remove_abandoned

_PREFIX = "grader-cluster-"


class Den:
    """A folder that only this user may enter, locked as long as this process lives."""

    def __init__(self) -> None:
        sweep()
        self.path = Path(tempfile.mkdtemp(prefix=_PREFIX))  # made with mode 0700
        draft = self.path / f"{LOCK}.new"
        self._lock = draft.open("w", encoding="utf-8")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        draft.rename(self.path / LOCK)  # nobody ever sees one that is not locked

    def close(self) -> None:
        """Removes it with all that it holds; may be called more than once."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._lock.close()


def sweep() -> None:
    """Removes this user's folders whose process was killed."""
    remove_abandoned(_PREFIX)
