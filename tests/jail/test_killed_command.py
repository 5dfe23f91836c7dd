"""A command that is killed takes with it all it had started, whatever the submission does that it was grading."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.jail import processes
from grader.jail.system import SWITCH

HERE = Path(__file__).parent
SCRIPT = str(HERE / "killed_command.py")
NO_NAMESPACES = [sys.executable, str(HERE / "restricted.py"), "--refuse", "namespaces", "--"]
SECONDS = 60.0
"""The submission would go on for a quarter of an hour."""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent was killed")


@pytest.fixture
def temporary() -> Iterator[Path]:
    """Where the command keeps its temporary files; the jail's own user must get through."""
    with tempfile.TemporaryDirectory(prefix="killed-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def start(released_course, temporary) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []

    def popen(*command: str, **settings: str) -> subprocess.Popen[str]:
        environment = {**os.environ, "TMPDIR": str(temporary), **settings}
        started.append(
            subprocess.Popen(command, cwd=released_course, env=environment, stdout=subprocess.PIPE, text=True)
        )
        return started[-1]

    yield popen
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("launcher", [[], NO_NAMESPACES], ids=["in namespaces where they are", "without namespaces"])
def test_a_command_that_is_killed_while_a_submission_runs_leaves_nothing(start, temporary, launcher):
    command = start(*launcher, sys.executable, SCRIPT)
    assert command.stdout.readline() == "ready\n"
    below = _until_it_runs(command.pid, 2)
    os.kill(command.pid, signal.SIGKILL)
    assert _left_of(below) == []
    assert list(temporary.glob("grader-jail-*")) == []


def test_a_cold_process_ends_with_the_command_too(start):
    command = start(sys.executable, SCRIPT, "alone", **{SWITCH: "1"})
    assert command.stdout.readline() == "ready\n"
    below = _until_it_runs(command.pid, 1)
    os.kill(command.pid, signal.SIGKILL)
    assert _left_of(below) == []


def test_a_command_that_is_killed_before_its_judge_was_ready_leaves_no_process(start):
    command = start(sys.executable, SCRIPT)
    _until(lambda: [pid for pid in processes.tree(command.pid) if b"grader.jail.zygote" in _command(pid)])
    below = processes.tree(command.pid)[1:]
    os.kill(command.pid, signal.SIGKILL)
    assert _left_of(below) == []


def test_a_judge_survives_the_end_of_the_thread_that_started_it(start):
    command = start(sys.executable, SCRIPT, "in-a-thread")
    said, _ = command.communicate(timeout=300)
    assert (command.returncode, said) == (0, "4.0\n")


def _until_it_runs(pid: int, wanted: int) -> list[int]:
    """All below the command, once so many processes of the submission's ignore what asks them to end."""

    def below() -> list[int]:
        found = processes.tree(pid)[1:]
        return found if sum(map(_ignores_all, found)) >= wanted else []

    return _until(below)


def _ignores_all(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    ignored = int(status.partition("SigIgn:")[2].split()[0], 16)
    return all(ignored >> (number - 1) & 1 for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM))


def _until(found: Callable[[], list[int]]) -> list[int]:
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        pids = found()
        if pids:
            return pids
        time.sleep(0.05)
    raise AssertionError("it never began")


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _left_of(pids: list[int]) -> list[bytes]:
    end = time.monotonic() + SECONDS
    while (left := [pid for pid in pids if _runs(pid)]) and time.monotonic() < end:
        time.sleep(0.05)
    return [_command(pid) for pid in left]


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False
