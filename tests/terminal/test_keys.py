"""The keys in what a terminal sends at once."""

from __future__ import annotations

import pytest

from grader.watch.keys import DOWN, PAGE_DOWN, PAGE_UP, UP, keys_in


@pytest.mark.parametrize(
    ("sent", "keys"),
    [
        (b"n", ["n"]),
        (b"nL", ["n", "l"]),
        (b"\x1b[B" * 3, [DOWN] * 3),
        (b"\x1bOA\x1b[A\x1bOB", [UP, UP, DOWN]),
        (b"\x1b[6~\x1b[6~\x1b[5~", [PAGE_DOWN, PAGE_DOWN, PAGE_UP]),
        (b"h\x1b[Bq", ["h", DOWN, "q"]),
        ("é\x1b[A".encode(), ["é", UP]),
        (b"\n\t\xff", []),
    ],
)
def test_each_key_is_heard(sent, keys):
    assert list(keys_in(sent)) == keys


@pytest.mark.parametrize(
    "other",
    [b"\x1b", b"\x1b\x1b", b"\x1b[1;5A", b"\x1b[3~", b"\x1bOQ", b"\x1bOS", b"\x1bq", b"\x1b[200~", b"\x1b[", b"\x1bO"],
)
def test_no_part_of_another_key_is_taken_for_a_letter(other):
    assert list(keys_in(other)) == []
    assert list(keys_in(b"n" + other + b"\x1b[B")) == ["n", DOWN]
