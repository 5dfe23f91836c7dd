"""How much memory a process tree takes beyond what it was forked with."""

from __future__ import annotations

import os
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE")
MAX_PROCESSES = 1000


def used_beyond(handle: int, inherited: int) -> int:
    """Bytes that the tree of the process behind a pidfd holds beyond `inherited` bytes for each process.

    Counts resident memory that is not backed by files, and memory shared between the tree's processes once for
    each of them: a limit on this errs on the strict side.
    """
    return sum(max(0, _anonymous(pid) - inherited) for pid in _tree(_pid(handle)))


def _pid(handle: int) -> int:
    for line in Path(f"/proc/self/fdinfo/{handle}").read_text(encoding="utf-8").splitlines():
        if line.startswith("Pid:"):
            return int(line.split()[1])
    return -1


def _tree(root: int) -> list[int]:
    found: list[int] = []
    waiting = [root] if root > 0 else []
    while waiting and len(found) < MAX_PROCESSES:
        pid = waiting.pop()
        found.append(pid)
        waiting.extend(_children(pid))
    return found


def _children(pid: int) -> list[int]:
    children: list[int] = []
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            children.extend(int(each) for each in (task / "children").read_text(encoding="utf-8").split())
    except OSError:
        pass  # it ended meanwhile
    return children


def _anonymous(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return 0
    sizes = (line.split()[1] for line in status.splitlines() if line.startswith(("RssAnon:", "RssShmem:")))
    return 1024 * sum(int(size) for size in sizes)
