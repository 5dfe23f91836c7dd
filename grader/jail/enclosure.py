"""The zygote's own walls: an unprivileged user, namespaces, and the view of the file system."""

from __future__ import annotations

import os
import signal
import sys

from grader.jail import linux, view

NOBODY = 65534
_INSIDE_ID = 1000
_WARM_UP_BYTES, _WARM_UP_FILES = 64 * 2**20, 256
"""Scratch of the zygote's own, for matplotlib's font cache; children get theirs mounted over it."""
_LAYERS = (
    "unprivileged user",
    "user, mount, pid, network, ipc and uts namespaces",
    "view of the file system",
)


def enclose() -> tuple[str, ...]:
    """Takes on all walls that the system offers; returns their names, none when it offers none.

    With namespaces, the caller goes on in a fork that is process 1 of its own pid namespace. Where they are
    refused this process stays as it was, but for the user: its children still get Landlock, seccomp and limits.
    """
    if not _works():
        _become_nobody()
        return ()
    _take_on()
    _continue_as_first_process()
    view.mount_proc()
    view.mount_scratch(_WARM_UP_BYTES, _WARM_UP_FILES)
    return _LAYERS


def _works() -> bool:
    """Tries everything in a child that is thrown away: half-built walls must never be kept."""
    if sys.platform != "linux":
        return False
    pid = os.fork()
    if pid:
        return os.waitpid(pid, 0)[1] == 0
    try:
        _take_on()
        inner = os.fork()
        if inner == 0:
            view.mount_proc()
            os._exit(0)
        os._exit(0 if os.waitpid(inner, 0)[1] == 0 else 1)
    except BaseException:  # whatever went wrong, this fork must never go on as the zygote
        os._exit(1)


def _take_on() -> None:
    uid, gid = os.geteuid(), os.getegid()
    shared = linux.CLONE_NEWNS | linux.CLONE_NEWIPC | linux.CLONE_NEWUTS | linux.CLONE_NEWNET
    if uid == 0:
        # the view is bound with root's rights, since Python may lie where nobody else can go; only then are
        # they given up, and the namespaces for the children made as that user
        linux.unshare(shared)
        view.build()
        _become_nobody()
        linux.unshare(linux.CLONE_NEWUSER | linux.CLONE_NEWPID | linux.CLONE_NEWNS)
        linux.map_ids(_INSIDE_ID, NOBODY, NOBODY)
    else:
        linux.unshare(linux.CLONE_NEWUSER | shared)
        linux.map_ids(_INSIDE_ID, uid, gid)
        view.build()
        linux.unshare(linux.CLONE_NEWPID | linux.CLONE_NEWNS)


def _become_nobody() -> None:
    if os.geteuid() != 0:
        return
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    # after a change of user the process may not write its id maps unless it is dumpable again
    linux.prctl(linux.PR_SET_DUMPABLE, 1)


def _continue_as_first_process() -> None:
    """Forks into the new pid namespace; the process outside only waits, and takes its fork with it."""
    die_with_parent()
    pid = os.fork()
    if pid == 0:
        die_with_parent()
        return
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    os._exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) & 0xFF)


def die_with_parent() -> None:
    """This process gets SIGKILL when its parent ends; a change of user undoes it."""
    linux.prctl(linux.PR_SET_PDEATHSIG, int(signal.SIGKILL))
