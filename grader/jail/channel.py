"""Frames on a socket: a length, then that many bytes, each bounded before it is read.

Whoever is at the other end may be hostile: it may drip, flood, never read, or send when nothing was asked. A
deadline holds however the bytes come, and memory follows what was sent, never what was announced.
"""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_LENGTH = struct.Struct("<Q")
_CHUNK = 1 << 20


class ChannelClosedError(EOFError):
    """The other side is gone."""


class FrameTooLargeError(ValueError):
    """The other side announced more bytes than are taken."""


class Watch:
    """Calls `look` every `seconds` for as long as frames are on their way; what it raises ends the frame.

    One watch serves all frames of a channel, so that many quick ones are looked at as often as a slow one.
    suspended: seconds in which this process itself did not run though it wanted to; they count for no deadline.
    """

    LATE_SECONDS = 1.0
    """Later than this, a wait did not end by itself: the machine slept, or this process was stopped."""

    def __init__(self, look: Callable[[], object], seconds: float) -> None:
        self._look, self._seconds = look, seconds
        self.suspended = 0.0
        self.next = time.monotonic() + seconds

    def glance(self) -> None:
        if time.monotonic() >= self.next:
            self._look()
            self.next = time.monotonic() + self._seconds

    def waited(self, late: float) -> None:
        """A wait ended so many seconds after it should have."""
        if late > self.LATE_SECONDS:
            self.suspended += late


def send(channel: socket.socket, frame: bytes, deadline: float | None = None, watch: Watch | None = None) -> None:
    """Sends one frame; ChannelClosedError when nobody reads any more, TimeoutError at `deadline`.

    deadline: monotonic seconds; None waits for ever.
    """
    pace = _Pace(channel, deadline, watch)
    rest = memoryview(_LENGTH.pack(len(frame)) + frame)
    while rest:
        try:
            with pace.step():
                rest = rest[channel.send(rest[:_CHUNK]) :]
        except _AgainError:
            continue
        except (BrokenPipeError, ConnectionResetError) as error:
            raise ChannelClosedError from error


def receive(
    channel: socket.socket, limit: int, deadline: float | None = None, watch: Watch | None = None
) -> bytes | bytearray:
    """The next frame of at most `limit` bytes.

    ChannelClosedError when the other side is gone, FrameTooLargeError when it announces more, TimeoutError at
    `deadline` (monotonic seconds; None waits for ever).
    """
    pace = _Pace(channel, deadline, watch)
    (length,) = _LENGTH.unpack(_exactly(channel, _LENGTH.size, pace))
    if length > limit:
        raise FrameTooLargeError(f"a frame of {length} bytes, where {limit} are taken")
    return _exactly(channel, length, pace)


def has_unread(channel: socket.socket) -> bool:
    """Whether the other side has sent something that nobody read yet; ChannelClosedError when it is gone."""
    channel.setblocking(False)
    try:
        waiting = channel.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except ConnectionResetError as error:
        raise ChannelClosedError from error
    if not waiting:
        raise ChannelClosedError
    return True


def _exactly(channel: socket.socket, size: int, pace: _Pace) -> bytearray:
    data = bytearray()  # and no list of parts: single bytes would take fifty times their size
    while len(data) < size:
        try:
            with pace.step():
                part = channel.recv(min(size - len(data), _CHUNK))
        except _AgainError:
            continue
        except ConnectionResetError as error:
            raise ChannelClosedError from error
        if not part:
            raise ChannelClosedError
        data += part
    return data


class _AgainError(Exception):
    """A step ended without a byte, and the deadline is not past yet."""


class _Pace:
    """How long the next step of a frame may wait, and the looks in between."""

    def __init__(self, channel: socket.socket, deadline: float | None, watch: Watch | None) -> None:
        self._channel, self._deadline, self._watch = channel, deadline, watch
        self._suspended = watch.suspended if watch else 0.0

    @contextmanager
    def step(self) -> Iterator[None]:
        """Around each step: TimeoutError when the deadline is past, even if bytes are there."""
        if self._watch is not None:
            self._watch.glance()
        now = time.monotonic()
        deadline = self._moved_deadline()
        if deadline is not None and now >= deadline:
            raise TimeoutError("the deadline is past")
        ends = [end for end in (deadline, self._watch.next if self._watch else None) if end is not None]
        patience = max(1e-3, min(ends) - now) if ends else None
        self._channel.settimeout(patience)
        try:
            yield
        except TimeoutError:
            raise _AgainError from None
        finally:
            if self._watch is not None and patience is not None:
                self._watch.waited(time.monotonic() - now - patience)

    def _moved_deadline(self) -> float | None:
        """The deadline, later by the time for which this process was suspended since the frame began."""
        if self._deadline is None or self._watch is None:
            return self._deadline
        return self._deadline + self._watch.suspended - self._suspended
