"""No bad value passes for a right one, and the first broken clause is the one that is told."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from grader.jail.wire import Opaque
from grader.judge.compare import Tolerance, compare, describe

RIGHT = torch.tensor([[0.1, 0.2, 0.7], [0.3, 0.3, 0.4]])


def test_an_equal_value_passes():
    assert compare(RIGHT.clone(), RIGHT) is None


def test_a_difference_within_the_tolerance_passes_and_one_beyond_does_not():
    assert compare(RIGHT * (1 + 5e-5), RIGHT) is None
    assert compare(RIGHT * (1 + 5e-4), RIGHT) is not None


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (None, "not a tensor"),
        (RIGHT.tolist(), "not a tensor"),
        (RIGHT.numpy(), "not a tensor"),
        (Opaque("liar"), "not a tensor"),
        (RIGHT[0], "has 1 axis, expected 2"),
        (RIGHT[:1], "size along axis `image`"),
        (RIGHT[:, :1], "size along axis `class`"),
        (torch.empty(0, 3), "size along axis `image`"),
        (RIGHT.double(), "dtype"),
        (RIGHT.half(), "dtype"),
        (torch.full_like(RIGHT, float("nan")), "nan or infinity"),
        (torch.full_like(RIGHT, float("inf")), "nan or infinity"),
        (RIGHT + 1e-3, "values differ"),
        (-RIGHT, "values differ"),
    ],
)
def test_a_bad_value_fails_in_its_first_broken_clause(wrong, message):
    difference = compare(wrong, RIGHT, axes=("image", "class"))
    assert difference is not None
    assert message in difference.message


def test_the_worst_element_is_told_by_its_axis_names():
    wrong = RIGHT.clone()
    wrong[1, 0], wrong[0, 2] = 0.31, 0.2
    difference = compare(wrong, RIGHT, axes=("image", "class"))
    assert difference is not None
    assert (difference.worst, difference.wrong) == ("[image=0, class=2]", "2 of 6 values")
    assert (difference.yours, difference.expected) == ("0.2", "0.7")


def test_one_nan_among_right_values_is_the_worst_of_them():
    wrong = RIGHT.clone()
    wrong[1, 1] = float("nan")
    difference = compare(wrong, RIGHT)
    assert difference is not None
    assert difference.worst == "[1, 1]"


def test_infinities_that_are_expected_must_be_there_with_their_sign():
    expected = torch.tensor([float("-inf"), 0.0])
    assert compare(expected.clone(), expected) is None
    assert compare(-expected, expected) is not None
    assert compare(torch.zeros(2), expected) is not None


@pytest.mark.parametrize(
    "number", [0.25, torch.tensor(0.25), np.float64(0.25), torch.tensor(0.25, dtype=torch.float64)]
)
def test_where_the_contract_says_so_a_number_and_a_0d_tensor_stand_for_each_other(number):
    assert compare(number, torch.tensor(0.25), scalar=True) is None
    assert compare(number, torch.tensor(0.26), scalar=True) is not None


@pytest.mark.parametrize("wrong", [True, None, "0.25", torch.tensor([0.25]), float("nan")])
def test_what_is_no_single_number_is_no_scalar(wrong):
    assert compare(wrong, 0.25, scalar=True) is not None


def test_without_that_a_python_number_is_no_tensor():
    assert compare(0.25, torch.tensor(0.25)) is not None


def test_a_list_may_stand_for_a_tuple_but_lengths_and_parts_must_agree():
    assert compare([1, RIGHT], (1, RIGHT)) is None
    assert compare([1], (1, RIGHT)) is not None
    assert "part 1" in compare((1, RIGHT + 1), (1, RIGHT)).message


def test_whole_numbers_and_truth_values_are_not_mixed_up():
    assert compare(1, True) is not None
    assert compare(torch.tensor([1]), torch.tensor([True])) is not None


def test_an_absolute_tolerance_may_differ_by_row():
    loose = torch.tensor([[1e-1], [0.0]])
    assert compare(RIGHT + torch.tensor([[0.05], [0.0]]), RIGHT, tolerance=Tolerance(absolute=loose)) is None
    assert compare(RIGHT + torch.tensor([[0.0], [0.05]]), RIGHT, tolerance=Tolerance(absolute=loose)) is not None


@pytest.mark.parametrize(
    ("value", "words"),
    [(RIGHT, "float32[2, 3]"), (None, "None"), ([1, 2], "a list of 2"), (0.5, "the float 0.5"), ("x", "a str")],
)
def test_values_are_described_by_kind_and_shape(value, words):
    assert describe(value) == words
