"""What runs inside the jail for one submission: it takes cells and probes from its channel, and answers."""

from __future__ import annotations

import os
import resource
import signal
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from grader import course, live
from grader.jail import channel, landlock, linux, seccomp, view, wire
from grader.jail.answers import Answers, CallLog, is_cell, run_probe
from grader.jail.limits import Limits
from grader.jail.probing import PROBE_FILE, probe_function
from grader.jail.shell import CellShell, run_cell
from grader.jail.tracer import Tracer

INSIDE_ID = 1000


class TimeLimitExceeded(BaseException):
    """Ends a cell or probe at its limit; not an Exception, so that `except Exception` does not hide it."""


@dataclass(frozen=True)
class Walls:
    """What a child needs to wall itself in, prepared once by the zygote."""

    namespaces: bool
    filter: bytes | None
    limits: Limits


def wall_in(walls: Walls) -> tuple[str, ...]:
    """Gives up everything, layer by layer; returns the names of the layers that hold.

    A layer that the system refuses is left out of the answer, and the supervisor decides whether to go on.
    """
    layers: list[str] = []
    _try(layers, "own scratch, network and ipc", lambda: _own_namespaces(walls), wanted=walls.namespaces)
    _try(layers, "limits", lambda: _limit(walls.limits))
    _try(layers, "no capabilities", linux.drop_capabilities)
    _try(layers, "no new privileges", lambda: linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1))
    _try(layers, "landlock", lambda: landlock.restrict(view.readable(), _writable()))
    filter_ = walls.filter
    _try(layers, "seccomp", lambda: seccomp.install(filter_ or b""), wanted=filter_ is not None)
    return tuple(layers)


def _try(layers: list[str], name: str, build: Callable[[], object], *, wanted: bool = True) -> None:
    if not wanted:
        return
    try:
        build()
    except (OSError, ValueError):
        return
    layers.append(name)


def _own_namespaces(walls: Walls) -> None:
    linux.unshare(linux.CLONE_NEWNS | linux.CLONE_NEWIPC | linux.CLONE_NEWNET)
    view.mount_proc()
    view.mount_scratch(walls.limits.scratch, walls.limits.scratch_files)
    uid, gid = os.getuid(), os.getgid()
    linux.unshare(linux.CLONE_NEWUSER)
    linux.map_ids(INSIDE_ID, uid, gid)
    os.chdir(view.HOME)


def _writable() -> tuple[str, ...]:
    return (*view.scratch(), "/dev/null", str(Path.cwd()))


def _limit(limits: Limits) -> None:
    for kind, value in (
        (resource.RLIMIT_AS, limits.address_space),
        (resource.RLIMIT_NPROC, limits.processes),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_FSIZE, limits.file_size),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (value, value))


def serve(connection: socket.socket, shell: CellShell, limits: Limits) -> None:
    """Answers requests until the other side is gone."""
    shell.collector.quiet = live.QUIET
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
        _send(connection, reply)


def _send(connection: socket.socket, reply: dict[str, Any]) -> None:
    try:
        message = wire.encode(reply)
    except (wire.WireError, RuntimeError, TypeError, ValueError, MemoryError, RecursionError) as error:
        # the value lies about itself or is too large: that is the answer's fault, and said as such
        unreadable = {"status": "unreadable", "value": f"{type(error).__name__}: {error}"[:200]}
        message = wire.encode({**unreadable, "inputs": (), "raised": None, "forbidden": reply.get("forbidden", [])})
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
        reply = run_cell(shell, request["name"], request["source"], limits.output)
    text = console.new_text()
    if text:
        reply["outputs"].append({"output_type": "stream", "name": "stdout", "text": text})
    return reply


def _probe(shell: CellShell, request: dict[str, Any]) -> dict[str, Any]:
    function = probe_function(request["code"])
    inputs = wire.decode(request["inputs"])
    families = tuple(course.family(name) for name in request["forbidden"])
    tracer: AbstractContextManager[CallLog] | None = Tracer(families, is_cell) if families else None
    with _at_most(request["seconds"]):
        return run_probe(function, Answers(shell.user_ns), inputs, is_authors=is_cell, tracer=tracer)


class _Console:
    """What is written to descriptors 1 and 2 past Python, by C code or by commands that a cell starts."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._file = os.open(tempfile.gettempdir(), os.O_TMPFILE | os.O_RDWR | os.O_APPEND, 0o600)
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
    with Tracer(course.exercise("softmax").forbidden, is_cell) as tracer:
        reply = run_probe(
            probe_function(probe),
            Answers(shell.user_ns),
            wire.decode(wire.encode((1.0,))),
            is_authors=is_cell,
        )
    wire.encode({**reply, "forbidden": tracer.calls})
    shell.reset(new_session=True, aggressive=False)
    shell.execution_count = 1
