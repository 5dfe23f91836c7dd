"""The judge's own process: one pytest session that grades many submissions.

Started as `python -m grader.judge.server`, with its orders as JSON on stdin. It starts the jail,
collects the suite with pytest, and then forks one worker for each connection; every worker grades what comes
over its connection until that is closed. It runs no student code, and starts no CUDA before the fork. When the
command that started it is gone, it is gone too, with workers, jail and all.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from grader.folder import CourseFolder
from grader.jail.jail import Jail
from grader.jail.linux import hide
from grader.jail.system import JailError
from grader.jail.warmup import needed
from grader.judge.leash import Leash
from grader.judge.orders import Failed, Orders

_QUIET = ("-q", "--cases-only", "-p", "no:cacheprovider", "-p", "no:capture", "--tb=short")


def main() -> None:
    hide()
    gc.disable()  # what a judge loads stays, see `Serving`
    orders = Orders.from_json(sys.stdin.read())
    leash = Leash(orders.connections)
    connections = [Connection(number) for number in orders.connections]
    material = CourseFolder(Path(orders.root)).material(orders.assignment, Path(orders.suite))
    try:
        with Jail(len(connections), needed(material), visible=orders.device.visible) as jail:
            reason = _grade(orders, jail)
    except JailError as error:
        reason = str(error)
    for connection in connections if reason and not leash.cut else ():
        with contextlib.suppress(OSError):  # perhaps nobody listens any more
            connection.send(Failed(reason))


def _grade(orders: Orders, jail: Jail) -> str:
    """Serves until all connections are closed; returns why it could not, or nothing."""
    # torch takes its second to load while the jail starts
    from grader.judge.pytest_alone import run_pytest
    from grader.judge.serving import Serving

    words = _Words()
    code = run_pytest([*_QUIET, orders.suite], orders.root, [words, Serving(orders, jail)])
    return "" if code == 0 else words.last


class _Words:
    """Keeps the last thing that went wrong in pytest, in one sentence."""

    last = "the hidden suite could not be used"

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            lines = [line for line in str(report.longrepr).splitlines() if line.strip()]
            self.last = f"the suite {report.nodeid} could not be collected: {lines[-1].strip()}"

    def pytest_internalerror(self, excinfo: Any) -> None:
        self.last = str(excinfo.value)


if __name__ == "__main__":
    main()
    sys.stderr.flush()
    os._exit(0)  # what torch would tidy up for a second, the end of the process does
