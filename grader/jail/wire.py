"""What travels between jail and judge: plain data, never pickles.

A message is one value: None, bool, int, float, str, bytes, list, tuple, dict, torch tensor, NumPy array or scalar.
Its bytes are a length, a strict JSON tree of tagged nodes, and the raw data of the tensors behind it. The reader
trusts nothing: sizes, depth, counts, dtypes and shapes are bounded before anything is built, and what it
builds are fresh plain tensors in CPU memory. Numbers travel as text, so NaN and infinity arrive as they are, and
each number has one spelling: the one that the writer uses. Whatever `encode` takes, `decode` takes.

Reading takes time that grows as the message does, and memory of at most MEMORY_OF_TREE times its tree (a list
in a list is 2 bytes as text and 88 as an object) and MEMORY_OF_DATA times the data behind it (a tensor is copied once,
one of bools once more).
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable, Iterable
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
MAX_KEY = 10**18
"""Whole numbers as keys stay below this: larger ones can share one hash by the thousand, and a dict then crawls."""
MAX_PLAIN = 2**20
"""Elements of a tensor below which nothing about its size need be looked at twice."""
MAX_KIND = 200
MEMORY_OF_TREE, MEMORY_OF_DATA = 50, 2

TOO_LARGE = "the value is too large to send"
TOO_MANY = "the value is nested too deeply or has too many parts"
TOO_MANY_TENSORS = "the value holds too many tensors"
ODD_KEY = "the value is a dict with a key that is neither text nor a whole number of at most 18 digits"
NO_TENSOR = "the value holds a tensor whose numbers cannot be read"
MALFORMED = "it broke the rules of the wire"
REFUSALS = frozenset({TOO_LARGE, TOO_MANY, TOO_MANY_TENSORS, ODD_KEY, NO_TENSOR, MALFORMED})
"""Why a value did not travel, in the kit's own words: whatever else the other side gives as a reason is its own."""

_LENGTH = struct.Struct("<I")

