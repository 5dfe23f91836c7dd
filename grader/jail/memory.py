"""How much memory a process tree takes beyond what it was forked with, and how many processes it has."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from grader.jail import processes

_COUNTED = ("RssAnon:", "RssShmem:", "VmSwap:")


@dataclass(frozen=True)
class Usage:
    """memory: bytes; processes: how many, the ones that a warden keeps included."""

    memory: int
    processes: int


def usage(handle: int, inherited: int, stack: int) -> Usage:
    """What the tree of the process behind a pidfd uses beyond `inherited` bytes for each fork of the zygote's.

    stack: where the stack of such a fork starts, see `stack_of`; a program that it has started inherits nothing.

    Counts memory that is not backed by files, swapped or not, and memory shared between the tree's processes once for
    each of them: a limit on this errs on the strict side. Shared memory that nobody maps any more is in no process's
    account; the filter of system calls lets none be made but in files, which the disk's limit bounds.
    """
    tree = processes.tree(pid_of(handle))
    return Usage(sum(max(0, _taken(pid) - (inherited if stack_of(pid) == stack else 0)) for pid in tree), len(tree))


def stack_of(pid: int) -> int:
    """Where a process' stack starts: forks share it, and each program that is started gets another; 0 if unknown."""
    try:
        words = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return 0
    return int(words[25])


def pid_of(handle: int) -> int:
    """The number, as seen from here, of the process behind a pidfd; -1 when it has been reaped."""
    for line in Path(f"/proc/self/fdinfo/{handle}").read_text(encoding="utf-8").splitlines():
        if line.startswith("Pid:"):
            return int(line.split()[1])
    return -1


def _taken(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return 0
    sizes = (line.split()[1] for line in status.splitlines() if line.startswith(_COUNTED))
    return 1024 * sum(int(size) for size in sizes)
