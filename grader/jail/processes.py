"""Processes as /proc shows them: whose child is whose, and how many a user has."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

MAX_PROCESSES = 1000
"""A walk ends here: a tree that large is over every limit."""


def tree(root: int) -> list[int]:
    """A process and its descendants; those that end meanwhile may be among them, or not."""
    found: list[int] = []
    waiting = [root] if root > 0 else []
    while waiting and len(found) < MAX_PROCESSES:
        pid = waiting.pop()
        found.append(pid)
        waiting.extend(children(pid))
    return found


def children(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            found.extend(int(each) for each in (task / "children").read_text(encoding="utf-8").split())
    except OSError:
        # it ended meanwhile, or this kernel was built without these lists
        return found if Path("/proc/self/task", str(os.getpid()), "children").exists() else _children_by_parent(pid)
    return found


def _children_by_parent(parent: int) -> list[int]:
    return [pid for pid in _all() if _field(pid, "PPid") == parent]


def _all() -> Iterator[int]:
    return (int(name) for name in os.listdir("/proc") if name.isdecimal())  # noqa: PTH208 - names are enough


def _field(pid: int, name: str) -> int | None:
    """The first number of a line of /proc/PID/status; None when the process has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith(f"{name}:")), None)


def count_of_user(uid: int) -> int:
    """Threads of a user that can be seen from here."""
    return sum(_field(pid, "Threads") or 0 for pid in _all() if _field(pid, "Uid") == uid)
