"""What travels between jail and judge arrives as it was, and nothing else arrives at all."""

from __future__ import annotations

import json
import struct

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.jail import wire

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(PLAIN)
def test_plain_data_arrives_as_it_was(value):
    arrived = wire.decode(wire.encode(value))
    assert arrived == value
    assert type(arrived) is type(value)


@pytest.mark.parametrize("name", sorted(wire._DTYPES))
@pytest.mark.parametrize("shape", [(), (0, 3), (2, 3), (1, 2, 1, 2)])
def test_tensors_arrive_with_dtype_shape_and_every_bit(name, shape):
    tensor = (torch.rand(shape) * 4).to(getattr(torch, name))
    arrived = wire.decode(wire.encode(tensor))
    assert arrived.dtype == tensor.dtype
    assert arrived.shape == tensor.shape
    assert torch.equal(arrived, tensor)


@pytest.mark.parametrize("special", [float("nan"), float("inf"), float("-inf"), -0.0])
def test_special_numbers_arrive_as_they_are(special):
    assert str(wire.decode(wire.encode(special))) == str(special)
    assert str(wire.decode(wire.encode(torch.tensor([special]))).item()) == str(special)


def test_arrays_stay_arrays():
    arrived = wire.decode(wire.encode(np.arange(6.0).reshape(2, 3)))
    assert isinstance(arrived, np.ndarray)
    assert arrived.tolist() == [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]


@pytest.mark.parametrize(
    ("dtype", "arrives_as"),
    [(">f8", "float64"), (">f4", "float32"), (">f2", "float16"), (np.longdouble, "float64")],
)
@pytest.mark.parametrize("shape", [(), (0, 3), (2, 3)])
def test_fractions_in_another_byte_order_and_long_doubles_arrive_as_common_ones(dtype, arrives_as, shape):
    array = np.full(shape, -1.5, dtype=dtype)
    arrived = wire.decode(wire.encode(array))
    assert (arrived.dtype, arrived.shape) == (np.dtype(arrives_as), shape)
    assert np.array_equal(arrived, array)


@pytest.mark.filterwarnings("error")
def test_long_doubles_that_float64_does_not_have_arrive_as_the_nearest_that_it_has():
    array = np.array([np.finfo(np.longdouble).max, np.nan, 1 + np.finfo(np.longdouble).eps])
    assert str(wire.decode(wire.encode(array)).tolist()) == "[inf, nan, 1.0]"


@pytest.mark.parametrize("dtype", [">i8", "uint32", "complex128", "O", "U3", "M8[s]"])
def test_arrays_of_other_dtypes_are_only_named(dtype):
    assert isinstance(wire.decode(wire.encode(np.zeros(2, dtype=dtype))), wire.Opaque)


def test_a_spread_array_of_absurd_size_is_refused_before_it_is_made():
    for dtype in (np.float64, np.longdouble, ">f4"):
        with pytest.raises(wire.WireError, match="too large"):
            wire.encode(np.broadcast_to(np.ones(1, dtype=dtype), 10**12))


def test_an_object_becomes_its_kind_in_words():
    assert wire.decode(wire.encode(object())) == wire.Opaque("builtins.object")


def test_an_expanded_tensor_of_absurd_size_is_refused_before_it_is_made():
    with pytest.raises(wire.WireError, match="too large"):
        wire.encode(torch.zeros(1).expand(10**12))


def test_a_list_that_holds_itself_is_refused():
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(wire.WireError, match="nested"):
        wire.encode(endless)


def message(tree: object, shapes: object = (), data: bytes = b"") -> bytes:
    header = json.dumps([tree, shapes]).encode()
    return struct.pack("<I", len(header)) + header + data


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"\xff\xff\xff\xff",
        message(["tensor", 0]),
        message(["tensor", 0], [["float32", [2**62]]]),
        message(["tensor", 0], [["float32", [0, 2**62]]]),
        message(["tensor", 0], [["float32", [-1]]]),
        message(["tensor", 0], [["object", [1]]], b"12345678"),
        message(["none"], [["float32", [1]]], b"1234"),
        message(["tensor", 0], [["float32", [1]]], b"12345"),
        message(["list", [["tensor", 0], ["tensor", 0]]], [["float32", [1]]], b"1234"),
        message(["tensor", 0], [["float32", [1] * 9]], b"1234"),
        message(["dict", [[["str", "a"], ["none"]], [["str", "a"], ["none"]]]]),
        message(["int", "1" * 5000]),
        message(["float", "nonsense"]),
        message(["pickle", "x"]),
        message({"a": 1}),
        struct.pack("<I", 3) + b"NaN",
        struct.pack("<I", 200000) + b"[" * 200000,
    ],
)
def test_a_broken_message_is_refused_and_nothing_else_happens(broken):
    with pytest.raises(wire.WireError):
        wire.decode(broken)


@given(st.binary(max_size=300))
def test_no_bytes_whatever_do_more_than_be_refused(noise):
    for attempt in (noise, message(["tensor", 0], [["float32", [2]]], b"12345678")[:-3] + noise):
        try:
            wire.decode(attempt)
        except wire.WireError:
            continue


def test_a_bool_tensor_holds_only_true_and_false_whatever_its_bytes_were():
    arrived = wire.decode(message(["tensor", 0], [["bool", [3]]], b"\x00\x07\xff"))
    assert arrived.view(torch.uint8).tolist() == [0, 1, 1]


def test_what_was_written_before_arrives_as_if_it_were_written_now():
    x, y = torch.arange(6.0).reshape(2, 3), [torch.tensor([True]), b"bytes", {"a": np.float32(0.5)}, None]
    parts = {"x": x, "y": y, "again": (y, x)}
    written = {name: wire.written(part) for name, part in parts.items()}
    assert wire.encode(written) == wire.encode(parts)


def test_what_becomes_of_a_value_after_it_was_written_changes_nothing():
    x = torch.zeros(2)
    written = wire.written([x])
    x += 1
    assert wire.decode(wire.encode((written,)))[0][0].tolist() == [0.0, 0.0]


def test_the_bounds_hold_for_what_was_written_before():
    deep: object = 0
    for _ in range(wire.MAX_DEPTH - 1):
        deep = [deep]
    assert wire.decode(wire.encode(wire.written(deep))) == deep
    with pytest.raises(wire.WireError, match="nested too deeply"):
        wire.encode([wire.written(deep)])
    many = wire.written([0] * (wire.MAX_NODES // 2))
    with pytest.raises(wire.WireError, match="too many parts"):
        wire.encode([many, many])
    large = wire.written(torch.zeros(wire.MAX_BYTES // 2 + 1, dtype=torch.uint8))
    with pytest.raises(wire.WireError, match="too large"):
        wire.encode([large, large])
    text = wire.written("a" * (wire.MAX_TREE_BYTES // 2 + 1))
    with pytest.raises(wire.WireError, match="too large"):
        wire.encode([text, text])
