"""Questions are put once; answers of chance are recognised by what they have in common; numbers, and what is none."""

from __future__ import annotations

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import pytest
import torch

from grader.course import exercise
from grader.jail import wire
from grader.judge.answer import Answer, CaseFailedError
from grader.judge.compare import Tolerance, compare
from grader.judge.known import same_reply
from grader.judge.world import LocalWorld


class CountingWorld(LocalWorld):
    def __init__(self, answer) -> None:
        super().__init__({"softmax": answer}, lambda file: True)
        self.calls = 0
        self.seconds: list[float | None] = []

    def call(self, probe, payload, forbidden, *, seconds=None):
        self.calls += 1
        self.seconds.append(seconds)
        return super().call(probe, payload, (), seconds=seconds)


def drawing(m, seed):
    torch.manual_seed(seed)
    return m.softmax(3)


def test_the_same_question_is_put_once():
    world = CountingWorld(torch.randn)
    answer = Answer(exercise("softmax"), world)
    first, again, other = (answer.value(drawing, seed) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert (world.calls, len(answer.asked)) == (2, 2)


def test_the_exercises_time_limit_reaches_the_world():
    world = CountingWorld(torch.randn)
    about = exercise("train_digits")
    Answer(about, world).value(drawing, 1)
    assert world.seconds == [about.seconds]
    assert about.seconds > 60


def asked_of(function, essence):
    answer = Answer(exercise("softmax"), CountingWorld(function))
    answer.value(drawing, 1, essence=essence)
    return answer.asked[0]


def shape_only(value):
    return list(value.shape)


@pytest.mark.parametrize(
    ("other", "essence", "alike"),
    [
        (torch.rand, shape_only, True),
        (torch.rand, None, False),
        (lambda n: torch.rand(n, 2), shape_only, False),
        (lambda n: "no tensor", shape_only, False),
    ],
)
def test_answers_of_chance_are_alike_in_their_essence(other, essence, alike):
    asked = asked_of(torch.randn, essence)
    assert same_reply(asked.reply, asked_of(other, essence).reply, asked) is alike


def test_what_counts_of_a_reply_is_worked_out_once():
    seen = []

    def counting():
        return lambda value: seen.append(value) or list(value.shape)

    one, other = (asked_of(torch.randn, counting()) for _ in range(2))
    assert same_reply(one.reply, other.reply, one)
    assert same_reply(one.reply, other.reply, other)
    assert seen == [one.reply.value, other.reply.value]


def test_a_call_may_be_written_in_words_of_the_suite():
    answer = Answer(exercise("softmax"), CountingWorld(lambda x: x))
    with pytest.raises(CaseFailedError) as failed:
        answer.gives(lambda m, x: m.softmax(x), torch.ones(2), expected=torch.zeros(2), call="net(x)")
    assert failed.value.finding.call == "net(x)  with x float32[2]"


def test_a_property_that_does_not_hold_says_what_it_found():
    with pytest.raises(CaseFailedError) as failed:
        Answer(exercise("softmax"), CountingWorld(len)).holds(False, "No.", yours="1", expected="2", mistake="some")
    found = failed.value.finding
    assert (found.message, found.yours, found.expected, failed.value.mistake) == ("No.", "1", "2", "some")


@pytest.mark.parametrize(
    ("yours", "expected", "equal"),
    [
        (np.ones(2, np.float32), np.ones(2), True),
        (np.ones(2, np.float32) * (1 + 5e-5), np.ones(2), True),
        (np.ones(2, np.float64) * (1 + 5e-5), np.ones(2), False),
        (np.ones(2, np.int64), np.ones(2), False),
        (torch.ones(2, dtype=torch.float64), torch.ones(2), True),
    ],
)
def test_any_floating_dtype_will_do_where_the_suite_says_so(yours, expected, equal):
    assert (compare(yours, expected, tolerance=Tolerance(any_float=True)) is None) is equal


@pytest.mark.parametrize(
    ("yours", "expected", "equal"),
    [
        (torch.ones(1), torch.ones(1), True),
        ("0.5", "0.5", True),
        (torch.ones(2), torch.ones(1), False),
        (0.5, "0.5", False),
        ("0.5", 0.5, False),
        (True, 1.0, False),
        (torch.tensor(0.5), 0.5, True),
    ],
)
def test_what_is_no_number_can_be_recognised_where_a_number_was_asked(yours, expected, equal):
    assert (compare(yours, expected, scalar=True) is None) is equal


@pytest.mark.parametrize(
    "make",
    [
        lambda: torch.arange(5.0).reshape(1, 5)[:, 0],
        lambda: torch.arange(6.0).reshape(2, 3).T,
        lambda: torch.ones(1, 1, 3).expand(2, 4, 3)[..., 1],
        lambda: torch.arange(4.0, dtype=torch.float64)[::2],
        lambda: torch.ones(3, dtype=torch.bfloat16)[1:2],
        lambda: torch.zeros(0, 3).T,
    ],
)
def test_tensors_of_any_strides_travel(make):
    tensor = make()
    assert torch.equal(wire.decode(wire.encode(tensor)), tensor)


@pytest.mark.parametrize("shape", [(3,), (4, 5, 2), (3, 4), ()])
def test_answers_alike_in_an_unexpected_shape_are_compared_all_the_same(shape):
    tolerance = Tolerance(absolute=torch.full((3, 1), 1e-3))
    yours = torch.ones(shape)
    assert compare(yours, yours + 5e-4, tolerance=tolerance) is None
    assert compare(yours, yours + 5e-3, tolerance=tolerance) is not None


def test_named_tuples_and_numpys_floats_are_what_they_derive_from():
    pair = NamedTuple("Pair", [("a", float), ("b", float)])(0.5, np.float64(1.5))
    found = wire.decode(wire.encode(pair))
    assert type(found) is tuple
    assert compare(found, (0.5, 1.5)) is None
    assert compare(found, (0.5, np.float32(1.5))) is not None
    assert compare((np.float32(0.5), 1.5), (0.5, 1.5)) is not None


def test_a_probe_gets_the_modules_that_it_names():
    found = LocalWorld(vars(SimpleNamespace(path="x")), lambda file: False)
    answer = Answer(exercise("softmax"), found)
    value = answer.value(lambda m: [pathlib.Path("a").name, tempfile.gettempdir() != "", plt.__name__])  # noqa: F821
    assert value == ["a", True, "matplotlib.pyplot"]
