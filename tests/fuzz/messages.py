"""Messages of the wire, well formed and broken at every level, and what may come out of one.

Written from the description of the format and without its writer, so that a fault of the writer's is no excuse.
"""

from __future__ import annotations

import copy
import json
import struct
from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st

from grader.jail import wire
from grader.jail.wire import Opaque

ITEM_SIZES = {
    **dict.fromkeys(("bool", "uint8", "int8"), 1),
    **dict.fromkeys(("int16", "float16", "bfloat16"), 2),
    **dict.fromkeys(("int32", "float32"), 4),
    **dict.fromkeys(("int64", "float64"), 8),
}
SCALARS = (np.int64, np.float64, np.float32, np.float16)


def frame(tree: Any, shapes: Any = (), data: bytes = b"") -> bytes:
    """The bytes of a message: a length, the tree with the shapes, the data."""
    header = json.dumps([tree, shapes]).encode()
    return struct.pack("<I", len(header)) + header + data


def raw(header: bytes, data: bytes = b"") -> bytes:
    """A message whose tree is any bytes."""
    return struct.pack("<I", len(header)) + header + data


def is_plain(value: Any, depth: int = 0) -> bool:
    """Whether a value is of the kinds, depths and sizes that a message may hold."""
    if depth >= wire.MAX_DEPTH:
        return False
    if isinstance(value, tuple | list):
        return type(value) in (tuple, list) and all(is_plain(each, depth + 1) for each in value)
    if isinstance(value, dict):
        keys = all(type(key) is str or (type(key) is int and abs(key) < 10**18) for key in value)
        return type(value) is dict and keys and all(is_plain(each, depth + 1) for each in value.values())
    if isinstance(value, torch.Tensor | np.ndarray):
        return _is_plain_array(value)
    if isinstance(value, Opaque):
        return value.kind.isprintable() and len(value.kind) <= 200
    if type(value) is int:
        return abs(value) < 10**40
    return value is None or type(value) in (bool, float, str, bytes, *SCALARS)


def _is_plain_array(value: torch.Tensor | np.ndarray) -> bool:
    if isinstance(value, np.ndarray):
        return type(value) is np.ndarray and value.dtype.name in ITEM_SIZES and value.ndim <= 8
    plain = type(value) is torch.Tensor and value.device.type == "cpu" and value.layout is torch.strided
    return plain and not value.requires_grad and str(value.dtype).removeprefix("torch.") in ITEM_SIZES


def same(left: Any, right: Any) -> bool:
    """Equal in type, structure and every bit; NaN is itself."""
    if type(left) is not type(right):
        return False
    if isinstance(left, tuple | list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict):
        return list(left) == list(right) and all(map(same, left.values(), right.values()))
    if isinstance(left, torch.Tensor):
        bits = [each.contiguous().reshape(-1).view(torch.uint8) for each in (left, right)]
        return left.dtype == right.dtype and left.shape == right.shape and torch.equal(*bits)
    if isinstance(left, np.ndarray):
        return left.dtype == right.dtype and left.shape == right.shape and left.tobytes() == right.tobytes()
    if isinstance(left, float | np.floating):
        return float.hex(float(left)) == float.hex(float(right))
    return left == right


_MISSPELT = (
    *("1_0", "٣", "１２", " 1", "1 ", "+1", "01", "-0", "1e3", "0x10", "", "-", "1.5", "1" * 41, "9" * 4301),
    *("0x1p+1024", "0x1p99999", "-0x1.8p+0", "0X1.0P+0", "infinity", "-nan", "0x" + "f" * 30),
)
_EXTREME = (
    *("nan", "inf", "-inf", "0x0.0p+0", "-0x0.0p+0", "0x0.0000000000001p-1022", "0x1.fffffffffffffp+1023"),
    *map(str, (2**63, 2**63 - 1, -(2**63), 10**40, 10**40 - 1, -(10**40))),
)
_TAGS = st.sampled_from(["int", "npint", "float", "npfloat", "npfloat32", "npfloat16"])
ODD_NUMBERS = st.tuples(_TAGS, st.sampled_from(_MISSPELT + _EXTREME)).map(list)
NUMBERS = st.one_of(
    st.tuples(st.just("int"), st.integers(1 - 10**40, 10**40 - 1).map(str)),
    st.tuples(st.just("npint"), st.integers(-(2**63), 2**63 - 1).map(str)),
    st.tuples(st.sampled_from(["float", "npfloat"]), st.floats().map(float.hex)),
    st.tuples(st.just("npfloat32"), st.floats(width=32).map(float.hex)),
    st.tuples(st.just("npfloat16"), st.floats(width=16).map(float.hex)),
).map(list)
WORDS = st.text(st.characters(codec=None, exclude_categories=()), max_size=12)
KINDS = st.text(st.characters(codec="ascii", categories=("L", "N", "P")), max_size=12)
SIZES = st.integers(0, 3) | st.sampled_from([7, 2**31 - 1, 2**31, 2**62, 2**63, -1, 10**30])


