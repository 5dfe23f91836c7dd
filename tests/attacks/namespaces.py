"""Throw-away namespaces for controls, made without the jail's own code: they must stand where that is at fault.

Standard library only. A process that entered them is an unprivileged user whose file system holds Python, read-only,
and small memory file systems; it has no network but its own loopback, and takes all its processes with it.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import platform
import signal
import socket
import struct
import sys
from pathlib import Path

NEWNS, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET = 0x20000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
NOBODY, INSIDE = 65534, 1000
SCRATCH = ("/tmp", "/dev/shm", "/arena")
DEVICES = ("null", "zero", "full", "random", "urandom")

_NOSUID, _NODEV, _BIND, _REC, _PRIVATE, _REMOUNT_READ_ONLY = 2, 4, 0x1000, 0x4000, 0x40000, 0x20 | 0x1000 | 1 | 2
_DETACH = 2
_PDEATHSIG, _DUMPABLE, _BOUNDING_DROP, _AMBIENT, _AMBIENT_CLEAR = 1, 4, 24, 47, 4
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_CAPSET = {"x86_64": 126, "aarch64": 91}
_IFF_UP, _SIOCSIFFLAGS = 1, 0x8914

_libc = ctypes.CDLL(None, use_errno=True)


def enter(disk: int, files: int) -> None:
    """Goes in, and on as process 1. Scratch holds `disk` bytes in `files` files. OSError where it is refused."""
    uid, gid = os.geteuid(), os.getegid()
    shared = NEWNS | NEWIPC | NEWUTS | NEWNET
    if uid == 0:
        unshare(shared)  # with root's rights, since Python may lie where nobody else can go
        _build_root()
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
        _prctl(_DUMPABLE, 1)
        unshare(NEWUSER | NEWPID | NEWNS)
        _map_ids(NOBODY, NOBODY)
    else:
        unshare(NEWUSER | shared)
        _map_ids(uid, gid)
        _build_root()
        unshare(NEWPID | NEWNS)
    die_with_parent()
    pid = os.fork()
    if pid:
        os._exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) & 0xFF)
    die_with_parent()
    furnish(disk, files)


def own_world(disk: int, files: int) -> None:
    """For a fork that is process 1 of new process ids: scratch, /proc, loopback and System V's tables of its own."""
    unshare(NEWNS | NEWIPC | NEWNET)
    furnish(disk, files)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", _IFF_UP))


def furnish(disk: int, files: int) -> None:
    """A /proc of this process' own ids, and empty scratch folders."""
    _mount("proc", "/proc", "proc", _NOSUID | _NODEV)
    for path in SCRATCH:
        # a checkout may lie below /tmp: Python is brought back over what hides it
        hidden = {each: os.open(each, os.O_PATH) for each in _folders() if each.startswith(f"{path}/")}
        _mount("tmpfs", path, "tmpfs", _NOSUID | _NODEV, f"mode=0777,size={disk},nr_inodes={files}")
        for folder, opened in hidden.items():
            Path(folder).mkdir(parents=True)
            _mount(f"/proc/self/fd/{opened}", folder, flags=_BIND | _REC)
            os.close(opened)


def give_up_rights() -> None:
    """No capability of the namespace stays, and the process may be traced by its like as any user's may."""
    _prctl(_AMBIENT, _AMBIENT_CLEAR)
    for capability in range(int(Path("/proc/sys/kernel/cap_last_cap").read_text(encoding="ascii")) + 1):
        _prctl(_BOUNDING_DROP, capability)
    header = struct.pack("Ii", 0x20080522, 0)
    _check(_libc.syscall(ctypes.c_long(_CAPSET[platform.machine()]), header, bytes(24)), "capset")
    _prctl(_DUMPABLE, 1)


def unshare(flags: int) -> None:
    _check(_libc.unshare(flags), "unshare")


def setns(descriptor: int, kind: int) -> None:
    _check(_libc.setns(descriptor, kind), "setns")


def die_with_parent() -> None:
    _prctl(_PDEATHSIG, int(signal.SIGKILL))


def _check(result: int, what: str) -> None:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")


def _prctl(option: int, value: int) -> None:
    _check(_libc.prctl(option, *(ctypes.c_ulong(each) for each in (value, 0, 0, 0))), f"prctl {option}")


def _mount(source: str, target: str, kind: str = "", flags: int = 0, data: str = "") -> None:
    arguments = (source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), data.encode())
    _check(_libc.mount(*arguments), f"mount {target}")


def _pivot(new: str, old: str) -> None:
    number = ctypes.c_long(_PIVOT_ROOT[platform.machine()])
    _check(_libc.syscall(number, new.encode(), old.encode()), "pivot_root")


def _map_ids(uid: int, gid: int) -> None:
    for name, text in (("setgroups", "deny"), ("uid_map", f"{INSIDE} {uid} 1"), ("gid_map", f"{INSIDE} {gid} 1")):
        Path("/proc/self", name).write_text(text, encoding="ascii")


def _build_root() -> None:
    """A memory file system with what Python needs becomes the root; the old /proc stays until a new one is mounted."""
    folders = _folders()
    _mount("none", "/", flags=_REC | _PRIVATE)
    _mount("tmpfs", "/tmp", "tmpfs", _NOSUID, "mode=0755,size=4m")
    for name in ("old", "new"):
        Path("/tmp", name).mkdir()
    _pivot("/tmp", "/tmp/old")
    for path in (*folders, "/etc/ld.so.cache", *(f"/dev/{name}" for name in DEVICES)):
        _bind(path)
    for path in ("/bin", "/sbin", "/lib", "/lib64"):
        old = Path("/old" + path)
        if old.is_symlink():
            Path("/new" + path).symlink_to(old.readlink())
        elif old.is_dir():
            _bind(path)
    for path in (*SCRATCH, "/proc"):
        Path("/new" + path).mkdir(parents=True, exist_ok=True)
    _mount("/old/proc", "/new/proc", flags=_BIND | _REC)
    _check(_libc.umount2(b"/old", _DETACH), "umount")
    _mount("/new", "/new", flags=_BIND | _REC)
    os.chdir("/new")
    _pivot(".", ".")
    _check(_libc.umount2(b".", _DETACH), "umount")
    os.chdir("/")


def _folders() -> list[str]:
    """The system's and Python's folders, and the kit's package; none that lies in another."""
    import grader

    package = str(Path(str(grader.__file__)).parent)
    wanted = {os.path.realpath(path) for path in ("/usr", sys.prefix, sys.base_prefix, package)}
    return [path for path in sorted(wanted) if not any(path.startswith(f"{other}/") for other in wanted)]


def _bind(path: str) -> None:
    source, target = Path("/old" + path), Path("/new" + path)
    if not source.exists():
        return
    (target if source.is_dir() else target.parent).mkdir(parents=True, exist_ok=True)
    if not source.is_dir():
        target.touch()
    _mount(str(source), str(target), flags=_BIND | _REC)
    if source.is_dir():
        _mount("none", str(target), flags=_REMOUNT_READ_ONLY)
