"""The process between zygote and child where there is no process namespace: it ends all that the child leaves.

It is the one to whom orphans of its descendants come, also those that called setsid or forked twice. It runs no
code of a student's. SIGTERM asks it to end its tree; it does so as well when its child ends, when the zygote is
gone, and when the scratch folder grows over its limits.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from typing import NoReturn

from grader.jail import linux, processes
from grader.jail.disk import DiskWatch

LOOK_SECONDS = 0.1
_EVENTS = (signal.SIGCHLD, signal.SIGTERM)


def keep(be_child: Callable[[], object], watch: DiskWatch, report: int) -> NoReturn:
    """Forks the child, waits for its end, sweeps, and ends as the child did.

    report: where the reason is written when it was ended for one.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, _EVENTS)
    linux.prctl(linux.PR_SET_PDEATHSIG, int(signal.SIGTERM))
    linux.prctl(linux.PR_SET_CHILD_SUBREAPER, 1)
    os.setsid()
    child = os.fork()
    if child == 0:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _EVENTS)
        be_child()
        os._exit(0)
    os.dup2(report, 3)
    os.closerange(4, os.sysconf("SC_OPEN_MAX"))
    status = _wait(child, watch)
    swept = _sweep(child)
    _end_like(swept if status is None else status)


def _wait(child: int, watch: DiskWatch) -> int | None:
    """The child's status; None when something else is why its tree must end."""
    while True:
        event = signal.sigtimedwait(_EVENTS, LOOK_SECONDS)
        if event is None:
            why = watch.complaint(os.getpid())
            if why:
                os.write(3, why.encode())
                return None
        elif event.si_signo == signal.SIGTERM:
            return None
        status = _reap(child)
        if status is not None:
            return status


def _reap(child: int) -> int | None:
    """Takes leave of all that have ended; the child's status when it is among them."""
    found = None
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return found
        if pid == 0:
            return found
        if pid == child:
            found = status


def _sweep(child: int) -> int:
    """Kills every descendant until there is none; returns the child's status if it was among them.

    Whoever forks faster than one round kills is met again in the next: orphans come here, so none gets away.
    """
    status = int(signal.SIGKILL)
    while True:
        for pid in processes.tree(os.getpid())[1:]:
            kill(pid)
        found = _reap(child)
        status = status if found is None else found
        if not processes.children(os.getpid()):
            return status
        time.sleep(0.0005)


def kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return  # it ended meanwhile


def _end_like(status: int) -> NoReturn:
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        if -code != signal.SIGKILL:
            signal.signal(-code, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, (*_EVENTS, -code))
        os.kill(os.getpid(), -code)
    os._exit(max(0, code))
