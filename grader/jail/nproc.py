"""What RLIMIT_NPROC counts: the threads of a user anywhere on the machine, seen from here or not."""

from __future__ import annotations

import _thread
import os
import platform
import re
import resource

from grader.jail.processes import count_of_user

_CLOSE, _MOST = 4, 2**20
"""How near to the truth a count is found, and where the search ends."""
LATER = 1024
"""What other programs of the same user, a browser say, may start while a child lives, without taking its share."""


def has_account_of_its_own() -> bool:
    """Whether a new user namespace counts for itself, as since Linux 5.14 (`ucounts`)."""
    release = re.match(r"(\d+)\.(\d+)", platform.release())
    return release is not None and (int(release[1]), int(release[2])) >= (5, 14)


def count_against_limit() -> int:
    """What RLIMIT_NPROC counts for this process' user now, also where a container hides some: found by trying.

    Starts threads that end at once; the caller has no other, and not the rights for which the limit means nothing.
    """
    before = resource.getrlimit(resource.RLIMIT_NPROC)
    try:
        low = count_of_user(os.getuid())
        if _starts_a_thread(low + _CLOSE):
            return low
        step = _CLOSE
        while not _starts_a_thread(low + step) and step < _MOST:
            low, step = low + step, 2 * step
        high = low + step
        while high - low > _CLOSE:
            middle = (low + high) // 2
            low, high = (low, middle) if _starts_a_thread(middle) else (middle, high)
        return high
    finally:
        resource.setrlimit(resource.RLIMIT_NPROC, before)


def _starts_a_thread(limit: int) -> bool:
    hard = resource.getrlimit(resource.RLIMIT_NPROC)[1]
    resource.setrlimit(resource.RLIMIT_NPROC, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))
    ended = _thread.allocate_lock()
    ended.acquire()
    try:
        _thread.start_new_thread(ended.release, ())
    except RuntimeError:
        return False
    return ended.acquire()
