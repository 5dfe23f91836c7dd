"""One submission's process tree, as the trusted side sees it: asking it, watching it, and ending it."""

from __future__ import annotations

import contextlib
import os
import secrets
import select
import signal
import socket
import time
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from grader.device import CONTEXT
from grader.jail import cgroup, channel, processes
from grader.jail.card import Card
from grader.jail.layers import read_missing
from grader.jail.limits import Limits
from grader.jail.memory import in_sockets, pid_of, private, stack_of, usage

START_SECONDS = 120.0
_LOOK_SECONDS = 0.1
_SWEEP_SECONDS = 5.0
"""How long a warden may take to end its tree before it is killed itself."""
_HEADROOM = 1 << 20


class LostError(Exception):
    """A child ended instead of answering. status: `timed out` or `crashed`; the text says why."""

    def __init__(self, status: str, why: str) -> None:
        super().__init__(why)
        self.status = status


@dataclass(frozen=True)
class Exit:
    """How a child ended: exit code (negative: signal), peak resident bytes, CPU seconds, and why if it was ended."""

    code: int
    peak: int
    cpu: float
    why: str = ""


class Keeper(Protocol):
    """Whoever made a child. anonymous: bytes that it shared with it. suspended: see `Gate`."""

    anonymous: int
    suspended: float

    def reap(self, number: int) -> Exit: ...

    def leave(self, number: int) -> None: ...


class Child:
    """One submission's process tree, as the trusted side sees it.

    folder: its scratch folder, where it has no file system of its own; a warden then keeps it. card: tells what it
    takes of a GPU, where it uses one.
    """

    look_seconds = _LOOK_SECONDS

    def __init__(
        self,
        keeper: Keeper,
        connection: socket.socket,
        handle: int,
        number: int,
        limits: Limits,
        *,
        folder: str = "",
        group: cgroup.Group | None = None,
        card: Card | None = None,
    ) -> None:
        self._keeper, self._connection, self._handle, self._number = keeper, connection, handle, number
        self._folder, self._group, self._card = folder, group, card
        self.limits = limits
        self.exit: Exit | None = None
        self._stack = stack_of(pid_of(handle)) if handle >= 0 else 0  # before any of a student's code runs
        greeting = self._receive(time.monotonic() + START_SECONDS)
        self.layers: tuple[str, ...] = tuple(greeting["layers"])
        self.missing = read_missing(greeting.get("missing", ()))

    def ask(self, request: dict[str, Any], seconds: float, patience: float = 0.0) -> Any:
        """The reply to one request as plain data; LostError when the child is gone, and it is then reaped.

        `seconds` is the limit that the child keeps itself; the kill comes `Limits.GRACE` and `patience` later.
        """
        from grader.jail import wire  # loads torch, which the zygote does meanwhile

        deadline = time.monotonic() + seconds + Limits.GRACE + patience
        number = secrets.token_hex(8)
        message = wire.encode({**request, "seconds": seconds, "number": number})
        try:
            if channel.has_unread(self._connection):
                raise self._unasked()
            channel.send(self._connection, message, deadline, self._lookout)
        except TimeoutError:
            self.end()
            raise LostError("timed out", "the time limit was reached") from None
        except (channel.ChannelClosedError, OSError):
            raise self._lost() from None
        reply = self._receive(deadline)
        to = reply.get("to") if isinstance(reply, dict) else None
        if not isinstance(to, str) or to != number:
            raise self._unasked()
        return reply

    def _unasked(self) -> LostError:
        """One answer to each question, made after it: no other passes for the answer to the next."""
        self.end()
        return LostError("crashed", "it spoke without being asked")

    def _receive(self, deadline: float) -> Any:
        from grader.jail import wire

        try:
            frame = channel.receive(self._connection, self.limits.reply + _HEADROOM, deadline, self._lookout)
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
        except wire.WireError:
            # which rule it broke is the sender's doing, and no word of the sender's goes on
            self.end()
            raise LostError("crashed", wire.MALFORMED) from None

    @cached_property
    def _lookout(self) -> channel.Watch:
        return channel.Watch(self._look, self.look_seconds)

    def _look(self) -> None:
        """Ends the tree when it uses too much, also while it sends or does not read."""
        why = self._excess()
        if why:
            self.end()
            raise LostError("crashed", why)

    def _excess(self) -> str:
        """Which limit the tree is over, in words; empty when it is over none."""
        used = usage(self._handle, self._keeper.anonymous, self._stack)
        beside = 0 if self._folder else in_sockets(self._handle)
        if used.memory + beside > self.limits.memory:
            return self._too_much_memory()
        if used.most > self.limits.memory and private(self._handle) + beside > self.limits.memory:
            return self._too_much_memory()
        if used.processes > self.limits.processes + 1:
            return f"it started more than {self.limits.processes} processes and threads"
        # NVML counts what a process takes by using the card at all, too
        if self._card and self._card.taken_by(self._tree()) > self.limits.gpu_memory + CONTEXT:
            return f"it used more than {self.limits.gpu_memory // 2**20} MiB of the GPU's memory"
        return ""

    def _tree(self) -> list[int]:
        return list(processes.tree(pid_of(self._handle)))

    def _too_much_memory(self) -> str:
        return f"it used more than {self.limits.memory // 2**20} MiB of memory"

    def _lost(self) -> LostError:
        starved = self._group is not None and self._group.out_of_memory
        ended = self.end()
        if ended.why or starved:
            return LostError("crashed", ended.why or self._too_much_memory())
        if ended.code < 0:
            return LostError("crashed", f"the process was ended by {_signal_name(-ended.code)}")
        return LostError("crashed", "the process ended itself")

    def end(self) -> Exit:
        """Kills the whole tree, if it still runs, waits for its end, and removes what it left."""
        if self.exit is None:
            self._kill()
            self.exit = self._keeper.reap(self._number)
            if self._group:
                self._group.remove()
            if self._folder:
                from grader.jail.scratch import remove

                remove(self._folder)
        return self.exit

    def leave(self) -> None:
        """Kills the whole tree, and waits for its end only where something of it is to be removed then.

        It has namespaces of its own to die in: whoever comes next is apart from it as from any neighbour.
        """
        if self.exit is not None or self._group or self._folder:
            self.end()
            return
        self._kill()
        self._keeper.leave(self._number)

    def _kill(self) -> None:
        self.exit = Exit(-signal.SIGKILL, 0, 0.0)  # what holds if the zygote cannot tell any more
        self._keeper.suspended += self._lookout.suspended
        self._connection.close()
        self._stop()

    def _stop(self) -> None:
        """The end of process 1 is the end of its namespace; a warden is asked, and ends its tree itself."""
        if self._folder:
            self._signal(signal.SIGTERM)
            if not select.select([self._handle], [], [], _SWEEP_SECONDS)[0] and self._group:
                self._group.kill()
        self._signal(signal.SIGKILL)
        os.close(self._handle)

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._handle, number)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
