"""What runs inside the jail for one submission: it takes cells and probes from its channel, and answers."""

from __future__ import annotations

import fcntl
import io
import marshal
import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, redirect_stdout
from types import FrameType
from typing import Any

import torch

from grader import course, live
from grader.jail import channel, gpu, wire
from grader.jail.answers import TIME_LIMIT, Answers, CallLog, is_cell, run_probe, unreadable
from grader.jail.limits import Limits
from grader.jail.owners import is_own
from grader.jail.pretend.trial import Notebook, try_out
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
    if "" not in sys.path:
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
            reply = _reply(shell, request, limits, console)
        except TimeLimitExceeded:  # it came a moment too late to be the answer's own
            return
        _end_forks(own)
        if fault := gpu.in_use() and gpu.fault(reply, console.new_text):
            # not this process: its GPU has failed it. Whoever asked makes a new one
            _send(connection, {"fault": fault, "forbidden": [], "to": request["number"]})
            return
        _send(connection, {**reply, "to": request["number"]})


def _reply(shell: CellShell, request: dict[str, Any], limits: Limits, console: _Console) -> dict[str, Any]:
    if "source" in request:
        return _run_cell(shell, request, limits, console)
    if "pretended" in request:
        return _pretended(shell, request)
    return _probes(shell, request) if "questions" in request else _probe(shell, request)


def _end_forks(own: int) -> None:
    """A process that the author's code forked, and that has come out of its cell, answers nothing."""
    if os.getpid() != own:
        os._exit(0)


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


def _probes(shell: CellShell, request: dict[str, Any]) -> dict[str, Any]:
    """Replies to the first of many questions: as many as are quick, and none after one that reached its limit."""
    own, ends, replies = os.getpid(), time.monotonic() + request["quick"], []
    for question in request["questions"]:
        reply = _probe(shell, {**question, "seconds": request["seconds"]})
        _end_forks(own)
        replies.append(reply)
        if time.monotonic() >= ends or (reply["raised"] or {}).get("kinds", [""])[0] == TIME_LIMIT:
            break
    return {"replies": replies, "forbidden": []}


def _probe(shell: CellShell, request: dict[str, Any]) -> dict[str, Any]:
    function = probe_function(request["code"])
    inputs = wire.decode(request["inputs"])
    families = tuple(course.family(name) for name in request["forbidden"])
    tracer: AbstractContextManager[CallLog] | None = Tracer(families, is_own, is_cell) if families else None
    with _at_most(request["seconds"]):
        return run_probe(
            function, Answers(shell.user_ns), inputs, is_authors=is_cell, tracer=tracer, device=gpu.device()
        )


def _pretended(shell: CellShell, request: dict[str, Any]) -> dict[str, Any]:
    """What came of each exercise on a pretended GPU, as far as the time reached."""
    notebook = Notebook(shell.user_ns, is_cell, chosen=request["chosen"], names_cuda=request["names_cuda"])
    findings: dict[str, Any] = {}
    try:
        with _at_most(request["seconds"]):
            for name in request["pretended"]:
                findings[name] = try_out(name, notebook).to_data()
    except TimeLimitExceeded:
        pass  # those that are missing stay undecided
    return {"findings": findings, "forbidden": []}


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


_CELLS = (
    "import torch\nimport matplotlib.pyplot as plt\nrehearsed = torch.ones(2, 3)\nrehearsed",
    "def sums(x):\n    total = (x * 2.0).sum(dim=-1)\n    return total / 3 + rehearsed.sum()\n\nprint(sums(rehearsed))",
    "class Scaled(torch.nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    "        self.factor = torch.nn.Parameter(torch.ones(3))\n\n"
    "    def forward(self, x):\n        return x * self.factor\n\nScaled()(rehearsed).sum().backward()",
)
_PROBES = (
    "lambda m, x: m.sums(x)",
    "lambda m, x: [m.sums(x.requires_grad_()), {'again': torch.autograd.grad(m.sums(x).sum(), x)}, x.shape[0], 'text']",
    "lambda m, x: m.Scaled()(x)",
)


def rehearse(shell: CellShell) -> None:
    """Runs cells and traced probes, so that what they load or prepare lazily is in the zygote, then forgets them."""
    families = [family.name for family in course.exercise("softmax").forbidden]
    inputs = wire.encode((torch.arange(6.0).reshape(2, 3),))
    codes = [marshal.dumps(compile(each, PROBE_FILE, "eval").co_consts[0]) for each in _PROBES]
    questions = [{"code": code, "inputs": inputs, "forbidden": families} for code in codes]
    with redirect_stdout(io.StringIO()):
        for number, source in enumerate(_CELLS):
            wire.encode(run_cell(shell, f"rehearsal {number}", source, 1000))
        request = wire.decode(wire.encode({"questions": questions, "seconds": 60.0, "quick": 60.0}))
        wire.encode(_probes(shell, request))
        try_out("softmax", Notebook({"softmax": shell.user_ns["sums"]}, is_cell))
    shell.reset(new_session=True, aggressive=False)
    shell.execution_count = 1
