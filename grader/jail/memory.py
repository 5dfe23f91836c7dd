"""How much memory a process tree takes beyond what it was forked with, and how many processes it has."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from grader.jail import processes

_COUNTED = ("RssAnon:", "RssShmem:", "VmSwap:", "VmPTE:", "HugetlbPages:")
_THREADS = "Threads:"
_OWN = ("Private_Dirty:", "Swap:")
_A_SOCKET = 2  # times the system's usual buffer: the last message may be larger than what was left of it


@dataclass(frozen=True)
class Usage:
    """memory: bytes; processes: how many with all their threads, the ones that a warden keeps included.

    most: bytes, if nobody had been let off anything; above a limit, `private` tells.
    """

    memory: int
    processes: int
    most: int


def usage(handle: int, inherited: int, stack: int) -> Usage:
    """What the tree of the process behind a pidfd uses beyond `inherited` bytes for each fork of the zygote's.

    stack: where the stack of such a fork starts, see `stack_of`; a program that it has started inherits nothing.

    Counts memory that is not backed by files, swapped or not, and memory shared between the tree's processes once for
    each of them: a limit on this errs on the strict side. Shared memory that nobody maps any more is in no process's
    account; the filter of system calls lets none be made but in files, which the disk's limit bounds.
    """
    tree = processes.tree(pid_of(handle))
    status = {pid: _kilobytes(pid, "status", _COUNTED) for pid in tree}
    taken = {pid: 1024 * sum(found.get(name, 0) for name in _COUNTED) for pid, found in status.items()}
    memory = sum(max(0, taken[pid] - (inherited if stack_of(pid) == stack else 0)) for pid in tree)
    threads = sum(found.get(_THREADS, 1) for found in status.values())
    return Usage(memory, threads, sum(taken.values()))


def private(handle: int) -> int:
    """Bytes that the processes of a tree have to themselves, with what they have written over of what they inherited.

    The kernel looks at each of their pages for it, which takes milliseconds.
    """
    tree = processes.tree(pid_of(handle))
    return 1024 * sum(sum(_kilobytes(pid, "smaps_rollup", _OWN).get(name, 0) for name in _OWN) for pid in tree)


def in_sockets(handle: int) -> int:
    """Bytes that may wait in the sockets of a tree with a network of its own, in those too that nobody has open now."""
    try:
        used = Path(f"/proc/{pid_of(handle)}/net/sockstat").read_text(encoding="utf-8").split()[2]
        usual = Path("/proc/sys/net/core/wmem_default").read_text(encoding="utf-8")
    except (OSError, IndexError):
        return 0
    return int(used) * _A_SOCKET * int(usual)


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


def _kilobytes(pid: int, file: str, names: tuple[str, ...]) -> dict[str, int]:
    """These lines of a file of a process', and how many threads it has, where that file tells.

    As one of its threads tells: the first may have ended alone, and then knows nothing of memory.
    """
    process, found = Path(f"/proc/{pid}"), {}
    with suppress(OSError):
        for folder in (process, *(process / "task").iterdir()):
            found = _numbers(folder / file, (*names, _THREADS))
            if found.keys() & {*names}:
                break
    return found


def _numbers(path: Path, names: tuple[str, ...]) -> dict[str, int]:
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return {}
    words = (line.split() for line in lines if line.startswith(names))
    return {name: int(number) for name, number, *_ in words}
