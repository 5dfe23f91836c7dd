"""A gate whose children are played by a thread of the test: the real trusted side, and a far end that does anything."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from grader.jail import channel, wire
from grader.jail.answers import Answers, is_cell, run_probe
from grader.jail.children import Child, Exit
from grader.jail.gate import Gate
from grader.jail.limits import Limits
from grader.jail.probing import probe_function

SECONDS = 0.4
QUICK = Limits(cell_seconds=SECONDS, probe_seconds=SECONDS, reply=2**20)
LENGTH = struct.Struct("<Q")
RIGHT = "def softmax(x):\n    e = (x - x.amax(-1, keepdim=True)).exp()\n    return e / e.sum(-1, keepdim=True)\n"


class Line:
    """The far end of a channel, for a script that plays a child."""

    def __init__(self, end: socket.socket) -> None:
        self.end = end
        self._names: dict[str, Any] = {}

    def question(self) -> dict[str, Any]:
        return wire.decode(channel.receive(self.end, wire.MAX_BYTES + 4))

    def answer(self, question: dict[str, Any]) -> dict[str, Any]:
        """What an honest child replies."""
        if "source" in question:
            exec(compile(question["source"], f"cell {question['name']}", "exec"), self._names)
            return {"ok": True, "outputs": [], "to": question.get("number")}
        if "pretended" in question:
            return {"findings": {}, "to": question.get("number")}
        inputs, function = wire.decode(question["inputs"]), probe_function(question["code"])
        said = run_probe(function, Answers(self._names), inputs, is_authors=is_cell)
        return {**said, "to": question.get("number")}

    def raw(self, data: bytes) -> None:
        self.end.sendall(data)

    def send(self, value: Any) -> None:
        self.raw(framed(wire.encode(value)))

    def cells(self) -> dict[str, Any]:
        """Honest for as long as cells come; the first probe."""
        while "source" in (question := self.question()):
            self.send(self.answer(question))
        return question

    def until_closed(self) -> None:
        with contextlib.suppress(OSError):
            while self.end.recv(2**16):
                pass


def framed(message: bytes) -> bytes:
    return LENGTH.pack(len(message)) + message


def returned(value: Any, **parts: Any) -> dict[str, Any]:
    return {"status": "returned", "value": value, "inputs": (), "raised": None, "forbidden": [], **parts}


def honest(line: Line) -> None:
    while True:
        line.send(line.answer(line.question()))


Script = Callable[[Line], None]


class ScriptedGate(Gate):
    """A gate without a zygote: each child is a script on a thread, and a sleeping process that can be killed."""

    def __init__(self, *scripts: Script) -> None:
        control, self._nobody = socket.socketpair()
        super().__init__(control)
        self.scripts = list(scripts)
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self._threads: list[threading.Thread] = []
        self.spawned = 0

    def spawn(self, limits: Limits) -> Child:
        """The next script's child; the last script plays all that follow."""
        script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
        near, far = socket.socketpair()
        process = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(600)"])
        self._processes[process.pid] = process
        self._threads.append(threading.Thread(target=self._play, args=(script, far), daemon=True))
        self._threads[-1].start()
        self.spawned += 1
        return Child(self, near, os.pidfd_open(process.pid), process.pid, limits)

    def _play(self, script: Script, far: socket.socket) -> None:
        line = Line(far)
        with far, contextlib.suppress(OSError, channel.ChannelClosedError):
            line.send({"layers": ()})
            script(line)

    def reap(self, number: int) -> Exit:
        return Exit(self._processes.pop(number).wait(10), 0, 0.0)

    def leave(self, number: int) -> None:
        self.reap(number)

    def close(self) -> None:
        """No child is left running and no script is left playing; fails when one is."""
        super().close()
        self._nobody.close()
        left = list(self._processes.values())
        for process in left:
            process.send_signal(signal.SIGKILL)
            process.wait(10)
        for thread in self._threads:
            thread.join(10)
        assert not left, "a child was not ended"
        assert not any(thread.is_alive() for thread in self._threads), "a script did not end with its channel"


# What a hostile child does with the first probe; the cells before it were answered honestly.


def silent(line: Line) -> None:
    line.cells()
    line.until_closed()


def half_a_length(line: Line) -> None:
    line.cells()
    line.raw(b"\x08\x00\x00\x00")
    line.until_closed()


def absurd_length(line: Line) -> None:
    line.cells()
    line.raw(LENGTH.pack(2**63))
    line.until_closed()


def length_beyond_the_cap(line: Line) -> None:
    line.cells()
    line.raw(LENGTH.pack(2 * QUICK.reply + 1))
    line.until_closed()


def greatest_length_and_nothing(line: Line) -> None:
    line.cells()
    line.raw(LENGTH.pack(QUICK.reply))
    line.until_closed()


def dripping_length(line: Line) -> None:
    line.cells()
    for byte in LENGTH.pack(1000) + bytes(1000):
        line.raw(bytes([byte]))
        time.sleep(0.2)


def dripping_body(line: Line) -> None:
    question = line.cells()
    message = framed(wire.encode(line.answer(question)))
    line.raw(message[:8])
    for byte in message[8:]:
        line.raw(bytes([byte]))
        time.sleep(0.2)


def hurried_dripping(line: Line) -> None:
    line.cells()
    line.raw(LENGTH.pack(QUICK.reply))
    while True:
        line.raw(b"x")
        time.sleep(0.0005)


def no_message(line: Line) -> None:
    line.cells()
    line.raw(framed(b"\xff" * 100))
    line.until_closed()


def no_form(line: Line) -> None:
    line.send({"to": line.cells().get("number"), "status": ["won", 14]})
    line.until_closed()


def hung_up(line: Line) -> None:
    line.cells()


def half_hung_up(line: Line) -> None:
    line.cells()
    line.end.shutdown(socket.SHUT_WR)
    line.until_closed()


def endless_noise(line: Line) -> None:
    line.cells()
    while True:
        line.raw(b"\xff" * 2**16)


def out_of_band(line: Line) -> None:
    line.cells()
    while True:
        line.end.send(b"x", socket.MSG_OOB)
        time.sleep(0.01)
