"""The few Linux system calls that the jail needs and Python 3.11 does not offer."""

from __future__ import annotations

import ctypes
import os
import platform
import struct
from pathlib import Path
from typing import Any

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC, MS_PRIVATE = 2, 4, 8, 0x1000, 0x4000, 0x40000
MNT_DETACH = 2

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_KEEPCAPS, PR_CAPBSET_DROP = 1, 4, 8, 24
PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS, PR_GET_NO_NEW_PRIVS, PR_CAP_AMBIENT = 36, 38, 39, 47
PR_CAP_AMBIENT_CLEAR_ALL = 4

_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_MOUNT_ATTR_RDONLY, _MOUNT_ATTR_NOSUID = 0x1, 0x2
_CAPABILITY_VERSION_3 = 0x20080522
_CAP_DAC_READ_SEARCH = 2
_INSIDE_ID = 1000

# the numbers above 423 are the same on every architecture
_SYS_MOUNT_SETATTR = 442
_SYS_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_SYS_CAPSET = {"x86_64": 126, "aarch64": 91}

libc: Any = ctypes.CDLL(None, use_errno=True) if os.name == "posix" else None


def check(result: int, what: str) -> int:
    """The result of a C call; OSError with the errno and `what` when it is negative."""
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")
    return result


def syscall(number: int, *arguments: object) -> int:
    """A raw system call; OSError when it fails."""
    libc.syscall.restype = ctypes.c_long
    converted = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    return check(libc.syscall(ctypes.c_long(number), *converted), f"syscall {number}")


def unshare(flags: int) -> None:
    check(libc.unshare(flags), "unshare")


def setns(fd: int, kind: int) -> None:
    check(libc.setns(fd, kind), "setns")


def prctl(option: int, *arguments: int) -> int:
    padded = (*arguments, 0, 0, 0, 0)[:4]
    return check(libc.prctl(option, *(ctypes.c_ulong(a) for a in padded)), f"prctl {option}")


def mount(source: str, target: str, kind: str = "", flags: int = 0, data: str = "") -> None:
    result = libc.mount(source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), data.encode())
    check(result, f"mount {target}")


def bind(source: str, target: str) -> None:
    """Mounts `source` at `target` with all that is mounted below it."""
    mount(source, target, flags=MS_BIND | MS_REC)


def make_read_only(target: str, *, recursive: bool = True) -> None:
    """Makes a mount (and those below it) read-only and without set-user-id programs."""
    attributes = struct.pack("QQQQ", _MOUNT_ATTR_RDONLY | _MOUNT_ATTR_NOSUID, 0, 0, 0)
    flags = _AT_RECURSIVE if recursive else 0
    syscall(_SYS_MOUNT_SETATTR, _AT_FDCWD, target.encode(), flags, attributes, len(attributes))


def unmount(target: str) -> None:
    check(libc.umount2(target.encode(), MNT_DETACH), f"umount {target}")


def pivot_root(new: str, old: str) -> None:
    syscall(_SYS_PIVOT_ROOT[platform.machine()], new.encode(), old.encode())


def map_ids(uid: int, gid: int) -> None:
    """In a user namespace just made: its only user and group are `uid` and `gid` outside."""
    Path("/proc/self/setgroups").write_text("deny", encoding="utf-8")
    Path("/proc/self/uid_map").write_text(f"{_INSIDE_ID} {uid} 1", encoding="utf-8")
    Path("/proc/self/gid_map").write_text(f"{_INSIDE_ID} {gid} 1", encoding="utf-8")


def hide() -> None:
    """Closes this process' memory, environment and files in /proc to other processes of its user, where it can be."""
    if platform.system() == "Linux":
        prctl(PR_SET_DUMPABLE, 0)


def drop_capabilities(*, but_reading: bool = False) -> None:
    """Gives up every capability, those that a later exec could bring back too.

    but_reading: the right to read files whatever their mode stays, for a Python that only root can enter.
    """
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    last = int(Path("/proc/sys/kernel/cap_last_cap").read_text(encoding="utf-8"))
    for capability in range(last + 1):
        try:
            prctl(PR_CAPBSET_DROP, capability)
        except PermissionError:
            break  # without CAP_SETPCAP the bounding set stays; no_new_privs still bars gaining any of it
    header = struct.pack("Ii", _CAPABILITY_VERSION_3, 0)
    kept = 1 << _CAP_DAC_READ_SEARCH if but_reading else 0
    syscall(_SYS_CAPSET[platform.machine()], header, struct.pack("6I", kept, kept, 0, 0, 0, 0))
