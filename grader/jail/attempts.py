"""What must not work, really tried from inside: each attempt is true when it did work.

Runs as a cell of a throw-away child before any stranger's code does; run outside of a jail it shows that it bites.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import mmap
import os
import socket
import stat
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from grader.jail import linux
from grader.jail.limits import Limits

_PTRACE_SEIZE = 0x4206
_RLIMIT_NOFILE, _SECONDS = 7, 0.5
_ALLOWED_NAMES = (
    "GRADER_JAIL",
    "GRADER_GPU",
    "CUDA_",
    "CUBLAS_",
    "NVIDIA_TF32_",
    "PYTORCH_NVML_",
    "PATH",
    "LANG",
    "HOME",
    "TMPDIR",
    "MPL",
    "IPYTHONDIR",
    "LC_CTYPE",
    "KMP_",
    "TORCHINDUCTOR_",
)
_ALLOWED_ENDS = ("_NUM_THREADS",)


@dataclass(frozen=True)
class Facts:
    """What there is to reach outside. pid, born: the supervisor's number and start time (in /proc/PID/stat).

    files: files of the home and the course folder. left_behind: one in another child's scratch folder.
    """

    canary: str
    files: tuple[str, ...]
    libraries: tuple[str, ...]
    left_behind: str
    port: int
    datagrams: int
    socket: str
    abstract: str
    pid: int
    born: str


def _reads(path: str) -> bool:
    with Path(path).open("rb") as file:
        file.read(1)
    return True


def _any(tries: Iterable[Callable[[], object]]) -> bool:
    """Whether one of them does not raise."""
    for each in tries:
        with contextlib.suppress(OSError, ValueError, OverflowError):
            each()
            return True
    return False


def _connects(family: int, address: Any) -> bool:
    with socket.socket(family, socket.SOCK_STREAM) as client:
        client.settimeout(_SECONDS)
        client.connect(address)
    return True


def _sends(facts: Facts) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.sendto(b"out", ("127.0.0.1", facts.datagrams))
    return True


def _other_families() -> bool:
    names = ("AF_INET6", "AF_NETLINK", "AF_PACKET", "AF_VSOCK", "AF_ALG", "AF_BLUETOOTH", "AF_CAN")
    families = [getattr(socket, name) for name in names if hasattr(socket, name)]
    kinds = (socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET)
    return _any([partial(_opens, family, kind) for family in families for kind in kinds])


def _opens(family: int, kind: int) -> None:
    socket.socket(family, kind).close()


def _is_supervisor(facts: Facts) -> bool:
    """Whether that number means the supervisor here, and not somebody of another process table."""
    try:
        return Path(f"/proc/{facts.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19] == facts.born
    except OSError:
        return Path(f"/proc/{facts.pid}").exists()


def _looks_into(facts: Facts) -> bool:
    if not _is_supervisor(facts):
        return False
    folder = f"/proc/{facts.pid}"
    files = [partial(_reads, f"{folder}/{name}") for name in ("environ", "cmdline", "mem", "maps", "stat")]
    links = [partial(os.readlink, f"{folder}/{name}") for name in ("cwd", "exe", "fd/0")]
    return _any([*files, *links, partial(os.listdir, f"{folder}/root")])


def _traces(facts: Facts) -> bool:
    if not _is_supervisor(facts):
        return False
    if _any([partial(_seize, facts.pid)]):
        return True
    buffer = ctypes.create_string_buffer(8)
    near = struct.pack("QQ", ctypes.addressof(buffer), 8)
    far = struct.pack("QQ", 4096, 8)  # an address that nobody has: only whether one may ask counts
    linux.libc.process_vm_readv.restype = ctypes.c_ssize_t
    done = linux.libc.process_vm_readv(facts.pid, near, 1, far, 1, 0)
    return done >= 0 or ctypes.get_errno() == errno.EFAULT


def _seize(pid: int) -> None:
    """Begins to trace a process, in a fork that ends at once and so lets go of it: until then any signal stops it."""
    fork = os.fork()
    if fork == 0:
        os._exit(int(linux.libc.ptrace(_PTRACE_SEIZE, pid, None, None) != 0))
    if os.waitstatus_to_exitcode(os.waitpid(fork, 0)[1]) != 0:
        raise PermissionError(pid)


def _signals(facts: Facts) -> bool:
    if _is_supervisor(facts):
        os.kill(facts.pid, 0)
        return True
    return False


def _regulates(facts: Facts) -> bool:
    """Limits, processors and priority of the supervisor; nothing is changed."""
    if not _is_supervisor(facts):
        return False
    old = ctypes.create_string_buffer(16)
    if linux.libc.prlimit(facts.pid, _RLIMIT_NOFILE, None, old) == 0:
        return True
    return _any([lambda: os.setpriority(os.PRIO_PROCESS, facts.pid, os.getpriority(os.PRIO_PROCESS, facts.pid))])


def _alters(path: str) -> bool:
    """Whether a library may be written to, or its mode be set (to what it is)."""
    before = Path(path).stat()
    beside = Path(path + ".new")
    if _any([lambda: os.close(os.open(path, os.O_WRONLY | os.O_APPEND)), beside.touch]):
        beside.unlink(missing_ok=True)
        return True
    with contextlib.suppress(OSError):
        Path(path).chmod(before.st_mode & 0o7777)
    return Path(path).stat().st_ctime_ns != before.st_ctime_ns


def _unshares() -> bool:
    user, network = linux.CLONE_NEWUSER, linux.CLONE_NEWNET
    return _any([lambda: linux.unshare(user), lambda: linux.unshare(network), lambda: linux.unshare(user | network)])


def _mounts() -> bool:
    return _any([lambda: linux.mount("tmpfs", str(Path.cwd()), "tmpfs")])


def _gains_privileges() -> bool:
    return linux.prctl(linux.PR_GET_NO_NEW_PRIVS) != 1


def _has_inherited() -> bool:
    return any(_is_foreign(number) for number in range(4, Limits().open_files))


def _is_foreign(number: int) -> bool:
    try:
        details = os.fstat(number)
    except OSError:
        return False
    if stat.S_ISSOCK(details.st_mode) or stat.S_ISFIFO(details.st_mode):
        return True
    return stat.S_ISREG(details.st_mode) and details.st_nlink > 0


def _knows_environment() -> bool:
    return any(not (name.startswith(_ALLOWED_NAMES) or name.endswith(_ALLOWED_ENDS)) for name in os.environ)


def _shares_memory() -> bool:
    return _any([lambda: mmap.mmap(-1, mmap.PAGESIZE).close()]) or _makes_segment()


def _makes_segment() -> bool:
    made = int(linux.libc.shmget(0, 4096, 0o1600))
    if made >= 0:
        linux.libc.shmctl(made, 0, None)  # removed again
    return made >= 0


ATTEMPTS: dict[str, Callable[[Facts], bool]] = {
    # what decides whether strangers' code may run at all: files, network, and the memory of the supervisor
    "file system closed": lambda facts: _reads(facts.canary),
    "home and course folders closed": lambda facts: _any([partial(_reads, path) for path in facts.files]),
    "list of users closed": lambda facts: _reads("/etc/passwd"),
    "other submissions' scratch closed": lambda facts: _reads(facts.left_behind),
    "supervisor's environment, commands and files closed": _looks_into,
    "supervisor's memory closed": _traces,
    "network closed": lambda facts: _connects(socket.AF_INET, ("127.0.0.1", facts.port)),
    "datagrams closed": _sends,
    "other kinds of sockets closed": lambda facts: _other_families(),
    "sockets of other programs closed": lambda facts: _connects(socket.AF_UNIX, facts.socket),
    "abstract sockets closed": lambda facts: _connects(socket.AF_UNIX, facts.abstract),
    # what lets it be a nuisance
    "libraries read-only": lambda facts: any(_alters(path) for path in facts.libraries),
    "other processes out of sight": lambda facts: _is_supervisor(facts),
    "other processes out of reach": _signals,
    "limits of others untouched": _regulates,
    "no queues or memory shared": lambda facts: _shares_memory(),
    "no new namespaces": lambda facts: _unshares(),
    "no mounts": lambda facts: _mounts(),
    "no set-user-id programs": lambda facts: _gains_privileges(),
    "no inherited descriptors": lambda facts: _has_inherited(),
    "empty environment": lambda facts: _knows_environment(),
}
DECISIVE = tuple(ATTEMPTS)[:11]
"""Without these, strangers' code is not run."""


def open_walls(facts: Facts) -> tuple[str, ...]:
    """The walls that did not hold."""
    return tuple(name for name, attempt in ATTEMPTS.items() if _works(attempt, facts))


def _works(attempt: Callable[[Facts], bool], facts: Facts) -> bool:
    try:
        return attempt(facts)
    except Exception:  # whatever way it was stopped, it was stopped
        return False
