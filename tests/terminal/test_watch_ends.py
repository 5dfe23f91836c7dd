"""`grader check --watch` ends cleanly in every way, and also works where nothing can be drawn."""

from __future__ import annotations

import queue
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from pty_screen import PtyScreen
from saved_answers import CRASHING, OVER_AXIS_0, RIGHT, answer, replace

from grader.learner.start import start
from grader.watch.watching import Signalled, heard_signals

WAITING = "waiting for the next save"
SHOW_CURSOR, HIDE_CURSOR = b"\x1b[?25h", b"\x1b[?25l"


@pytest.fixture(scope="module")
def folder(released_course, tmp_path_factory) -> Path:
    return start(tmp_path_factory.mktemp("learner") / "mine", released_course).folder / "04_softmax"


def judged_processes(leader: int) -> list[int]:
    """The processes that still run in the session of a command."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            state = (path / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(state[3]) == leader and state[0] != "Z":
            found.append(int(path.name))
    return found


ENDS = {"q": ("q", 0), "ctrl-c": ("\x03", 0)}


@pytest.mark.parametrize("way", sorted(ENDS))
def test_it_ends_cleanly(folder, way):
    keys, code = ENDS[way]
    with PtyScreen(folder, "check", "--watch") as screen:
        screen.wait(WAITING)
        screen.press(keys)
        assert screen.ended() == code
        assert screen.modes_are_restored
        assert screen.written.rstrip().endswith(b"0 of 31 in the course")
        assert screen.written.rfind(SHOW_CURSOR) > screen.written.rfind(HIDE_CURSOR)
        assert not judged_processes(screen.process.pid)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_while_it_starts_a_signal_ends_it_too(folder, number, code):
    with PtyScreen(folder, "check", "--watch") as screen:
        screen.wait("starting the judge")
        screen.process.send_signal(number)
        assert screen.ended() == code
        assert screen.modes_are_restored
        assert not judged_processes(screen.process.pid)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGTSTP])
def test_a_signal_that_does_not_interrupt_a_wait_is_heard(number):
    """As one that comes just before the wait, which is hard to bring about: here another thread gets it."""
    events = queue.SimpleQueue()
    with heard_signals(events.put):
        thread = threading.Timer(0.2, lambda: signal.pthread_kill(threading.get_ident(), number))
        thread.start()
        assert events.get(timeout=20) == Signalled(number)
        thread.join()


def test_a_terminal_that_cannot_draw_gets_lines(folder):
    path = folder / "04_softmax.ipynb"
    before = path.read_text()
    with PtyScreen(folder, "check", "--watch", TERM="dumb") as screen:
        screen.wait("h hint, n next, l list, q quit")
        answer(path, "softmax", CRASHING)
        screen.wait("softmax: crashed · 0 of 4 points")
        screen.press("h")
        screen.wait("softmax: hint")
        screen.press("q")
        assert screen.ended() == 0
        assert b"\x1b[" not in screen.written
    replace(path, before)


def test_in_a_pipe_there_are_lines_and_ctrl_c_ends_it(folder):
    command = [sys.executable, "-m", "grader", "check", "--watch", str(folder)]
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, start_new_session=True, **pipes) as process:
        lines = [next(process.stdout)]
        while WAITING not in lines[-1]:
            lines.append(next(process.stdout))
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        assert process.stderr.read() == ""
    assert lines[0] == "04_softmax.ipynb: starting the judge, which takes some seconds\n"
    assert "softmax: not attempted · 0 of 4 points\n" in lines


def test_a_plain_file_is_watched_too(folder):
    path = folder / "mine.py"
    path.write_text("import torch\n\n" + OVER_AXIS_0)
    with PtyScreen(folder, "check", "mine.py", "--watch") as screen:
        screen.wait("Your values match a softmax taken over axis 0")
        path.write_text("import torch\n\ndef softmax(x:\n")
        screen.wait("`mine.py` is not valid Python (line 3: '(' was never closed). Mend that and save.")
        path.write_text("import torch\n\n" + RIGHT)
        screen.wait("✓ softmax")
    path.unlink()