@st.composite
def documents(draw: st.DrawFn) -> tuple[Any, list[Any], bytes]:
    """A well formed tree, the shapes of its tensors and their data."""
    shapes: list[Any] = []
    data: list[bytes] = []

    def blob(tag: str) -> list[Any]:
        name = "uint8" if tag == "bytes" else draw(st.sampled_from(sorted(ITEM_SIZES)))
        if tag == "ndarray" and name == "bfloat16":
            name = "float16"
        axes = {"min_size": 1, "max_size": 1} if tag == "bytes" else {"max_size": 4}
        shape = draw(st.lists(st.integers(0, 3), **axes))
        size = ITEM_SIZES[name]
        for length in shape:
            size *= length
        shapes.append([name, shape])
        data.append(draw(st.binary(min_size=size, max_size=size)))
        return [tag, len(shapes) - 1]

    def node(depth: int) -> list[Any]:
        leaf = ("none", "bool", "number", "str", "opaque", "tensor", "ndarray", "bytes")
        kind = draw(st.sampled_from(leaf if depth > 3 else (*leaf, "list", "tuple", "dict", "list", "dict")))
        if kind in ("tensor", "ndarray", "bytes"):
            return blob(kind)
        if kind in ("list", "tuple"):
            return [kind, [node(depth + 1) for _ in range(draw(st.integers(0, 3)))]]
        if kind == "dict":
            keys = draw(st.lists(WORDS.map(lambda key: ["str", key]), max_size=3, unique_by=lambda key: key[1]))
            return ["dict", [[key, node(depth + 1)] for key in keys]]
        if kind == "number":
            return draw(NUMBERS)
        if kind == "none":
            return ["none"]
        return [kind, draw({"bool": st.booleans(), "str": WORDS, "opaque": KINDS}[kind])]

    return node(0), shapes, b"".join(data)


JUNK = st.one_of(
    st.none(), st.booleans(), SIZES, st.floats(), WORDS, NUMBERS, ODD_NUMBERS, st.just([]), st.just({}),
    st.sampled_from([["tensor", 0], ["ndarray", 0], ["bytes", 0], ["tensor", 1], ["bytes", -1], ["tensor", True]]),
    st.sampled_from([["none", None], ["opaque", "x" * 201], ["opaque", "\x1b[2J"], ["pickle", "x"], ["bool", "true"]]),
    st.integers(1, 1100).map(lambda depth: _nested(["none"], depth)),
    st.integers(1, 40).map(lambda depth: _deep(depth)),
)  # fmt: skip


def _nested(inner: Any, depth: int) -> Any:
    for _ in range(min(depth, 900)):  # json.dumps itself gives up beyond; `raw` trees go further
        inner = [inner]
    return inner


def _deep(depth: int) -> Any:
    inner: Any = ["none"]
    for _ in range(depth):
        inner = ["list", [inner]]
    return inner


def _places(tree: Any) -> list[tuple[list[Any], int]]:
    """Every place in a tree: a list and an index into it."""
    found, waiting = [], [tree]
    while waiting:
        each = waiting.pop()
        found.extend((each, index) for index in range(len(each)))
        waiting.extend(part for part in each if isinstance(part, list))
    return found


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """A message that was well formed until something was done to its tree, shapes, data, lengths or bytes."""
    tree, shapes, data = draw(documents())
    document = [tree, shapes]
    where = draw(st.sampled_from([*["tree"] * 6, *["shapes"] * 3, "document", "data", "data", "byte", "length", "cut"]))
    if where in ("tree", "shapes", "document"):
        _mutate(draw, {"tree": tree, "shapes": shapes, "document": document}[where])
    header = bytearray(json.dumps(document, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass"))
    length = len(header)
    if where == "data":
        data = draw(st.sampled_from([data[:-1], data + b"\0", data * 2, b""]))
    elif where == "byte":
        header[draw(st.integers(0, length - 1))] = draw(st.integers(0, 255))
    elif where == "length":
        length = draw(st.sampled_from([0, length - 1, length + 1, 2**31, 2**32 - 1]))
    message = struct.pack("<I", length) + bytes(header) + data
    return message[: draw(st.integers(0, len(message)))] if where == "cut" else message


def _mutate(draw: st.DrawFn, part: list[Any]) -> None:
    """Changes a part of a document in one to three places, at any depth."""
    for _ in range(draw(st.integers(1, 3))):
        places = _places(part)
        if not places:
            part.append(copy.deepcopy(draw(JUNK)))
            return
        place, index = draw(st.sampled_from(places))
        how = draw(st.sampled_from(["replace", "replace", "insert", "delete", "repeat"]))
        if how == "replace":
            place[index] = copy.deepcopy(draw(JUNK))
        elif how == "insert":
            place.insert(index, copy.deepcopy(draw(JUNK)))
        elif how == "repeat":  # a tensor that two nodes name, a key that stands twice
            place.insert(index, copy.deepcopy(place[index]))
        elif len(place) > 1:
            del place[index]
