"""Frames on a socket: a length, then that many bytes, each bounded before it is read."""

from __future__ import annotations

import socket
import struct
import time

_LENGTH = struct.Struct("<Q")
_CHUNK = 1 << 20


class ChannelClosedError(EOFError):
    """The other side is gone."""


class FrameTooLargeError(ValueError):
    """The other side announced more bytes than are taken."""


def send(channel: socket.socket, frame: bytes) -> None:
    """Sends one frame; ChannelClosedError when nobody reads any more, TimeoutError when nobody reads in time."""
    try:
        channel.sendall(_LENGTH.pack(len(frame)) + frame)
    except (BrokenPipeError, ConnectionResetError) as error:
        raise ChannelClosedError from error


def receive(channel: socket.socket, limit: int, deadline: float | None = None) -> bytes:
    """The next frame of at most `limit` bytes; TimeoutError at `deadline` (monotonic seconds)."""
    (length,) = _LENGTH.unpack(_exactly(channel, _LENGTH.size, deadline))
    if length > limit:
        raise FrameTooLargeError(f"a frame of {length} bytes, where {limit} are taken")
    return _exactly(channel, length, deadline)


def _exactly(channel: socket.socket, size: int, deadline: float | None) -> bytes:
    parts: list[bytes] = []
    while size:
        if deadline is not None:
            channel.settimeout(max(0.0, deadline - time.monotonic()) or 1e-6)
        try:
            part = channel.recv(min(size, _CHUNK))
        except ConnectionResetError as error:
            raise ChannelClosedError from error
        if not part:
            raise ChannelClosedError
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
