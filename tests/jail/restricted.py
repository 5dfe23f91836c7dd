"""Runs a command where the system refuses what locked-down systems refuse, really: by a seccomp filter of its own.

    python tests/jail/restricted.py [--refuse namespaces] [--refuse landlock] [--user nobody] -- COMMAND…

namespaces: as Docker's default profile and capabilities do it. landlock: as a kernel without it does. As root, in a
mount namespace of its own in which the Python installation can be entered by every user.
"""

from __future__ import annotations

import argparse
import errno
import os
import pwd
import sys
import tempfile
from pathlib import Path

from grader.jail import linux, seccomp, syscalls

_NAMESPACE_CALLS = (
    "unshare",
    "setns",
    "mount",
    "umount2",
    "pivot_root",
    "open_tree",
    "move_mount",
    "fsopen",
    "fsmount",
    "mount_setattr",
)
_LANDLOCK_CALLS = range(444, 447)
# chown, dac_override, fowner, fsetid, kill, setgid, setuid, setpcap, net_bind_service, net_raw, sys_chroot, mknod,
# audit_write, setfcap
_DOCKER_CAPABILITIES = {0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31}
_NAMESPACE_FLAGS = linux.CLONE_NEWNS | 0x7E000000


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--refuse", action="append", default=[], choices=["namespaces", "landlock"])
    parser.add_argument("--user")
    parser.add_argument("command", nargs="+")
    wanted = parser.parse_args()
    if os.geteuid() == 0:
        open_python()
    else:
        linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)  # without it, only root may install a filter
    if "namespaces" in wanted.refuse and os.geteuid() == 0:
        _keep_dockers_capabilities()
    seccomp.install(_filter(wanted.refuse))
    if wanted.user:
        become(wanted.user)
    os.execvp(wanted.command[0], wanted.command)


def open_python() -> None:
    """Puts the Python installation where it is once more, below folders that everybody may enter."""
    home = Path(sys.base_prefix).resolve()
    closed = next((each for each in reversed(home.parents) if not each.stat().st_mode & 0o001), None)
    if closed is None:
        return
    linux.unshare(linux.CLONE_NEWNS)
    linux.mount("none", "/", flags=linux.MS_REC | linux.MS_PRIVATE)
    with tempfile.TemporaryDirectory() as kept:
        linux.bind(str(home), kept)
        linux.mount("tmpfs", str(closed), "tmpfs", data="mode=0755")
        home.mkdir(parents=True)
        linux.bind(kept, str(home))
        linux.unmount(kept)


def become(user: str) -> None:
    entry = pwd.getpwnam(user)
    os.setgroups([])
    os.setresgid(entry.pw_gid, entry.pw_gid, entry.pw_gid)
    os.setresuid(entry.pw_uid, entry.pw_uid, entry.pw_uid)


def _keep_dockers_capabilities() -> None:
    last = int(Path("/proc/sys/kernel/cap_last_cap").read_text(encoding="utf-8"))
    for capability in set(range(last + 1)) - _DOCKER_CAPABILITIES:  # they go with the next exec
        linux.prctl(linux.PR_CAPBSET_DROP, capability)


def _filter(refused: list[str]) -> bytes:
    program = seccomp.Program(os.uname().machine)
    if "namespaces" in refused:
        for name in _NAMESPACE_CALLS:
            program.refuse(syscalls.DOORS[name])
        program.refuse(syscalls.CLONE3, errno.ENOSYS)
        program.refuse_flags(syscalls.CLONE, 0, _NAMESPACE_FLAGS)
    if "landlock" in refused:
        for number in _LANDLOCK_CALLS:
            program.refuse((number, number), errno.ENOSYS)
    return program.finished()


if __name__ == "__main__":
    main()
