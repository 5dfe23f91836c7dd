"""Ctrl-C: what it means to a command."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn


class Interrupted(BaseException):
    """Ctrl-C: typer would end silently on KeyboardInterrupt."""

    def __str__(self) -> str:
        return "interrupted: nothing was written that is not whole; run the command again"


def raise_interrupted(_number: int, _frame: object) -> NoReturn:
    """A signal handler that ends what runs."""
    raise Interrupted


def hear_no_more() -> None:
    """For the last words of a command, which no further Ctrl-C turns into a traceback."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def first_asks() -> Iterator[threading.Event]:
    """In here the first Ctrl-C only sets the event; every further one raises Interrupted.

    Only for the main thread, which must not wait for the event: setting it takes the lock that waiting holds.
    """
    stop = threading.Event()

    def ask(_number: int, _frame: object) -> None:
        signal.signal(signal.SIGINT, raise_interrupted)
        stop.set()

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)
