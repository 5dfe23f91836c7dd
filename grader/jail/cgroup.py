"""Memory and process limits by cgroup v2, where a delegated one is at hand: exact, and without anybody watching.

A group for each child is made below the nearest group above this process that it may write to and that already
hands the memory controller down (`systemd-run --user --scope` starts a command in such a place).
"""

from __future__ import annotations

import contextlib
import itertools
import os
from dataclasses import dataclass, field
from pathlib import Path

from grader.jail.limits import Limits

_ROOT, _OWN = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")
LAYER = "memory and processes held by cgroup"
WATCHED = "memory and processes watched"


@dataclass(frozen=True)
class Group:
    """The cgroup of one child."""

    folder: Path

    def add(self, pid: int) -> None:
        (self.folder / "cgroup.procs").write_text(str(pid), encoding="utf-8")

    @property
    def out_of_memory(self) -> bool:
        """Whether the kernel has ended something in it for its memory."""
        with contextlib.suppress(OSError):
            events = (self.folder / "memory.events").read_text(encoding="utf-8").split()
            return int(dict(zip(events[::2], events[1::2], strict=False)).get("oom_kill", "0")) > 0
        return False

    def kill(self) -> None:
        """Ends all that is in it at once, where the kernel (5.14) can."""
        with contextlib.suppress(OSError):
            (self.folder / "cgroup.kill").write_text("1", encoding="utf-8")

    def remove(self) -> None:
        with contextlib.suppress(OSError):
            self.folder.rmdir()


@dataclass(frozen=True)
class Groups:
    """Where groups for children are made."""

    parent: Path
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    def make(self, limits: Limits) -> Group:
        """A group with a submission's limits; OSError when it cannot be made."""
        group = Group(self.parent / f"grader-{os.getpid()}-{next(self._numbers)}")
        group.folder.mkdir()
        try:
            for name, value in (("memory.max", limits.memory + limits.scratch), ("pids.max", limits.processes + 1)):
                (group.folder / name).write_text(str(value), encoding="utf-8")
            with contextlib.suppress(OSError):  # a kernel without accounting of swap has no such file
                (group.folder / "memory.swap.max").write_text("0", encoding="utf-8")
            (group.folder / "memory.oom.group").write_text("1", encoding="utf-8")
        except OSError:
            group.remove()
            raise
        return group


def find(root: Path = _ROOT, own: Path = _OWN) -> Groups:
    """Where this process may make groups, found by making one; OSError says why nowhere."""
    if not (root / "cgroup.controllers").is_file():
        raise OSError("the system does not use cgroup v2 for memory")
    here = root / own.read_text(encoding="utf-8").rpartition("0::/")[2].strip()
    for parent in (here, *here.parents):
        if _hands_down_memory(parent) and os.access(parent / "cgroup.procs", os.W_OK):
            groups = Groups(parent)
            groups.make(Limits()).remove()
            return groups
        if parent == root:
            break
    raise OSError("no cgroup with a memory controller is delegated to this user")


def _hands_down_memory(group: Path) -> bool:
    try:
        return "memory" in (group / "cgroup.subtree_control").read_text(encoding="utf-8").split()
    except OSError:
        return False
