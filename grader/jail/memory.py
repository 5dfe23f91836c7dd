"""How much memory a process tree takes beyond what it was forked with, and how many processes it has."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.jail import processes


@dataclass(frozen=True)
class Inherited:
    """Bytes that every process of a tree has from the process that it was forked from.

    anonymous: memory that the fork shares until it writes. mapped: address space.
    """

    anonymous: int = 0
    mapped: int = 0

    @classmethod
    def from_this_process(cls) -> Inherited:
        """What a fork of this process would inherit."""
        size, resident, shared = Path("/proc/self/statm").read_text(encoding="utf-8").split()[:3]
        page = os.sysconf("SC_PAGE_SIZE")
        return cls((int(resident) - int(shared)) * page, int(size) * page)


@dataclass(frozen=True)
class Usage:
    """Bytes beyond what was inherited. processes: how many, the ones that a warden keeps included.

    private: resident memory that belongs to one process. shared: resident memory that several may share, once for
    each of them. mapped: address space.
    """

    private: int
    shared: int
    mapped: int
    processes: int


def usage(handle: int, inherited: Inherited) -> Usage:
    """What the tree of the process behind a pidfd uses beyond what each process inherited."""
    tree = processes.tree(pid_of(handle))
    states = [_state(pid) for pid in tree]
    return Usage(
        sum(max(0, state.get("RssAnon", 0) - inherited.anonymous) for state in states),
        sum(state.get("RssShmem", 0) for state in states),
        sum(max(0, state.get("VmSize", 0) - inherited.mapped) for state in states),
        len(tree),
    )


def exceeds(limit: int, used: Usage, handle: int) -> bool:
    """Whether a tree uses more than `limit` bytes of memory; this errs on the strict side.

    Shared memory stays in memory when a process unmaps its pages (MADV_DONTNEED), and is then in nobody's resident
    set. So where a tree has mapped that much at all, shared mappings are counted by their sizes.
    """
    if used.private + used.shared > limit:
        return True
    return used.mapped > limit and used.private + _shared_by_size(processes.tree(pid_of(handle))) > limit


def pid_of(handle: int) -> int:
    """The number, as seen from here, of the process behind a pidfd; -1 when it has been reaped."""
    for line in Path(f"/proc/self/fdinfo/{handle}").read_text(encoding="utf-8").splitlines():
        if line.startswith("Pid:"):
            return int(line.split()[1])
    return -1


def _state(pid: int) -> dict[str, int]:
    """The sizes in /proc/PID/status, in bytes; empty when the process has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    sized = (line.split() for line in status.splitlines() if line.startswith(("RssAnon:", "RssShmem:", "VmSize:")))
    return {name.rstrip(":"): 1024 * int(size) for name, size, *_ in sized}


def _shared_by_size(pids: Iterable[int]) -> int:
    """Bytes of the memory without a file that processes share, as far as they map it; each piece once."""
    furthest: dict[str, int] = {}
    for pid in pids:
        for piece, end in _shared_mappings(pid):
            furthest[piece] = max(end, furthest.get(piece, 0))
    return sum(furthest.values())


def _shared_mappings(pid: int) -> Iterator[tuple[str, int]]:
    try:
        maps = Path(f"/proc/{pid}/maps").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return  # it ended meanwhile
    for line in maps.splitlines():
        span, access, offset, device, inode, *path = line.split(maxsplit=5)
        if access.endswith("s") and path and path[0].endswith(" (deleted)"):
            start, end = (int(each, 16) for each in span.split("-"))
            yield f"{device} {inode}", int(offset, 16) + end - start
