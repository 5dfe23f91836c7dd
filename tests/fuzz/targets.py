"""What is fuzzed, as functions of bytes: each ends quietly, or with the exception of a broken promise.

`fuzz_wire.py` runs them for minutes on inputs of its own, `test_corpus.py` on those that were kept.
"""

from __future__ import annotations

import base64
import json
import struct
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path

from fuzz.messages import is_plain, same

from grader.jail import channel, wire
from grader.judge.compare import describe
from grader.judge.world import Reply
from grader.notebook.normal import UnreadableNotebookError
from grader.notebook.read import read_notebook

KEPT = Path(__file__).with_name("corpus")
"""One file for each target, one input a line: zlib, then base64."""


def _message(data: bytes) -> bytes:
    """A message made of the tree before the input's first null byte and the data behind it.

    After a null byte at the start, the rest is the message.
    """
    if data.startswith(b"\0"):
        return data[1:]
    tree, _, rest = data.partition(b"\0")
    return struct.pack("<I", len(tree)) + tree + rest


def decode(data: bytes) -> None:
    try:
        value = wire.decode(_message(data))
    except wire.WireError:
        return
    assert is_plain(value)
    assert same(wire.decode(wire.encode(value)), value)


def reply(data: bytes) -> None:
    try:
        value = wire.decode(_message(data))
    except wire.WireError:
        return
    read = Reply.parse(value)
    assert type(read.inputs) is tuple
    assert all(type(text) is str for text in (read.status, read.note, describe(read.value)))
    repr((read.raised, read.forbidden)).encode("utf-8")


class _Socket:
    """Gives the input in parts of sizes that the input chooses, then hangs up or has no more in time."""

    def __init__(self, data: bytes) -> None:
        self._sizes, self._data, self._step = data[:4] or b"\1", data[4:], 0

    def settimeout(self, seconds: float | None) -> None:
        assert seconds is None or seconds > 0

    def recv(self, size: int) -> bytes:
        assert 0 < size <= 2**20
        part = self._sizes[self._step % len(self._sizes)] % 16
        self._step += 1
        if part == 15:
            raise (TimeoutError, ConnectionResetError, BrokenPipeError)[self._step % 3]
        given, self._data = self._data[: min(part + 1, size)], self._data[min(part + 1, size) :]
        return given


def receive(data: bytes) -> None:
    try:
        frame = channel.receive(_Socket(data), 1000)  # type: ignore[arg-type]
    except (channel.ChannelClosedError, channel.FrameTooLargeError, OSError):
        return
    assert frame == data[12 : 12 + struct.unpack_from("<Q", data, 4)[0]]


_FILE = Path(tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None)) / "fuzzed.ipynb"


def notebook(data: bytes) -> None:
    _FILE.write_bytes(data)
    try:
        read = read_notebook(_FILE)
    except UnreadableNotebookError as error:
        str(error).encode("utf-8")
        return
    json.dumps(read, allow_nan=False, ensure_ascii=False).encode("utf-8")
    assert (read["nbformat"], read["nbformat_minor"]) == (4, 5)
    ids = [cell["id"] for cell in read["cells"]]
    assert len(set(ids)) == len(ids)
    assert all(cell["cell_type"] in ("code", "markdown", "raw") for cell in read["cells"])
    assert all(isinstance(cell["source"], str) for cell in read["cells"])


TARGETS: dict[str, Callable[[bytes], None]] = {
    "decode": decode,
    "reply": reply,
    "channel": receive,
    "notebook": notebook,
}


def kept(name: str) -> list[bytes]:
    """The inputs that were kept for a target."""
    lines = (KEPT / f"{name}.txt").read_text(encoding="ascii").splitlines()
    return [zlib.decompress(base64.b64decode(line)) for line in lines]
