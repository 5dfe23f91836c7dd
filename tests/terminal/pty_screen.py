"""A command on a terminal whose screen can be read while it runs, and whose keys can be pressed."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from types import TracebackType

import pyte

SECONDS = 60
"""Within which what is waited for must come; a judge takes some to start, more on a busy machine."""


class PtyScreen:
    """`grader ARGUMENTS` on a terminal of its own; ended, whatever happens, when the block is left."""

    def __init__(self, folder: Path, *arguments: str, columns: int = 90, rows: int = 30, **settings: str) -> None:
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.written = b""
        self._ours, its = os.openpty()
        fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.before = termios.tcgetattr(its)
        environment = {**os.environ, "TERM": "xterm-256color", "GRADER_HOME": str(folder / ".home"), **settings}
        environment.pop("COLUMNS", None)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "grader", *arguments],
            cwd=folder,
            env=environment,
            stdin=its,
            stdout=its,
            stderr=its,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        self._its = its  # kept open: its modes are looked at after the command has ended

    def press(self, keys: str) -> None:
        os.write(self._ours, keys.encode())

    @property
    def lines(self) -> list[str]:
        """What the screen shows, without the empty lines at its end."""
        return "\n".join(line.rstrip() for line in self.screen.display).rstrip().split("\n")

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def wait(self, words: str, *, seconds: float = SECONDS, gone: bool = False) -> str:
        """Reads on until the screen shows these words (or, gone, does so no more); AssertionError with the screen."""
        until = time.monotonic() + seconds
        while (words in self.text) is gone:
            assert time.monotonic() < until, f"{words!r} is not as awaited on\n{self.text}"
            self._read(0.02)
        return self.text

    def _read(self, seconds: float) -> bool:
        if not select.select([self._ours], [], [], seconds)[0]:
            return False
        some = os.read(self._ours, 65536)
        self.written += some
        self._stream.feed(some)
        return True

    def ended(self, seconds: float = 30) -> int:
        """Its exit code, when it has ended within so many seconds."""
        until = time.monotonic() + seconds
        while self.process.poll() is None:
            assert time.monotonic() < until, f"it runs on:\n{self.text}"
            self._read(0.02)
        while self._read(0.05):
            pass
        return int(self.process.returncode)

    @property
    def modes_are_restored(self) -> bool:
        """Whether the terminal echoes keys and hands on lines as before."""
        return termios.tcgetattr(self._its)[:4] == self.before[:4]

    def resize(self, columns: int, rows: int) -> None:
        self.screen.resize(rows, columns)
        fcntl.ioctl(self._its, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def __enter__(self) -> PtyScreen:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        os.close(self._ours)
        os.close(self._its)
