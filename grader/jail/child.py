"""What runs inside the jail for one submission: it takes cells and probes from its channel, and answers."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from types import FrameType
from typing import Any

from grader import course, live
from grader.jail import channel, wire
from grader.jail.answers import Answers, CallLog, is_cell, run_probe, unreadable
from grader.jail.limits import Limits
from grader.jail.owners import is_own
from grader.jail.probing import PROBE_FILE, probe_function
from grader.jail.shell import CellShell, run_cell
from grader.jail.tracer import Tracer
from grader.jail.walls import Walls, wall_in


class TimeLimitExceeded(BaseException):
    """Ends a cell or probe at its limit; not an Exception, so that `except Exception` does not hide it."""


def be_child(connection: socket.socket, shell: CellShell, walls: Walls, limits: Limits, folder: str) -> None:
    """Walls itself in, says which layers hold, and answers until the other side is gone."""
    layers = wall_in(walls, limits, folder)
    channel.send(connection, wire.encode(layers.to_data()))
    serve(connection, shell, limits)


def serve(connection: socket.socket, shell: CellShell, limits: Limits) -> None:
    """Answers requests until the other side is gone."""
    shell.collector.quiet = live.QUIET
    sys.path.insert(0, "")  # as in a notebook's kernel: `%%writefile helper.py`, then `import helper`
    signal.signal(signal.SIGALRM, _on_alarm)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a file that grows too large then raises OSError
    console = _Console(limits.output)
    own = os.getpid()
    while True:
        try:
            request = wire.decode(channel.receive(connection, wire.MAX_BYTES + 4))
        except channel.ChannelClosedError:
            return
        try:
            reply = _run_cell(shell, request, limits, console) if "source" in request else _probe(shell, request)
        except TimeLimitExceeded:  # it came a moment too late to be the answer's own
            return
        if os.getpid() != own:
            os._exit(0)  # a process that the author's code forked has come out of its cell: it answers nothing
        _send(connection, {**reply, "to": request["number"]})


def _send(connection: socket.socket, reply: dict[str, Any]) -> None:
    try:
        message = wire.encode(reply)
    except Exception as error:
        # each part was fit to be sent, all together are too large: that is the answer's fault, and said as such
        message = wire.encode({**unreadable(error), "forbidden": reply.get("forbidden", []), "to": reply["to"]})
    channel.send(connection, message)


def _on_alarm(_number: int, _frame: FrameType | None) -> None:
    raise TimeLimitExceeded("the time limit was reached")


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _run_cell(shell: CellShell, request: dict[str, Any], limits: Limits, console: _Console) -> dict[str, Any]:
    with _at_most(request["seconds"]):
        reply = run_cell(shell, request["name"], request["source"], limits.output, drawn=request.get("drawn", True))
    text = console.new_text()
    if text:
        reply["outputs"].append({"output_type": "stream", "name": "stdout", "text": text})
    return reply


def _probe(shell: CellShell, request: dict[str, Any]) -> dict[str, Any]:
    function = probe_function(request["code"])
    inputs = wire.decode(request["inputs"])
    families = tuple(course.family(name) for name in request["forbidden"])
    tracer: AbstractContextManager[CallLog] | None = Tracer(families, is_own, is_cell) if families else None
    with _at_most(request["seconds"]):
        return run_probe(function, Answers(shell.user_ns), inputs, is_authors=is_cell, tracer=tracer)


class _Console:
    """What is written to descriptors 1 and 2 past Python, by C code or by commands that a cell starts."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        with tempfile.TemporaryFile(buffering=0) as file:
            self._file = os.dup(file.fileno())
        fcntl.fcntl(self._file, fcntl.F_SETFL, os.O_APPEND)
        self._read = 0
        for standard in (1, 2):
            os.dup2(self._file, standard)

    def new_text(self) -> str:
        """What was written since the last call, at most the limit."""
        size = os.fstat(self._file).st_size
        data = os.pread(self._file, min(size - self._read, self._limit), self._read) if size > self._read else b""
        self._read = size
        return data.decode("utf-8", "replace")


def rehearse(shell: CellShell) -> None:
    """Runs one cell and one traced probe, so that what they import lazily is in the zygote, then forgets them."""
    run_cell(shell, "rehearsal", "import torch\nrehearsed = torch.ones(2)\nrehearsed", 1000)
    probe = compile("lambda m, x: m.rehearsed + x", PROBE_FILE, "eval").co_consts[0]
    with Tracer(course.exercise("softmax").forbidden, is_own, is_cell) as tracer:
        reply = run_probe(
            probe_function(probe),
            Answers(shell.user_ns),
            wire.decode(wire.encode((1.0,))),
            is_authors=is_cell,
        )
    wire.encode({**reply, "forbidden": tracer.calls})
    shell.reset(new_session=True, aggressive=False)
    shell.execution_count = 1
