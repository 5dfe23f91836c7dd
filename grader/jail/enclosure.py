"""The zygote's own walls: an unprivileged user, namespaces, and the view of the file system."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field

from grader.jail import linux, view
from grader.jail.layers import Layers, reason
from grader.jail.scratch import NOBODY

_WARM_UP_BYTES, _WARM_UP_FILES = 64 * 2**20, 256
"""Scratch of the zygote's own, for matplotlib's font cache; children get theirs mounted over it."""
USER, NAMESPACES, VIEW = (
    "unprivileged user",
    "user, mount, pid, network, ipc and uts namespaces",
    "view of the file system",
)


@dataclass(frozen=True)
class Enclosure:
    """What the zygote has around itself. reading: it kept the right to read what only root can enter."""

    namespaces: bool
    reading: bool = False
    layers: Layers = field(default_factory=Layers)


def enclose() -> Enclosure:
    """Takes on all walls that the system offers.

    With namespaces, the caller goes on in a fork that is process 1 of its own pid namespace. Where they are
    refused this process stays as it was, but for the user, and its children get all the walls that need none.
    """
    refusal = _refusal(_try_all)
    if refusal:
        return _without_namespaces(refusal)
    _take_on()
    _continue_as_first_process()
    view.mount_proc()
    view.mount_scratch(_WARM_UP_BYTES, _WARM_UP_FILES)
    return Enclosure(True, layers=Layers([USER, NAMESPACES, VIEW]))


def _without_namespaces(refusal: str) -> Enclosure:
    reading = os.geteuid() == 0 and bool(_refusal(_enter_libraries))
    layers = Layers([USER])
    layers.lack(NAMESPACES, refusal)
    layers.lack(VIEW, f"needs namespaces ({refusal})")
    _become_nobody(but_reading=reading)
    # nobody of the same user looks into it or traces it; a change of user has undone the promise to end
    linux.prctl(linux.PR_SET_DUMPABLE, 0)
    die_with_parent()
    linux.prctl(linux.PR_SET_CHILD_SUBREAPER, 1)
    return Enclosure(False, reading, layers)


def _refusal(attempt: Callable[[], None]) -> str:
    """Tries something in a fork that is thrown away: half-built walls must never be kept. Why it failed, or nothing."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            attempt()
            os._exit(0)
        except BaseException as error:  # whatever went wrong, this fork must never go on as the zygote
            os.write(write, reason(error).encode())
            os._exit(1)
    os.close(write)
    with os.fdopen(read, "rb") as words:
        why = words.read(1000).decode("utf-8", "replace")
    return "" if os.waitpid(pid, 0)[1] == 0 else why or "it was ended"


def _try_all() -> None:
    _take_on()
    why = _refusal(view.mount_proc)  # in a fork, since only that is in the new pid namespace
    if why:
        raise OSError(why)


def _enter_libraries() -> None:
    libraries = view.libraries()
    _become_nobody()
    for path in libraries:
        os.close(os.open(path, os.O_RDONLY))


def _take_on() -> None:
    uid, gid = os.geteuid(), os.getegid()
    shared = linux.CLONE_NEWNS | linux.CLONE_NEWIPC | linux.CLONE_NEWUTS | linux.CLONE_NEWNET
    if uid == 0:
        # the view is bound with root's rights, since Python may lie where nobody else can go; only then are
        # they given up, and the namespaces for the children made as that user
        linux.unshare(shared)
        view.build()
        _become_nobody()
        # after a change of user the process may not write its id maps unless it is dumpable again
        linux.prctl(linux.PR_SET_DUMPABLE, 1)
        linux.unshare(linux.CLONE_NEWUSER | linux.CLONE_NEWPID | linux.CLONE_NEWNS)
        linux.map_ids(NOBODY, NOBODY)
    else:
        linux.unshare(linux.CLONE_NEWUSER | shared)
        linux.map_ids(uid, gid)
        view.build()
        linux.unshare(linux.CLONE_NEWPID | linux.CLONE_NEWNS)


def _become_nobody(*, but_reading: bool = False) -> None:
    if os.geteuid() != 0:
        return
    os.setgroups([])
    if but_reading:
        linux.prctl(linux.PR_SET_KEEPCAPS, 1)
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    if but_reading:
        try:
            linux.drop_capabilities(but_reading=True)
        except PermissionError:
            raise RuntimeError(
                "this Python lies where only root may go; install it where every user can read it, such as /opt"
            ) from None


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