_NAMES = ("bool", "uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "float64")
_DTYPES: dict[str, torch.dtype] = {name: getattr(torch, name) for name in _NAMES}
_NAME_OF = {dtype: name for name, dtype in _DTYPES.items()}
_EXACT = frozenset({torch.Tensor, torch.nn.Parameter})
"""Tensors that are of no class of their author's."""

_strided = torch.strided
_no_overrides: Any = torch._C.DisableTorchFunction
_NUMPY_DTYPES = frozenset(np.dtype(name) for name in _DTYPES.keys() - {"bfloat16"})


class WireError(ValueError):
    """Bytes that are no message, or a value that does not travel; the text is the kit's own and says why.

    From `encode` it is one of REFUSALS.
    """


@dataclass(frozen=True)
class Opaque:
    """Stands for an object that is no plain data: only its kind in words came across, printable and short."""

    kind: str


@dataclass(frozen=True)
class Written:
    """A value as `encode` will send it, read already: what becomes of the original afterwards changes nothing.

    nodes, depth, characters: what of the bounds of a message it uses. on_gpu: which of its arrays lay on a GPU, by
    their number in `blobs`.
    """

    tree: list[object]
    shapes: list[object]
    blobs: list[bytes]
    nodes: int
    depth: int
    characters: int
    on_gpu: tuple[int, ...] = ()


def written(value: object) -> Written:
    """Reads a value that may stand anywhere in a later message. WireError as from `encode`."""
    writer = _Writer()
    tree = writer.node(value, 0)
    counted = writer.nodes, writer.depth, writer.characters
    return Written(tree, writer.shapes, writer.blobs, *counted, tuple(writer.on_gpu))


def encode(value: object) -> bytes:
    """The bytes of one message; objects that are no plain data become `Opaque`. WireError when too large."""
    writer = _Writer()
    tree = writer.node(value, 0)
    header = json.dumps([tree, writer.shapes], allow_nan=False, ensure_ascii=False, separators=(",", ":")).encode(
        "utf-8", "surrogatepass"
    )
    if len(header) > MAX_TREE_BYTES or len(header) + writer.size > MAX_BYTES:
        raise WireError(TOO_LARGE)
    return b"".join((_LENGTH.pack(len(header)), header, *writer.blobs))


def decode(message: bytes | bytearray) -> Any:
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
        self.depth = 0
        self.characters = 0
        self.on_gpu: list[int] = []

    def node(self, value: Any, depth: int) -> list[object]:
        """The tree of a value. It is read under the eyes of the tracer, which looks at each call: what is common
        comes first, and calls little.
        """
        kind = type(value)
        if kind is Written:
            return self._spliced(value, depth)
        self.nodes += 1
        if depth > self.depth:
            self.depth = depth
        if depth >= MAX_DEPTH or self.nodes > MAX_NODES:
            raise WireError(TOO_MANY)
        if value is None:
            return ["none"]
        if kind in _EXACT or isinstance(value, torch.Tensor):
            try:
                return self._tensor(value)
            except RuntimeError as error:  # torch's, for one that has no storage, or lost it
                raise WireError(NO_TENSOR) from error
        if kind is str:
            return ["str", self._text(value)]
        if kind is bytes:
            return ["bytes", self._blob("uint8", (len(value),), value)]
        if kind is bool:
            return ["bool", value]
        if kind is int or kind is float:
            return _number_node(value)
        return self._node_of_many(value, kind, depth)

    def _node_of_many(self, value: Any, kind: type, depth: int) -> list[object]:
        if isinstance(value, np.ndarray):
            return self._array(value)
        if isinstance(value, np.bool_):
            return ["bool", bool(value)]
        if isinstance(value, np.number):
            return _number_node(value)
        # a named tuple is a tuple; what such a class makes of iteration is not asked
        if isinstance(value, tuple):
            self._refuse_many(tuple.__len__(value))
            return ["tuple", [self.node(each, depth + 1) for each in tuple.__iter__(value)]]
        if isinstance(value, list):
            self._refuse_many(list.__len__(value))
            return ["list", [self.node(each, depth + 1) for each in list.__iter__(value)]]
        if kind is dict:
            self._refuse_many(2 * len(value))
            return ["dict", [self._pair(key, each, depth + 1) for key, each in value.items()]]
        return _opaque(value.kind if isinstance(value, Opaque) else f"{kind.__module__}.{kind.__qualname__}")

    def _refuse_many(self, parts: int) -> None:
        # one list that stands in itself a hundred thousand times is refused before any of it is made
        if parts > MAX_NODES - self.nodes:
            raise WireError(TOO_MANY)

    def _pair(self, key: object, value: object, depth: int) -> list[object]:
        if not _is_key(key):
            raise WireError(ODD_KEY)
        return [self.node(key, depth), self.node(value, depth)]

    def _text(self, text: str) -> str:
        # one text that stands in a list a thousand times must be refused before the tree is made
        self._count_text(len(text))
        return text

    def _count_text(self, characters: int) -> None:
        self.characters += characters
        if self.characters > MAX_TREE_BYTES:
            raise WireError(TOO_LARGE)

    def _tensor(self, value: torch.Tensor) -> list[object]:
        if type(value) in _EXACT:
            with _no_overrides():  # it has none, and a watch need not hear of every size that is looked up
                return self._plain(value) or self._strided(value)
        return self._strided(value)

    def _plain(self, value: torch.Tensor) -> list[object] | None:
        """The most common tensors in as few calls as can be; None for any other."""
        name, elements = _NAME_OF.get(value.dtype), value.numel()
        bare = value.layout is _strided and value.is_cpu and not value.is_neg() and not value.is_nested
        if not bare or name is None or name == "bfloat16" or not 0 < elements <= MAX_PLAIN or value.ndim > MAX_AXES:
            return None
        data = (value.detach() if value.requires_grad else value).numpy().tobytes()
        return ["tensor", self._blob(name, value.shape, data)]

    def _strided(self, value: torch.Tensor) -> list[object]:
        dtype = value.dtype
        name, shape = _NAME_OF.get(dtype, ""), tuple(value.shape)
        readable = value.layout is torch.strided and not value.is_nested and not value.is_meta
        if not name or not readable or len(shape) > MAX_AXES:
            kind = str(dtype).removeprefix("torch.")
            return _opaque(f"torch.Tensor of {kind}, {value.layout}, {value.device.type}, {value.dim()} axes")
        self._refuse_early(shape, dtype.itemsize)
        number = self._blob(name, shape, _bytes_of(value, dtype))
        if value.is_cuda:
            self.on_gpu.append(number)
        return ["tensor", number]

    def _count(self, nodes: int, depth: int) -> None:
        self.nodes += nodes
        self.depth = max(self.depth, depth)
        if depth >= MAX_DEPTH or self.nodes > MAX_NODES:
            raise WireError(TOO_MANY)

    def _spliced(self, part: Written, depth: int) -> list[object]:
        """What was written before, with its tensors behind those that are there already."""
        self._count(part.nodes, depth + part.depth)
        self._count_text(part.characters)
        first = len(self.blobs)
        self.size += sum(map(len, part.blobs))
        self.shapes.extend(part.shapes)
        self.blobs.extend(part.blobs)
        if self.size > MAX_BYTES:
            raise WireError(TOO_LARGE)
        if len(self.blobs) > MAX_BLOBS:
            raise WireError(TOO_MANY_TENSORS)
        return _renumbered(part.tree, first) if first and part.blobs else part.tree

    def _array(self, value: np.ndarray[Any, Any]) -> list[object]:
        plain = np.asarray(value)
        dtype = _common(plain.dtype)
        if dtype not in _NUMPY_DTYPES or plain.ndim > MAX_AXES:
            return _opaque(f"numpy.ndarray of {dtype.name}, {plain.ndim} axes")
        self._refuse_early(plain.shape, dtype.itemsize)
        with np.errstate(all="ignore"):  # a long double beyond float64 becomes infinity, as one alone does
            data = np.ascontiguousarray(plain, dtype).tobytes()
        return ["ndarray", self._blob(dtype.name, plain.shape, data)]

    def _refuse_early(self, shape: tuple[int, ...], itemsize: int) -> None:
        # an expanded tensor of 10**12 elements must be refused before it is made contiguous
        if not _is_shape(shape) or self.size + math.prod(shape) * itemsize > MAX_BYTES:
            raise WireError(TOO_LARGE)

    def _blob(self, dtype: str, shape: Iterable[int], data: bytes) -> int:
        if self.size + len(data) > MAX_BYTES:
            raise WireError(TOO_LARGE)
        if len(self.blobs) >= MAX_BLOBS:
            raise WireError(TOO_MANY_TENSORS)
        self.blobs.append(data)
        self.size += len(data)
        self.shapes.append([dtype, list(shape)])
        return len(self.blobs) - 1


def _bytes_of(value: torch.Tensor, dtype: torch.dtype) -> bytes:
    plain = value.detach().as_subclass(torch.Tensor)
    # a fresh tensor: a slice of one element may count as contiguous with any stride, and then has no view as bytes
    flat = torch.empty(plain.numel(), dtype=dtype, device="cpu").copy_(plain.reshape(-1))
    return flat.view(torch.uint8).numpy().tobytes() if flat.numel() else b""


def _common(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The dtype in which an array travels: fractions in this machine's byte order, long doubles as float64."""
    if dtype.kind != "f":
        return dtype
    return np.dtype(np.float64) if dtype.itemsize > 8 else dtype.newbyteorder("=")


def _renumbered(node: Any, first: int) -> list[object]:
    tag, body = node[0], node[1:]
    if tag in ("tensor", "ndarray", "bytes"):
        return [tag, body[0] + first]
    if tag in ("tuple", "list"):
        return [tag, [_renumbered(each, first) for each in body[0]]]
    if tag == "dict":
        return [tag, [[_renumbered(key, first), _renumbered(each, first)] for key, each in body[0]]]
    return [tag, *body]


def _number_node(value: Any) -> list[object]:
    """A number under the tag of its type; NumPy's whole numbers arrive as int64, its long doubles as float64."""
    if isinstance(value, np.complexfloating):
        return _opaque("a complex number of NumPy")
    if isinstance(value, int | np.integer):
        most = 10**MAX_INT_DIGITS if isinstance(value, int) else 2**63
        if abs(int(value)) >= most and value != -(2**63):
            return _opaque("a whole number of too many digits")
        return ["int" if isinstance(value, int) else "npint", _spelt(value)]
    tag = {float: "float", np.float32: "npfloat32", np.float16: "npfloat16"}.get(type(value), "npfloat")
    return [tag, _spelt(value)]


def _spelt(number: Any) -> str:
    """The one text that stands for a number: whole ones in decimal digits, others in hexadecimal, exactly."""
    return str(int(number)) if isinstance(number, int | np.integer) else float.hex(float(number))


def _opaque(kind: str) -> list[object]:
    return ["opaque", "".join(each if each.isprintable() else "?" for each in kind[:MAX_KIND])]


def _is_key(key: object) -> bool:
    return type(key) is str or (type(key) is int and -MAX_KEY < key < MAX_KEY)


def _is_shape(shape: Any) -> bool:
    """Whether a tensor of this shape can be made: torch and NumPy multiply the other sizes of an empty one, too."""
    if len(shape) > MAX_AXES:
        return False
    for n in shape:
        if type(n) is not int or not 0 <= n <= MAX_SIZE:
            return False
    elements = 1
    for n in shape:
        elements *= n or 1
    return elements <= MAX_BYTES


class _Reader:
    def __init__(self, shapes: list[Any], data: memoryview) -> None:
        if len(shapes) > MAX_BLOBS:
            raise WireError("too many tensors")
        self._blobs: list[tuple[str, tuple[int, ...], memoryview] | None] = []
        self._nodes = 0
        offset = 0
        for entry in shapes:
            name, shape = _dtype_and_shape(entry)
            size = math.prod(shape) * _DTYPES[name].itemsize
            if size > len(data) - offset:
                raise WireError("a tensor is longer than the message")
            self._blobs.append((name, shape, data[offset : offset + size]))
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
        if node == ["none"]:
            return None
        if len(node) != 2:
            raise WireError("a node of the wrong length")
        return self._body(node[0], node[1], depth)

    def _body(self, tag: str, body: Any, depth: int) -> Any:
        if tag == "bool" and isinstance(body, bool):
            return body
        if (tag in _WHOLE or tag in _FLOATING) and isinstance(body, str):
            return _number(tag, body)
        if tag == "str" and isinstance(body, str):
            return body
        if tag == "opaque" and isinstance(body, str) and len(body) <= MAX_KIND and body.isprintable():
            return Opaque(body)
        if tag in ("tuple", "list") and isinstance(body, list):
            parts = [self.node(each, depth + 1) for each in body]
            return tuple(parts) if tag == "tuple" else parts
        if tag == "dict" and isinstance(body, list):
            return self._dict(body, depth)
        if tag in ("tensor", "ndarray", "bytes") and type(body) is int and 0 <= body < len(self._blobs):
            return self._data(tag, body)
        # the tag itself is not told: a reply has no words in what people read
        raise WireError("a node of an unknown kind or with another kind's content")

    def _dict(self, pairs: list[Any], depth: int) -> dict[Any, Any]:
        result: dict[Any, Any] = {}
        for pair in pairs:
            if not (isinstance(pair, list) and len(pair) == 2):
                raise WireError("a dict entry that is no pair")
            key = self.node(pair[0], depth + 1)
            if not _is_key(key) or key in result:
                raise WireError("a dict key that is neither text nor a small whole number, or stands twice")
            result[key] = self.node(pair[1], depth + 1)
        return result

    def _data(self, tag: str, index: int) -> Any:
        blob = self._blobs[index]
        if blob is None:
            raise WireError("two nodes name one tensor")
        self._blobs[index] = None
        name, shape, data = blob
        if tag == "bytes":
            if name != "uint8" or len(shape) != 1:
                raise WireError("bytes of a dtype or shape")
            return bytes(data)
        if tag == "ndarray" and name == "bfloat16":
            raise WireError("NumPy has no bfloat16")
        tensor = _tensor(_DTYPES[name], shape, data)
        return tensor if tag == "tensor" else tensor.numpy()


def _tensor(dtype: torch.dtype, shape: tuple[int, ...], data: memoryview) -> torch.Tensor:
    if not data:
        return torch.empty(shape, dtype=dtype)
    if dtype is torch.bool:
        # a byte that is neither 0 nor 1 is undefined behaviour in a bool tensor
        return torch.frombuffer(bytearray(data), dtype=torch.uint8).ne(0).reshape(shape)
    return torch.frombuffer(bytearray(data), dtype=dtype).reshape(shape)


def _dtype_and_shape(entry: Any) -> tuple[str, tuple[int, ...]]:
    if not (isinstance(entry, list) and len(entry) == 2 and isinstance(entry[1], list)):
        raise WireError("a tensor without dtype and shape")
    name, shape = entry
    if not isinstance(name, str) or name not in _DTYPES:
        raise WireError("a tensor of a dtype that does not travel")
    if not _is_shape(shape):
        raise WireError("a tensor of an impossible shape")
    return name, tuple(shape)


def _rounded(kind: Callable[[float], object]) -> Callable[[float], object]:
    """Makes numbers of a narrow type without NumPy's warning that one is beyond it: the spelling tells."""

    def make(value: float) -> object:
        with np.errstate(all="ignore"):
            return kind(value)

    return make


_WHOLE: dict[str, Callable[[int], object]] = {"int": int, "npint": np.int64}
_FLOATING: dict[str, Callable[[float], object]] = {
    "float": float,
    "npfloat": np.float64,
    "npfloat32": _rounded(np.float32),
    "npfloat16": _rounded(np.float16),
}


def _number(tag: str, text: str) -> object:
    if len(text.removeprefix("-")) > MAX_INT_DIGITS:
        raise WireError("a number of too many digits")
    try:
        value = _WHOLE[tag](int(text)) if tag in _WHOLE else _FLOATING[tag](float.fromhex(text))
    except (ValueError, OverflowError) as error:
        raise WireError("a number that cannot be read") from error
    # other digits, underscores, blanks, and what the type rounds: all that a lenient reader would take
    if _spelt(value) != text:
        raise WireError("a number in another spelling than the writer's")
    return value


def _refuse(_given: object) -> object:
    raise WireError("a tree holds no JSON objects, no fractions and no other words for numbers")


def _size(digits: str) -> int:
    if len(digits) > len(str(MAX_SIZE)):
        raise WireError("a size of too many digits")
    return int(digits)


_JSON = json.JSONDecoder(
    parse_float=_refuse, parse_int=_size, parse_constant=_refuse, object_pairs_hook=_refuse, strict=True
)


def _parse(tree: bytes | bytearray) -> Any:
    try:
        return _JSON.decode(tree.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError) as error:
        raise WireError("the tree is no strict JSON") from error
