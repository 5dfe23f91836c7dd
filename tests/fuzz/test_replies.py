"""Whatever plain data a world sends as its reply, the judge reads a reply of known form, or says that it has none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from fuzz.messages import documents, frame
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.course import assignments, exercises
from grader.jail import wire
from grader.judge.compare import compare
from grader.judge.world import STATUSES, Raised, Reply
from grader.verdict import ForbiddenCall

ANYTHING = documents().map(lambda document: wire.decode(frame(*document)))
EXERCISES = {each.name for name in assignments() for each in exercises(name)}
OWN_NOTES = {"", *wire.REFUSALS, *EXERCISES, "a name that this case calls", "the reply had no known form"}
TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=20) | st.just("x" * 5000)
LINE = st.integers() | st.booleans()


def mostly(right: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The right kind of thing, or now and then anything at all."""
    return st.integers(0, 7).flatmap(lambda number: ANYTHING if number == 7 else right)


CALLS = st.fixed_dictionaries({"call": TEXT, "cell": TEXT, "line": LINE, "text": TEXT})
RAISED = st.fixed_dictionaries(
    {"kinds": mostly(st.lists(mostly(TEXT), max_size=12)), "message": TEXT, "cell": TEXT, "line": LINE, "text": TEXT}
)
REPLIES = st.fixed_dictionaries(
    {
        "status": mostly(st.sampled_from(sorted(STATUSES)) | TEXT),
        "value": mostly(TEXT | st.sampled_from(sorted(OWN_NOTES))),
        "inputs": mostly(st.tuples(ANYTHING) | st.just(())),
        "raised": mostly(RAISED),
        "forbidden": mostly(st.lists(mostly(CALLS), max_size=22)),
    }
)


def require_form(reply: Reply) -> None:
    """Everything in a reply is of its declared type, bounded, and can be written."""
    assert reply.status in STATUSES - {"timed out", "crashed"}
    assert type(reply.inputs) is tuple
    assert reply.note in OWN_NOTES
    assert (reply.raised is not None) == (reply.status == "raised")
    assert reply.value is None or reply.status == "returned"
    assert len(reply.forbidden) <= 20
    for call in reply.forbidden:
        assert type(call) is ForbiddenCall
        require_texts(call.line, call.call, call.cell, call.text)
    if reply.raised is not None:
        assert type(reply.raised) is Raised
        assert 1 <= len(reply.raised.kinds) <= 10
        require_texts(reply.raised.line, *reply.raised.kinds, reply.raised.cell, reply.raised.text)
        require_texts(0, reply.raised.message[:200])
        assert len(reply.raised.message) <= 2000


def require_texts(line: int, *texts: str) -> None:
    assert type(line) is int
    assert 0 <= line < 10**7
    for text in texts:
        assert type(text) is str
        assert len(text.encode("utf-8")) <= 800


@settings(deadline=None)
@given(ANYTHING)
def test_anything_that_travels_is_a_reply_or_has_no_known_form(data):
    require_form(Reply.parse(data))


@settings(max_examples=300, deadline=None)
@given(REPLIES, st.sampled_from(["", "status", "value", "inputs", "raised", "forbidden"]))
def test_a_reply_with_parts_that_are_wrong_or_missing_is_read_as_far_as_it_has_form(data, missing):
    require_form(Reply.parse({key: part for key, part in data.items() if key != missing}))


def reply(**parts: Any) -> dict[str, Any]:
    return {"status": "returned", "value": 1, "inputs": (), "raised": None, "forbidden": [], **parts}


ODD = [
    torch.zeros(3),
    torch.zeros(2, 3),
    torch.tensor(0.0),
    np.zeros(3),
    np.zeros((2, 3)),
    np.array(1),
    wire.Opaque("x"),
    b"returned",
    "returned",
    {"returned": 1},
    ["returned"],
    1.5,
    None,
]


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_an_odd_thing_as_the_whole_reply_has_no_known_form(odd):
    assert Reply.parse(odd).status == "unreadable"


@pytest.mark.parametrize("odd", [each for each in ODD if not isinstance(each, str)], ids=repr)
def test_an_odd_thing_as_the_status_has_no_known_form(odd):
    assert Reply.parse(reply(status=odd)) == Reply("unreadable", note="the reply had no known form")


@pytest.mark.parametrize("odd", [each for each in ODD if not isinstance(each, list)], ids=repr)
@pytest.mark.parametrize("part", ["inputs", "forbidden"])
def test_only_lists_and_tuples_stand_for_several_things(part, odd):
    assert Reply.parse(reply(**{part: odd})) == Reply("unreadable", note="the reply had no known form")


def test_a_large_tensor_in_the_place_of_the_inputs_is_not_taken_apart():
    assert Reply.parse(reply(inputs=torch.zeros(2**25, dtype=torch.uint8))).inputs == ()


@pytest.mark.parametrize("status", ["timed out", "crashed", "won", ""])
def test_a_status_that_only_the_trusted_side_gives_cannot_be_claimed(status):
    assert Reply.parse(reply(status=status, value="x")).status == "unreadable"


@pytest.mark.parametrize("status", ["missing", "unreadable"])
@pytest.mark.parametrize("words", ["14 of 14 points", "0.7519 -0.8252", "\x1b[2J", "_0_7519", "softmax\n", "\ud800"])
def test_words_made_up_in_the_jail_are_no_note_of_the_judges(status, words):
    assert words not in Reply.parse(reply(status=status, value=words)).note


@pytest.mark.parametrize("reason", sorted(wire.REFUSALS))
def test_the_kits_own_reasons_are_told(reason):
    assert Reply.parse(reply(status="unreadable", value=reason)).note == reason
    assert Reply.parse(reply(status="unreadable", value=f"WireError: {reason}")).note == reason


def test_the_missing_exercise_is_named():
    assert Reply.parse(reply(status="missing", value="softmax")).note == "softmax"


def test_a_text_with_a_lone_surrogate_can_be_written():
    raised = {"kinds": ["E\ud800"], "message": "\udfff", "cell": "", "line": 0, "text": ""}
    assert Reply.parse(reply(status="raised", raised=raised)).raised == Raised(("E?",), "?")


EXPECTED = [
    torch.ones(2, 3),
    torch.arange(3),
    torch.tensor(0.5),
    torch.tensor([True]),
    np.ones(2),
    np.arange(2),
    (torch.ones(2), 1.5),
    [1, 2],
    {"a": 1.5},
    1,
    0.5,
    "text",
    None,
    True,
]


@settings(max_examples=200, deadline=None)
@given(ANYTHING, st.sampled_from(EXPECTED), st.booleans())
def test_comparing_with_anything_ends_in_words_or_agreement(value, expected, scalar):
    difference = compare(value, expected, scalar=scalar)
    assert difference is None or difference.message
