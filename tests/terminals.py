"""A command on a terminal of its own, as a person would run it: a pseudo-terminal that it is in the foreground of."""

from __future__ import annotations

import fcntl
import os
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

CTRL_C = b"\x03"
"""As the key sends it: the terminal turns it into SIGINT for every process in the foreground."""


@dataclass(frozen=True)
class Shown:
    """What a command left. screen: all that it wrote to the terminal. stdout: where that went elsewhere."""

    code: int
    screen: str
    stdout: str = ""


@dataclass(frozen=True)
class Press:
    """Ctrl-C, as soon as `when` holds of what is on the screen."""

    when: Callable[[str], bool]


def on_terminal(
    command: Sequence[str],
    folder: Path,
    *,
    presses: Sequence[Press] = (),
    columns: int = 100,
    seconds: float = 300,
    piped: bool = False,
    **settings: str,
) -> Shown:
    """Runs a command on a terminal of so many columns until it ends; AssertionError when it runs on.

    piped: stdout goes to a file instead. settings: of the environment.
    """
    ours, its = os.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 30, columns, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color", **settings}
    environment.pop("COLUMNS", None)
    out = folder / ".stdout"
    with out.open("wb") if piped else os.fdopen(os.dup(its), "wb") as stdout:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=its,
            stdout=stdout,
            stderr=its,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
    os.close(its)
    try:
        screen = _read(ours, list(presses), time.monotonic() + seconds)
        code = process.wait(seconds)
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    return Shown(code, screen, out.read_text(encoding="utf-8") if piped else "")


def _read(terminal: int, presses: list[Press], until: float) -> str:
    """Everything that is written until the other side is closed."""
    written = b""
    while True:
        assert time.monotonic() < until, f"it runs on: {written[-500:]!r}"
        if select.select([terminal], [], [], 0.05)[0]:
            try:
                some = os.read(terminal, 65536)
            except OSError:  # the last process that had it open has ended
                some = b""
            if not some:
                return written.decode("utf-8", "replace")
            written += some
        if presses and presses[0].when(written.decode("utf-8", "replace")):
            del presses[0]
            os.write(terminal, CTRL_C)


def left_on_screen(written: str, columns: int) -> list[str]:
    """The lines that a terminal of so many columns, and as many lines as it takes, shows at the end.

    Knows what rich writes: colours, up, clearing a line, showing and hiding the cursor; ValueError for more.
    """
    rows: list[list[str]] = [[]]
    row = column = 0
    for text, code in re.findall(r"([^\x1b])|\x1b\[([?0-9;]*[A-Za-z])", written, re.DOTALL):
        if code == "2K":
            rows[row] = []
        elif code.endswith("A"):
            row = max(0, row - int(code[:-1] or 1))
        elif code and not (code.endswith("m") or code in ("?25l", "?25h")):
            raise ValueError(f"unknown sequence {code}")
        elif text == "\r":
            column = 0
        elif text == "\n" or (text and column == columns):
            row, column = row + 1, 0
            rows.extend([] for _ in range(row + 1 - len(rows)))
        if text and text not in "\r\n":
            rows[row] += [" "] * (column + 1 - len(rows[row]))
            rows[row][column] = text
            column += 1
    shown = ["".join(each).rstrip() for each in rows]
    return [line for line in shown if line]
