"""Single keys from a terminal, which is left as it was found on every way out."""

from __future__ import annotations

import contextlib
import os
import select
import sys
import termios
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager

UP, DOWN, END = "up", "down", "end"
"""Keys that are more than a letter. END: nobody will press any more, since the terminal is gone."""

_ARROWS = {b"\x1b[A": UP, b"\x1bOA": UP, b"\x1b[B": DOWN, b"\x1bOB": DOWN}
_ESCAPE = 0x1B


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
            for key in _keys(pressed):
                self._hear(key)


def _keys(pressed: bytes) -> Iterator[str]:
    """What came at once: one key that sends several characters, or letters."""
    if pressed[0] == _ESCAPE:
        yield from [_ARROWS[pressed]] if pressed in _ARROWS else []
        return
    yield from (letter for letter in pressed.decode("utf-8", "ignore").lower() if letter.isprintable())


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
