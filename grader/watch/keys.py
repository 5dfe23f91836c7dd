"""Single keys from a terminal, which is left as it was found on every way out."""

from __future__ import annotations

import contextlib
import os
import re
import select
import sys
import termios
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager

UP, DOWN, PAGE_UP, PAGE_DOWN, END = "up", "down", "page up", "page down", "end"
"""Keys that are more than a letter. END: nobody will press any more, since the terminal is gone."""

_LONGER = {
    b"\x1b[A": UP,
    b"\x1bOA": UP,
    b"\x1b[B": DOWN,
    b"\x1bOB": DOWN,
    b"\x1b[5~": PAGE_UP,
    b"\x1b[6~": PAGE_DOWN,
}
_PARTS = re.compile(rb"(?P<longer>\x1b(?:\[[0-?]*[ -/]*[@-~]?|O[ -~]?|[^\x1b])?)|[^\x1b]+", re.DOTALL)
"""One key that sends several characters (ECMA-48's control sequences, single shifts, Alt with a letter), or letters."""


class Keyboard:
    """The terminal on stdin in a mode in which each key is heard at once and shown nowhere; Ctrl-C stays a signal."""

    def __init__(self, hear: Callable[[str], None]) -> None:
        self._hear = hear
        self._terminal = sys.stdin.fileno()
        self._before = termios.tcgetattr(self._terminal)
        self._wake, self._waker = os.pipe()
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def open(self) -> None:
        self.take()
        self._thread.start()

    def take(self) -> None:
        """Takes the terminal (again, after something else had it)."""
        tty.setcbreak(self._terminal, termios.TCSADRAIN)

    def give_back(self) -> None:
        """Puts the terminal into the mode in which it was found."""
        with contextlib.suppress(termios.error):  # it may be gone
            termios.tcsetattr(self._terminal, termios.TCSADRAIN, self._before)

    def close(self) -> None:
        os.close(self._waker)  # which ends the thread
        self._thread.join(1.0)
        os.close(self._wake)
        self.give_back()

    def _listen(self) -> None:
        while True:
            ready = select.select([self._terminal, self._wake], [], [])[0]
            if self._wake in ready:
                return
            try:
                pressed = os.read(self._terminal, 1024)
            except OSError:
                pressed = b""
            if not pressed:
                self._hear(END)
                return
            for key in keys_in(pressed):
                self._hear(key)


def keys_in(pressed: bytes) -> Iterator[str]:
    """The keys in what came at once, in their order: many may, from a key that is held or over a slow line."""
    for part in _PARTS.finditer(pressed):
        if part["longer"] is not None:
            yield from [_LONGER[part[0]]] if part[0] in _LONGER else []
        else:
            yield from (letter for letter in part[0].decode("utf-8", "ignore").lower() if letter.isprintable())


@contextmanager
def keyboard(hear: Callable[[str], None]) -> Iterator[Keyboard | None]:
    """Hears keys while it is open; None where stdin is no terminal, or another program has it."""
    if not _is_ours():
        yield None
        return
    opened = Keyboard(hear)
    opened.open()
    try:
        yield opened
    finally:
        opened.close()


def _is_ours() -> bool:
    """Whether stdin is a terminal that this process is in the foreground of."""
    try:
        return sys.stdin.isatty() and os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except (OSError, ValueError):  # it is a terminal of another session, or closed
        return False
