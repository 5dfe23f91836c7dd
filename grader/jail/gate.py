"""The trusted side of the jail: starting the zygote, asking it for children, and ending them."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from grader.jail import channel
from grader.jail.limits import Limits
from grader.jail.memory import used_beyond
from grader.jail.view import HOME, TEMPORARY

START_SECONDS = 120.0
_LOOK_SECONDS = 0.1
_HEADROOM = 1 << 20


class JailError(RuntimeError):
    """The jail itself failed: never the student's fault; the message says what and what to do."""


class LostError(Exception):
    """A child ended instead of answering. status: `timed out` or `crashed`; the text says why."""

    def __init__(self, status: str, why: str) -> None:
        super().__init__(why)
        self.status = status


@dataclass(frozen=True)
class Exit:
    """How a child ended: its exit code (negative: signal), peak resident bytes and CPU seconds."""

    code: int
    peak: int
    cpu: float


def environment() -> dict[str, str]:
    """All that the zygote and its children know of the world: no token, no PYTHON*, no LD_*."""
    threads = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "MKL", "OPENBLAS")}
    settings = {
        "GRADER_JAIL": "1",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "TMPDIR": TEMPORARY,
    }
    folders = {"HOME": HOME, "MPLCONFIGDIR": f"{TEMPORARY}/matplotlib", "IPYTHONDIR": f"{TEMPORARY}/ipython"}
    return {**threads, **settings, **folders, "MPLBACKEND": "module://matplotlib_inline.backend_inline"}


class Jail:
    """One zygote with a gate for each worker. Start it before anything secret is forked from this process."""

    def __init__(self, workers: int = 1) -> None:
        pairs = [socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(workers)]
        far = [pair[1] for pair in pairs]
        numbers = [str(end.fileno()) for end in far]
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-m", "grader.jail.zygote", *numbers],
            env=environment(),
            pass_fds=[end.fileno() for end in far],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd="/",
            start_new_session=True,
        )
        for end in far:
            end.close()
        self.gates = tuple(Gate(pair[0]) for pair in pairs)

    def wait_until_ready(self) -> None:
        """Returns when children can be made; JailError with the zygote's own words when it failed."""
        try:
            for gate in self.gates:
                gate.greet(START_SECONDS)
        except (JailError, TimeoutError) as error:
            self._process.kill()
            _, words = self._process.communicate()
            last = words.decode("utf-8", "replace").strip().splitlines()[-1:] or [str(error)]
            raise JailError(f"the jail did not start: {last[0]}; `grader doctor` says what is missing") from None

    @property
    def layers(self) -> tuple[str, ...]:
        return self.gates[0].layers

    def close(self) -> None:
        """Ends the zygote and with it every child."""
        for gate in self.gates:
            gate.close()
        try:
            self._process.wait(2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stderr:
            self._process.stderr.close()

    def __enter__(self) -> Jail:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Gate:
    """One worker's way to the zygote."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self.layers: tuple[str, ...] = ()
        self.anonymous = 0

    def greet(self, seconds: float) -> None:
        self._control.settimeout(seconds)
        greeting, _ = self._receive(0)
        self.layers, self.anonymous = tuple(greeting["layers"]), greeting["anonymous"]

    def spawn(self, limits: Limits) -> Child:
        """A fresh child behind its walls; JailError when the zygote is gone."""
        near, far = socket.socketpair()
        with far:
            request = {"op": "spawn", "limits": dataclasses.asdict(limits)}
            try:
                socket.send_fds(self._control, [json.dumps(request).encode()], [far.fileno()])
            except OSError as error:
                raise JailError("the jail's zygote is gone; run the command again") from error
        reply, handles = self._receive(1)
        return Child(self, near, handles[0], reply["id"], limits)

    def reap(self, number: int) -> Exit:
        """Waits for the end of a child that was killed or ended by itself."""
        self._control.send(json.dumps({"op": "reap", "id": number}).encode())
        reply, _ = self._receive(0)
        return Exit(reply["code"], reply["peak"], reply["cpu"])

    def _receive(self, descriptors: int) -> tuple[dict[str, Any], list[int]]:
        message, handles, _, _ = socket.recv_fds(self._control, 65536, max(1, descriptors))
        if not message:
            raise JailError("the jail's zygote ended")
        return json.loads(message), handles

    def close(self) -> None:
        self._control.close()


class Child:
    """One submission's process tree, as the trusted side sees it."""

    def __init__(self, gate: Gate, connection: socket.socket, handle: int, number: int, limits: Limits) -> None:
        self._gate, self._connection, self._handle, self._number = gate, connection, handle, number
        self.limits = limits
        self.exit: Exit | None = None
        self.layers: tuple[str, ...] = ()
        greeting = self._receive(time.monotonic() + START_SECONDS)
        self.layers = tuple(greeting["layers"])

    def ask(self, request: dict[str, Any], seconds: float) -> Any:
        """The reply to one request as plain data; LostError when the child is gone, and it is then reaped.

        `seconds` is the limit that the child keeps itself; the kill comes `Limits.GRACE` later.
        """
        from grader.jail import wire  # loads torch, which the zygote does meanwhile

        deadline = time.monotonic() + seconds + Limits.GRACE
        self._connection.settimeout(max(1.0, seconds))
        try:
            channel.send(self._connection, wire.encode({**request, "seconds": seconds}))
        except (channel.ChannelClosedError, TimeoutError, OSError):
            raise self._lost() from None
        return self._receive(deadline)

    def _receive(self, deadline: float) -> Any:
        from grader.jail import wire

        try:
            self._wait(deadline)
            frame = channel.receive(self._connection, self.limits.reply + _HEADROOM, deadline)
        except TimeoutError:
            self.end()
            raise LostError("timed out", "the time limit was reached") from None
        except channel.FrameTooLargeError:
            self.end()
            raise LostError("crashed", "the reply was too large") from None
        except (channel.ChannelClosedError, OSError):
            raise self._lost() from None
        try:
            return wire.decode(frame)
        except wire.WireError as error:
            return {
                "status": "unreadable",
                "value": str(error),
                "inputs": (),
                "raised": None,
                "forbidden": [],
            }

    def _wait(self, deadline: float) -> None:
        """Until something can be read; looks at the tree's memory meanwhile."""
        poll = select.poll()
        poll.register(self._connection, select.POLLIN)
        while not poll.poll(1000 * max(0.0, min(_LOOK_SECONDS, deadline - time.monotonic()))):
            if time.monotonic() >= deadline:
                raise TimeoutError
            if used_beyond(self._handle, self._gate.anonymous) > self.limits.memory:
                self.end()
                size = self.limits.memory // 2**20
                raise LostError("crashed", f"it used more than {size} MiB of memory")

    def _lost(self) -> LostError:
        code = self.end().code
        if code < 0:
            return LostError("crashed", f"the process was ended by {_signal_name(-code)}")
        return LostError("crashed", "the process ended itself")

    def end(self) -> Exit:
        """Kills the whole tree, if it still runs, and waits for its end."""
        if self.exit is None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)
            self._connection.close()
            os.close(self._handle)
            self.exit = self._gate.reap(self._number)
        return self.exit


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
