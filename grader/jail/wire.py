"""What travels between jail and judge: plain data, never pickles.

A message is one value: None, bool, int, float, str, bytes, list, tuple, dict, torch tensor or NumPy array.
Its bytes are a length, a strict JSON tree of tagged nodes, and the raw data of the tensors behind it. The reader
trusts nothing: sizes, depth, counts, dtypes and shapes are bounded before anything is built, and what it
builds are fresh plain tensors in CPU memory. Numbers travel as text, so NaN and infinity arrive as they are.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

MAX_BYTES = 64 * 2**20
MAX_TREE_BYTES = 8 * 2**20
MAX_DEPTH = 24
MAX_NODES = 200_000
MAX_BLOBS = 4096
MAX_AXES = 8
MAX_SIZE = 2**31 - 1
MAX_INT_DIGITS = 40

_LENGTH = struct.Struct("<I")

_DTYPES: dict[str, tuple[torch.dtype, int]] = {
    str(dtype).removeprefix("torch."): (dtype, dtype.itemsize)
    for dtype in (
        torch.bool,
        torch.uint8,
        torch.int8,
        torch.int16,
        torch.int32,
        torch.int64,
        torch.float16,
        torch.bfloat16,
        torch.float32,
        torch.float64,
    )
}


class WireError(ValueError):
    """Bytes that are no message, or a value that is no plain data; the text says which rule was broken."""


@dataclass(frozen=True)
class Opaque:
    """Stands for an object that is no plain data: only its kind in words came across."""

    kind: str


def encode(value: object) -> bytes:
    """The bytes of one message; objects that are no plain data become `Opaque`. WireError when too large."""
    writer = _Writer()
    tree = writer.node(value, 0)
    header = json.dumps([tree, writer.shapes], allow_nan=False, ensure_ascii=False, separators=(",", ":")).encode(
        "utf-8", "surrogatepass"
    )
    if len(header) > MAX_TREE_BYTES or len(header) + writer.size > MAX_BYTES:
        raise WireError("the value is too large to send")
    return b"".join((_LENGTH.pack(len(header)), header, *writer.blobs))


def decode(message: bytes) -> Any:
    """The value of one message; WireError when any rule is broken. Never runs code from the message."""
    if len(message) > MAX_BYTES + _LENGTH.size or len(message) < _LENGTH.size:
        raise WireError("the message has an impossible length")
    (length,) = _LENGTH.unpack_from(message)
    start = _LENGTH.size + length
    if length > MAX_TREE_BYTES or start > len(message):
        raise WireError("the tree is longer than the message")
    document = _parse(message[_LENGTH.size : start])
    if not (isinstance(document, list) and len(document) == 2 and isinstance(document[1], list)):
        raise WireError("the message is not a tree with its tensors")
    reader = _Reader(document[1], memoryview(message)[start:])
    value = reader.node(document[0], 0)
    reader.finish()
    return value


class _Writer:
    def __init__(self) -> None:
        self.blobs: list[bytes] = []
        self.shapes: list[object] = []
        self.size = 0
        self.nodes = 0

    def node(self, value: object, depth: int) -> list[object]:
        self.nodes += 1
        if depth >= MAX_DEPTH or self.nodes > MAX_NODES:
            raise WireError("the value is nested too deeply or has too many parts")
        if value is None:
            return ["none"]
        if isinstance(value, torch.Tensor):
            return self._tensor(value)
        if isinstance(value, np.ndarray):
            return self._array(value)
        kind = type(value)
        if kind is bool or isinstance(value, np.bool_):
            return ["bool", bool(value)]
        if kind is int:
            return self._int(value)
        if kind is float:
            return ["float", float.hex(float(value))]  # type: ignore[arg-type]
        if isinstance(value, np.integer):
            return ["npint", str(int(value))]
        if isinstance(value, np.floating):  # only NumPy's float64 is a Python float as well
            return ["npfloat" if isinstance(value, float) else "npfloat32", float.hex(float(value))]
        if kind is str:
            return ["str", value]
        if kind is bytes:
            return ["bytes", self._blob("uint8", (len(value),), value)]  # type: ignore[arg-type]
        # a named tuple is a tuple; what such a class makes of iteration is not asked
        if isinstance(value, tuple):
            return ["tuple", [self.node(each, depth + 1) for each in tuple.__iter__(value)]]
        if isinstance(value, list):
            return ["list", [self.node(each, depth + 1) for each in list.__iter__(value)]]
        if kind is dict:
            pairs = [[self.node(k, depth + 1), self.node(v, depth + 1)] for k, v in value.items()]  # type: ignore[attr-defined]
            return ["dict", pairs]
        if isinstance(value, Opaque):
            return ["opaque", value.kind]
        return ["opaque", f"{kind.__module__}.{kind.__qualname__}"[:200]]

    def _int(self, value: Any) -> list[object]:
        if abs(value) >= 10**MAX_INT_DIGITS:
            return ["opaque", "a whole number of too many digits"]
        return ["int", str(value)]

    def _tensor(self, value: torch.Tensor) -> list[object]:
        plain = value.detach().as_subclass(torch.Tensor)
        name = str(plain.dtype).removeprefix("torch.")
        if name not in _DTYPES or plain.layout is not torch.strided or plain.ndim > MAX_AXES:
            return ["opaque", f"torch.Tensor of {name}, {plain.layout}, {plain.ndim} axes"]
        self._refuse_early(plain.numel() * plain.dtype.itemsize)
        # a fresh tensor: a slice of one element may count as contiguous with any stride, and then has no view as bytes
        flat = torch.empty(plain.numel(), dtype=plain.dtype).copy_(plain.reshape(-1))
        data = flat.view(torch.uint8).numpy().tobytes() if flat.numel() else b""
        return ["tensor", self._blob(name, tuple(plain.shape), data)]

    def _array(self, value: np.ndarray[Any, Any]) -> list[object]:
        plain = np.asarray(value)
        name = plain.dtype.name
        if name not in _DTYPES or plain.ndim > MAX_AXES or not plain.dtype.isnative:
            return ["opaque", f"numpy.ndarray of {name}, {plain.ndim} axes"[:200]]
        self._refuse_early(plain.nbytes)
        return ["ndarray", self._blob(name, plain.shape, np.ascontiguousarray(plain).tobytes())]

    def _refuse_early(self, size: int) -> None:
        # an expanded tensor of 10**12 elements must be refused before it is made contiguous
        if self.size + size > MAX_BYTES:
            raise WireError("the value is too large to send")

    def _blob(self, dtype: str, shape: tuple[int, ...], data: bytes) -> int:
        self._refuse_early(len(data))
        if len(self.blobs) >= MAX_BLOBS:
            raise WireError("the value holds too many tensors")
        self.blobs.append(data)
        self.size += len(data)
        self.shapes.append([dtype, list(shape)])
        return len(self.blobs) - 1


class _Reader:
    def __init__(self, shapes: list[Any], data: memoryview) -> None:
        if len(shapes) > MAX_BLOBS:
            raise WireError("too many tensors")
        self._blobs: list[tuple[torch.dtype, tuple[int, ...], memoryview] | None] = []
        self._nodes = 0
        offset = 0
        for entry in shapes:
            dtype, itemsize, shape = _shape(entry)
            size = math.prod(shape) * itemsize
            if size > len(data) - offset:
                raise WireError("a tensor is longer than the message")
            self._blobs.append((dtype, shape, data[offset : offset + size]))
            offset += size
        if offset != len(data):
            raise WireError("bytes are left over")

    def finish(self) -> None:
        if any(blob is not None for blob in self._blobs):
            raise WireError("a tensor was sent that nothing names")

    def node(self, node: Any, depth: int) -> Any:
        self._nodes += 1
        if depth >= MAX_DEPTH or self._nodes > MAX_NODES:
            raise WireError("nested too deeply or too many parts")
        if not (isinstance(node, list) and node and isinstance(node[0], str)):
            raise WireError("a node without a tag")
        tag, body = node[0], node[1:]
        if tag == "none" and not body:
            return None
        if len(body) != 1:
            raise WireError(f"a node `{tag[:20]}` of the wrong length")
        return self._body(tag, body[0], depth)

    def _body(self, tag: str, body: Any, depth: int) -> Any:
        if tag == "bool" and isinstance(body, bool):
            return body
        if tag in _NUMBERS and isinstance(body, str):
            return _number(tag, body)
        if tag == "str" and isinstance(body, str):
            return body
        if tag == "opaque" and isinstance(body, str) and len(body) <= 400:
            return Opaque(body)
        if tag in ("tuple", "list") and isinstance(body, list):
            parts = [self.node(each, depth + 1) for each in body]
            return tuple(parts) if tag == "tuple" else parts
        if tag == "dict" and isinstance(body, list):
            return self._dict(body, depth)
        if tag in ("tensor", "ndarray", "bytes") and type(body) is int and 0 <= body < len(self._blobs):
            return self._data(tag, body)
        raise WireError(f"a node `{tag[:20]}` that cannot be read")

    def _dict(self, pairs: list[Any], depth: int) -> dict[Any, Any]:
        result: dict[Any, Any] = {}
        for pair in pairs:
            if not (isinstance(pair, list) and len(pair) == 2):
                raise WireError("a dict entry that is no pair")
            key = self.node(pair[0], depth + 1)
            if type(key) not in (str, int) or key in result:
                raise WireError("a dict key that is neither text nor whole number, or stands twice")
            result[key] = self.node(pair[1], depth + 1)
        return result

    def _data(self, tag: str, index: int) -> Any:
        blob = self._blobs[index]
        if blob is None:
            raise WireError("two nodes name one tensor")
        self._blobs[index] = None
        dtype, shape, data = blob
        if tag == "bytes":
            return bytes(data)
        if math.prod(shape) == 0:
            tensor = torch.empty(shape, dtype=dtype)
        elif dtype is torch.bool:
            # a byte that is neither 0 nor 1 is undefined behaviour in a bool tensor
            tensor = torch.frombuffer(bytearray(data), dtype=torch.uint8).ne(0).reshape(shape)
        else:
            tensor = torch.frombuffer(bytearray(data), dtype=dtype).reshape(shape)
        if tag == "tensor":
            return tensor
        if dtype is torch.bfloat16:
            raise WireError("NumPy has no bfloat16")
        return tensor.numpy()


def _shape(entry: Any) -> tuple[torch.dtype, int, tuple[int, ...]]:
    if not (isinstance(entry, list) and len(entry) == 2 and isinstance(entry[1], list)):
        raise WireError("a tensor without dtype and shape")
    name, shape = entry
    if not isinstance(name, str) or name not in _DTYPES:
        raise WireError("a tensor of a dtype that does not travel")
    if len(shape) > MAX_AXES or not all(type(n) is int and 0 <= n <= MAX_SIZE for n in shape):
        raise WireError("a tensor of an impossible shape")
    dtype, itemsize = _DTYPES[name]
    return dtype, itemsize, tuple(shape)


_NUMBERS: dict[str, Callable[[str], object]] = {
    "int": int,
    "npint": lambda text: np.int64(int(text)),
    "float": float.fromhex,
    "npfloat": lambda text: np.float64(float.fromhex(text)),
    "npfloat32": lambda text: np.float32(float.fromhex(text)),
}


def _number(tag: str, text: str) -> object:
    if len(text) > MAX_INT_DIGITS + 2:
        raise WireError("a number of too many digits")
    try:
        return _NUMBERS[tag](text)
    except (ValueError, OverflowError) as error:
        raise WireError("a number that cannot be read") from error


def _parse(text: bytes) -> Any:
    try:
        return json.loads(
            text.decode("utf-8", "surrogatepass"), parse_constant=_refuse_constant, object_pairs_hook=_refuse_object
        )
    except (ValueError, RecursionError) as error:
        raise WireError("the tree is no strict JSON") from error


def _refuse_constant(name: str) -> object:
    raise WireError(f"{name[:20]} is no JSON")


def _refuse_object(_pairs: object) -> object:
    raise WireError("a tree holds no JSON objects")
