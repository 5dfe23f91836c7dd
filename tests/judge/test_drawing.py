"""A wrong result is drawn when it is small, public and different, and never otherwise."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from grader import course
from grader.judge.answer import Answer, CaseFailedError
from grader.judge.world import LocalWorld
from grader.verdict import CaseVerdict, ExerciseVerdict, Finding, Outcome, Verdict, verdict_from_json

X = torch.tensor([[0.0, 1.0, 2.0], [10.0, 11.0, 12.0]])
CELLS = (("0", "1", "2"), ("10", "11", "12"))


def world(result):
    return LocalWorld({"bgr_to_rgb": lambda *inputs: result}, lambda file: False)


def drawing(yours, expected, *inputs, reference=None, **how):
    """The drawing of a failure of `bgr_to_rgb`, which gives `yours` where `expected` is right."""
    answer = Answer(course.exercise("bgr_to_rgb"), world(yours), reference)
    with pytest.raises(CaseFailedError) as failed:
        answer.gives(lambda m, *given: m.bgr_to_rgb(*given), *inputs, expected=expected, **how)
    return failed.value.finding.drawing


def named(yours, expected, x, rows, **how):
    answer = Answer(course.exercise("bgr_to_rgb"), world(yours))
    with pytest.raises(CaseFailedError) as failed:
        answer.gives(lambda m, x, rows: m.bgr_to_rgb(x), x, rows, expected=expected, **how)
    return failed.value.finding.drawing


def test_input_expected_and_yours_are_drawn_with_what_differs():
    x, rows, expected, yours = named(X + 1, X, X, (0, 2))
    assert [grid.role for grid in (x, rows, expected, yours)] == ["input", "input", "expected", "yours"]
    assert (x.title, rows.title, rows.planes) == ("x float32[2, 3]", "rows = (0, 2)", ())
    assert (expected.planes[0].cells, expected.planes[0].wrong) == (CELLS, ())
    assert yours.planes[0].wrong == tuple((row, column) for row in (0, 1) for column in (0, 1, 2))


def test_only_values_beyond_the_tolerance_are_marked():
    yours = X.clone()
    yours[0, 1] += 1e-5
    yours[1, 2] = torch.nan
    assert drawing(yours, X)[-1].planes[0].wrong == ((1, 2),)


def test_higher_axes_become_tables_with_their_names():
    stack = torch.arange(24.0).reshape(2, 4, 3)
    expected, yours = drawing(stack + 1, stack)
    assert [plane.place for plane in expected.planes] == ["[row=0]", "[row=1]"]
    assert [plane.place for plane in yours.planes] == ["[row=0]", "[row=1]"]
    assert [len(plane.wrong) for plane in yours.planes] == [12, 12]


def test_a_result_of_another_shape_is_drawn_without_names_and_marks():
    (_, yours) = drawing(torch.arange(24.0).reshape(4, 2, 3), torch.arange(24.0).reshape(2, 4, 3))
    assert [plane.place for plane in yours.planes] == ["[0]", "[1]", "[2]", "[3]"]
    assert not any(plane.wrong for plane in yours.planes)


@pytest.mark.parametrize(
    ("shape", "tables", "crop"),
    [((9, 3), [(8, 3)], "24 of 27 values"), ((5, 8, 8), [(8, 8)], "64 of 320 values"), ((5, 2), [(5, 2)], "")],
)
def test_what_is_large_is_cropped_and_says_so(shape, tables, crop):
    (_, yours) = drawing(torch.zeros(shape), X)
    assert [(len(plane.cells), len(plane.cells[0])) for plane in yours.planes] == tables
    assert yours.crop == crop


def test_a_vector_is_one_row():
    assert drawing(torch.tensor([1, 5]), torch.tensor([1, 2]))[-1].planes[0].cells == (("1", "5"),)


def test_of_a_tuple_the_part_that_differs_is_drawn():
    assert drawing((X, X + 1), (X, X))[0].planes[0].cells == CELLS
    assert drawing((X, X + 1), (X, X))[1].planes[0].wrong


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int64", "float16", "float32", "float64"])
def test_arrays_of_every_kind_are_drawn(dtype):
    right = np.array([[1, 0]]).astype(dtype)
    assert drawing(right[:, ::-1].copy(), right)[-1].title == f"array {dtype}[1, 2]"


@pytest.mark.parametrize(
    ("number", "text"),
    [(0.123456, "0.1235"), (1200.0, "1200"), (-0.0, "0"), (3e9, "3e+09"), (torch.inf, "inf"), (torch.nan, "nan")],
)
def test_numbers_have_four_digits_and_whole_ones_all(number, text):
    assert drawing(torch.tensor([number]), torch.tensor([7.0]))[-1].planes[0].cells == ((text,),)


@pytest.mark.parametrize(
    ("yours", "expected"),
    [
        (3, 2),
        (None, X),
        (X.numpy(), X),
        (X.double(), X),
        (torch.tensor(1.0), torch.tensor(2.0)),
        (torch.zeros(17, 16), torch.ones(17, 16)),
        (torch.zeros(0, 3), torch.zeros(0, 4)),
        (X.to(torch.complex64), X.to(torch.complex64) + 1),
        ([X], [X, X]),
    ],
)
def test_what_makes_no_picture_is_not_drawn(yours, expected):
    assert drawing(yours, expected) == ()


def test_a_hidden_case_draws_nothing():
    assert drawing(X + 1, X, X) != ()
    assert drawing(X + 1, X, X, reference=world(X)) == ()


def test_a_changed_input_is_not_drawn():
    answer = Answer(course.exercise("bgr_to_rgb"), LocalWorld({"bgr_to_rgb": lambda x: x.add_(1)}, lambda file: False))
    with pytest.raises(CaseFailedError, match="changed its input") as failed:
        answer.gives(lambda m, x: m.bgr_to_rgb(x), X, expected=X + 1, unchanged=True)
    assert failed.value.finding.drawing == ()


def verdict(*grids):
    finding = Finding(Outcome.WRONG, "The values differ.", drawing=grids)
    case = CaseVerdict("test_x", "A sentence.", Outcome.WRONG, finding=finding)
    return Verdict("01_tensors", "ada", (ExerciseVerdict("bgr_to_rgb", 0.0, 2.0, Outcome.WRONG, (case,)),))


def test_a_drawing_survives_the_json():
    drawn = verdict(*named(X + 1, X, X, (0, 2)))
    assert verdict_from_json(json.loads(json.dumps(drawn.to_json()))) == drawn


def test_json_from_before_there_were_drawings_is_still_read():
    data = json.loads(json.dumps(verdict().to_json()))
    del data["exercises"][0]["cases"][0]["finding"]["drawing"]
    assert verdict_from_json(data) == verdict()
