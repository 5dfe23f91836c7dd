"""Whatever bytes arrive, the reader makes plain data of known kinds within its bounds of them, or refuses them."""

from __future__ import annotations

import struct
import tracemalloc
from typing import Any

import numpy as np
import pytest
import torch
from fuzz.messages import ITEM_SIZES, broken, documents, frame, is_plain, raw, same
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.jail import wire

THOROUGH = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def decoded(message: bytes) -> Any:
    """The value of a message, None when it was refused; any other exception or warning is a fault."""
    try:
        return wire.decode(message)
    except wire.WireError:
        return None


@THOROUGH
@given(broken())
def test_a_broken_message_is_refused_or_gives_plain_data_that_travels_on_unchanged(message):
    value = decoded(message)
    assert is_plain(value)
    assert same(wire.decode(wire.encode(value)), value)


@THOROUGH
@given(documents())
def test_a_well_formed_message_is_read_and_travels_on_unchanged(document):
    value = wire.decode(frame(*document))
    assert is_plain(value)
    assert same(wire.decode(wire.encode(value)), value)


@given(st.binary(max_size=200), st.binary(max_size=20))
def test_a_tree_of_any_bytes_is_refused_or_read(header, data):
    assert is_plain(decoded(raw(header, data)))
    assert is_plain(decoded(raw(b"[" + header + b",[]]", data)))


@pytest.mark.parametrize("text", ["1_0", "٣", "１２", " 1", "1\n", "+1", "01", "-0", "1.0", "0x10", "", "-", "1" * 41])
@pytest.mark.parametrize("tag", ["int", "npint"])
def test_a_whole_number_has_one_spelling(tag, text):
    assert decoded(frame([tag, text])) is None


@pytest.mark.parametrize(
    "text",
    ["1.5", "ff", "0x1p0", "0X1.0P+0", " inf", "Infinity", "-nan", "0x1.8p+0", "0x1_0.0p+0", "0x1p99999", "0x٣p+0"],
)
@pytest.mark.parametrize("tag", ["float", "npfloat", "npfloat32", "npfloat16"])
def test_a_fraction_has_one_spelling(tag, text):
    assert decoded(frame([tag, text])) is None


@pytest.mark.parametrize(("tag", "value"), [("npfloat32", 1e300), ("npfloat32", 0.1), ("npfloat16", 1e5)])
def test_a_number_that_its_type_would_round_is_refused_without_a_warning(tag, value):
    assert decoded(frame([tag, float.hex(value)])) is None


@pytest.mark.parametrize("shape", [[0] + [2**31 - 1] * 7, [2**31 - 1] * 3 + [0], [0, 2**27], [True], [1.0], [2**31]])
@pytest.mark.parametrize("tag", ["tensor", "ndarray"])
def test_an_empty_tensor_of_absurd_other_sizes_is_refused(tag, shape):
    assert decoded(frame([tag, 0], [["uint8", shape]])) is None


def test_an_empty_tensor_of_absurd_other_sizes_is_not_sent_either():
    with pytest.raises(wire.WireError, match="too large"):
        wire.encode(torch.zeros(1).expand(2**40, 0))


@pytest.mark.parametrize("name", sorted(ITEM_SIZES.keys() - {"uint8"}))
def test_bytes_are_bytes_and_no_array_of_something_else(name):
    assert decoded(frame(["bytes", 0], [[name, [1]]], bytes(ITEM_SIZES[name]))) is None


@pytest.mark.parametrize("key", [10**18, -(10**18), 2**61 - 1, 3 * (2**61 - 1)])
def test_a_whole_number_whose_hash_others_can_share_is_no_key(key):
    assert decoded(frame(["dict", [[["int", str(key)], ["none"]]]])) is None


def test_no_two_whole_numbers_that_are_keys_share_a_hash_but_minus_one_and_minus_two():
    keys = [0, 1, -1, -3, 10**18 - 1, -(10**18) + 1, 2**59, 2**59 + 1]
    assert all(wire._is_key(key) for key in keys)
    assert [hash(key) for key in keys if key != -1] == [key for key in keys if key != -1]


@pytest.mark.parametrize("key", [["none"], ["bool", True], ["float", "0x0.0p+0"], ["list", []], ["bytes", 0]])
def test_a_key_of_another_kind_is_refused(key):
    shapes = [["uint8", [0]]] if key[0] == "bytes" else []
    assert decoded(frame(["dict", [[key, ["none"]]]], shapes)) is None


@pytest.mark.parametrize("key", [None, True, 1.5, (1,), b"x", 10**18])
def test_a_dict_that_would_be_refused_is_not_sent(key):
    with pytest.raises(wire.WireError, match="key"):
        wire.encode({key: 1})


@pytest.mark.parametrize("kind", ["", "a\x1b[2J", "a\nb", "\u202egnp", "\ud800", "x" * 201, 7])
def test_an_opaque_text_is_printable_and_short(kind):
    value = decoded(frame(["opaque", kind]))
    assert value is None or value == wire.Opaque("")


def test_a_type_with_a_hostile_name_is_sent_without_its_hostility():
    kind = type("a\x1b[2J\n\u202e" + "x" * 500, (), {"__module__": "m"})
    arrived = wire.decode(wire.encode(kind())).kind
    assert arrived.isprintable()
    assert arrived.startswith("m.a?[2J??xxx")
    assert len(arrived) == 200


