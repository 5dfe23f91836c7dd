"""Arrays as pictures: which tables, which numbers, which names."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from grader import pictures


@pytest.fixture(autouse=True)
def _no_figure_stays_open():
    yield
    plt.close("all")


def words(figure) -> list[str]:
    """The names, shapes and indices that stand in the figure."""
    return [text.get_text() for text in figure.texts]


def numbers(axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def test_each_array_has_its_name_its_shape_and_its_numbers():
    figure = pictures.grid(inputs=torch.tensor([[1.0, 2.5], [3.0, 4.0]]), expected=np.array([7, 8, 9]), yours=3)
    assert words(figure) == ["inputs", "shape (2, 2)", "expected", "shape (3,)", "yours", "shape ()"]
    assert [numbers(axes) for axes in figure.axes] == [["1", "2.5", "3", "4"], ["7", "8", "9"], ["3"]]


def test_an_array_of_rank_3_is_a_stack_of_tables_from_top_to_bottom():
    figure = pictures.grid(stack=torch.arange(12.0).reshape(2, 3, 2))
    assert words(figure) == ["stack", "shape (2, 3, 2)", "[0]", "[1]"]
    assert numbers(figure.axes[1]) == ["6", "7", "8", "9", "10", "11"]
    assert figure.axes[0].get_position().y0 > figure.axes[1].get_position().y1


def test_what_is_not_there_yet_says_so():
    figure = pictures.grid(inputs=[1, 2], yours=None)
    assert words(figure)[-2:] == ["yours", "not there yet"]
    assert len(figure.axes) == 1


def test_equal_numbers_have_equal_colours_everywhere():
    figure = pictures.grid(a=[0, 5], b=[5, 10])
    first, second = (axes.images[0].get_array() for axes in figure.axes)
    assert first[0, 1] == second[0, 0]
    assert first[0, 0] != second[0, 1]


def test_gradients_infinities_and_one_number_alone_do_no_harm():
    weight = torch.nn.Parameter(torch.tensor([[float("nan"), float("inf"), 1.0]]))
    assert numbers(pictures.grid(weight=weight).axes[0]) == ["nan", "inf", "1"]


@pytest.mark.parametrize(
    ("array", "sentence"),
    [
        (torch.zeros(2, 2, 2, 2), "`big` has 4 axes; a grid shows at most 3"),
        (np.zeros((28, 28)), "`big` holds 784 numbers; a grid shows at most 400"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(array, sentence):
    with pytest.raises(ValueError, match=sentence):
        pictures.grid(big=array)
