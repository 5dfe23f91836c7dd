"""Pictures that are what they say: PNG and JPEG by their own bytes, of a size that a page can draw."""

from __future__ import annotations

import base64
import binascii
import struct

MAX_PIXELS = 25_000_000
"""A page holds a picture as 4 bytes a pixel: 100 MB. matplotlib's usual figure has 0.3 million, a phone's photo 12."""

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # the start-of-frame marks, which hold the size
_JPEG_BARE = frozenset({0x01, *range(0xD0, 0xD9)})  # marks without a length


def sound_picture(mime: str, text: object) -> str | None:
    """The base64 of one picture of this MIME type and nothing behind its end; None when it is no such picture."""
    if not isinstance(text, str):
        return None
    try:
        data = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    kept = {"image/png": _png, "image/jpeg": _jpeg}[mime](data)
    return None if kept is None else base64.b64encode(kept).decode("ascii")


def _png(data: bytes) -> bytes | None:
    """The chunks from the header to IEND. What is behind them (a page, an archive) is not the picture's."""
    if not data.startswith(_PNG) or data[12:16] != b"IHDR" or len(data) < 33:
        return None
    if not _drawable(*struct.unpack(">II", data[16:24])):
        return None
    position = len(_PNG)
    while position + 12 <= len(data):
        length, name = struct.unpack(">I4s", data[position : position + 8])
        position += 12 + length
        if name == b"IEND":
            return data[:position] if position <= len(data) else None
    return None


def _jpeg(data: bytes) -> bytes | None:
    if not data.startswith(b"\xff\xd8\xff"):
        return None
    position = 2
    while position + 9 <= len(data) and data[position] == 0xFF:
        mark = data[position + 1]
        if mark in _JPEG_SIZES:
            height, width = struct.unpack(">HH", data[position + 5 : position + 9])
            end = data.rfind(b"\xff\xd9")
            return data[: end + 2] if _drawable(width, height) and end > position else None
        if mark == 0xFF:  # a filling byte
            position += 1
        elif mark in _JPEG_BARE:
            position += 2
        else:
            position += 2 + struct.unpack(">H", data[position + 2 : position + 4])[0]
    return None


def _drawable(width: int, height: int) -> bool:
    return 0 < width * height <= MAX_PIXELS