@pytest.mark.parametrize("tag", ["won 14 of 14 points", "0.7519 -0.8252", "\x1b[2J"])
@pytest.mark.parametrize("body", [[], ["x"], [1, 2]])
def test_a_refusal_says_no_word_of_the_message(tag, body):
    with pytest.raises(wire.WireError) as refused:
        wire.decode(frame([tag, *body]))
    assert tag not in str(refused.value)


@pytest.mark.parametrize(
    "header",
    [
        b'[["none"],[]] ,',
        b'\xef\xbb\xbf[["none"],[]]',
        b'[["bool",NaN],[]]',
        b'[["bool",1e999],[]]',
        b'[["tensor",' + b"1" * 5000 + b"],[]]",
        b'[["tensor",0],[["uint8",[1e0]]]]',
        b'[["list",{}],[]]',
        b'[["str","a\nb"],[]]',
        b'[["str","\xff"],[]]',
        b"[" * 100_000,
        b"[" * 20 + b"]" * 20,
        b'{"a":1}',
        b"[]",
        b"",
    ],
)
def test_a_tree_that_is_no_strict_json_is_refused(header):
    with pytest.raises(wire.WireError):
        wire.decode(raw(header, b"\0"))


def test_lone_surrogates_travel_as_they_are_and_pairs_of_them_are_not_joined():
    for text in ("\ud800", "\udfff\ud800", "\ud83d\ude00", "\U0001f600", "\x00\u2028"):
        assert wire.decode(wire.encode(text)) == text


@pytest.mark.parametrize(
    ("value", "arrived"),
    [
        (np.uint64(2**63), wire.Opaque("a whole number of too many digits")),
        (np.int64(-(2**63)), np.int64(-(2**63))),
        (-(10**40), wire.Opaque("a whole number of too many digits")),
        (np.float16(0.1), np.float16(0.1)),
        (np.longdouble(0.5), np.float64(0.5)),
        (np.complex64(1j), wire.Opaque("a complex number of NumPy")),
        (1j, wire.Opaque("builtins.complex")),
        (np.datetime64("2024-01-01"), wire.Opaque("numpy.datetime64")),
    ],
)
def test_every_number_travels_or_is_named(value, arrived):
    assert same(wire.decode(wire.encode(value)), arrived)


@pytest.mark.parametrize(
    "tensor",
    [
        torch.ones(2).to_sparse(),
        torch.ones(2, device="meta"),
        torch.ones(2, dtype=torch.complex64),
        torch.ones([1] * 9),
    ],
)
def test_a_tensor_that_is_no_plain_block_of_numbers_is_named(tensor):
    assert isinstance(wire.decode(wire.encode(tensor)), wire.Opaque)


def test_a_text_that_stands_many_times_in_a_value_is_refused_before_it_is_written():
    tracemalloc.start()
    with pytest.raises(wire.WireError, match="too large"):
        wire.encode(["x" * 10**6] * 300)  # 300 MB as a tree
    assert tracemalloc.get_traced_memory()[1] < 2 * 10**7
    tracemalloc.stop()


def _filled(start: bytes, part: bytes, end: bytes, size: int) -> bytes:
    return raw(start + part * (size // len(part)) + end)


@pytest.mark.parametrize(
    ("start", "part", "end"),
    [
        (b'[["list",[', b"[],", b"0]],[]]"),
        (b'[["list",[', b"[" * 900 + b"]" * 900 + b",", b"0]],[]]"),
        (b'[["list",[', b"[[[]]],", b"0]],[]]"),
        (b'[["list",[', b'"ab",', b"0]],[]]"),
        (b'[["list",[', b"1000000,", b"0]],[]]"),
        (b'[["list",[', b'["none"],', b'["none"]]],[]]'),
        (b'[["dict",[', b'[["str",""],["none"]],', b"0]],[]]"),
        ('[["str","\U0001f600'.encode(), b"a", b'"],[]]'),
        (b'[["str","', b"\\u0800", b'"],[]]'),
        (b'[["none"],[', b'["uint8",[0]],', b'["uint8",[0]]]]'),
    ],
)
def test_reading_takes_no_more_memory_than_is_stated(start, part, end):
    message = _filled(start, part, end, 300_000)
    tracemalloc.start()
    decoded(message)
    used = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert used <= wire.MEMORY_OF_TREE * len(message)


@pytest.mark.parametrize("tag", ["bytes", "ndarray"])
def test_the_data_behind_the_tree_is_copied_once(tag):
    message = frame([tag, 0], [["uint8", [10**6]]], bytes(10**6))
    tracemalloc.start()
    decoded(message)
    used = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert used <= wire.MEMORY_OF_DATA * len(message)


def test_a_message_at_its_bounds_is_read_and_one_beyond_is_not():
    parts = [["none"]] * (wire.MAX_NODES - 1)
    assert len(wire.decode(frame(["list", parts]))) == wire.MAX_NODES - 1
    assert decoded(frame(["list", [*parts, ["none"]]])) is None
    assert wire.decode(wire.encode(bytes(wire.MAX_BYTES - 100))) == bytes(wire.MAX_BYTES - 100)
    assert decoded(frame(["bytes", 0], [["uint8", [wire.MAX_BYTES]]], bytes(wire.MAX_BYTES))) is None
    assert decoded(struct.pack("<I", wire.MAX_TREE_BYTES + 1) + bytes(wire.MAX_TREE_BYTES + 1)) is None
