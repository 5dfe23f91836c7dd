"""Frames come in time or not at all, in the memory that was really sent."""

from __future__ import annotations

import socket
import time
import tracemalloc

import pytest
from fuzz.hostile import LENGTH

from grader.jail import channel


class Endless:
    """A socket that always has one more byte, and never room for more than one."""

    def __init__(self) -> None:
        self.bytes = 0

    def settimeout(self, seconds: float | None) -> None:
        pass

    def recv(self, size: int) -> bytes:
        self.bytes += 1
        return b"\0" if self.bytes != 3 else b"\1"  # a length of 65,536

    def send(self, data: memoryview) -> int:
        return 1


def test_a_deadline_holds_although_there_is_always_one_more_byte():
    with pytest.raises(TimeoutError):
        channel.receive(Endless(), 2**20, time.monotonic() - 1)  # type: ignore[arg-type]
    with pytest.raises(TimeoutError):
        channel.send(Endless(), bytes(2**20), time.monotonic() + 0.01)  # type: ignore[arg-type]


def test_what_is_announced_takes_no_memory_before_it_comes():
    near, far = socket.socketpair()
    with near, far:
        far.sendall(LENGTH.pack(2**26) + b"x")
        tracemalloc.start()
        with pytest.raises(TimeoutError):
            channel.receive(near, 2**26, time.monotonic() + 0.05)
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert used < 4 * 2**20


def test_single_bytes_take_no_more_memory_than_large_parts():
    tracemalloc.start()
    frame = channel.receive(Endless(), 2**20)  # type: ignore[arg-type]
    used = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(frame) == 2**16
    assert used < 3 * len(frame)


def test_one_watch_looks_at_many_quick_frames_as_at_one_slow_one():
    looks = []
    watch = channel.Watch(lambda: looks.append(1), 0.0)
    near, far = socket.socketpair()
    with near, far:
        for _ in range(5):
            channel.send(far, b"x", watch=watch)
            channel.receive(near, 10, watch=watch)
    assert len(looks) >= 5
