"""A drawing is shaded by its numbers, stands side by side as far as it fits, and marks what is wrong in words."""

from __future__ import annotations

import pytest
from panel_samples import MOVED, VALUES

from grader.panel.drawing import KEY, OFF, SHADES, figures_of, key_of
from grader.panel.text import drawing_lines
from grader.verdict import Grid, Plane


def grid(role, *rows):
    return Grid(role, role, (Plane(tuple(tuple(row.split()) for row in rows)),))


def shades(*grids):
    """Shades of every cell, by figure."""
    return [
        [cell.shade for table in figure.tables for row in table.rows for cell in row] for figure in figures_of(grids)
    ]


def test_numbers_that_only_move_have_one_shade_each_wherever_they_stand():
    first, second, third = shades(grid("input", "1 2 3000"), grid("expected", "3000 1"), grid("yours", "2 3000"))
    assert (first, second, third) == ([0, 3, 6], [6, 0], [3, 6])


def test_other_results_have_an_even_scale_of_their_own():
    first, second, third = shades(grid("input", "0 100"), grid("expected", "0.1 0.2 0.7"), grid("yours", "0.4 9 -9"))
    assert (first, second, third) == ([0, 6], [0, 1, 6], [3, 6, 0])


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "", "<b>"])
def test_what_is_no_finite_number_has_no_shade(text):
    cell = Grid("yours", "", (Plane(((text, "1"),)),))
    assert shades(grid("expected", "0 1"), cell)[1] == [None, SHADES - 1]


def test_truth_values_are_shaded_as_numbers():
    assert shades(grid("expected", "False True"))[0] == [0, SHADES - 1]


@pytest.mark.parametrize(("rows", "found"), [("5 5", [0, 0]), ("nan nan", [None, None])])
def test_a_scale_of_one_number_or_none_divides_by_nothing(rows, found):
    assert shades(grid("expected", rows))[0] == found


def test_a_mark_is_a_sign_that_its_key_explains():
    assert (key_of(VALUES), key_of(MOVED)) == (KEY, "")
    marked = [
        cell.text for table in list(figures_of(VALUES))[-1].tables for row in table.rows for cell in row if cell.is_off
    ]
    assert marked == [f"{OFF}1e+30", f"{OFF}nan", f"{OFF}-2"]


def test_plain_values_stand_one_under_the_other():
    assert [figure.titles for figure in figures_of(MOVED)][1] == ("index = 1", "rows = (0, 2)")


@pytest.mark.parametrize("width", [20, 40, 60, 90, 200])
def test_figures_stand_side_by_side_as_far_as_they_fit(width):
    lines = drawing_lines(VALUES, width)
    assert max(map(len, lines)) <= max(width, 24)
    assert sum(line.split() == ["input", "expected", "yours"] for line in lines) == (width >= 90)
    assert all(sum(word in line.split() for line in lines) == 1 for word in ("input", "expected", "yours"))


def test_no_drawing_has_no_lines():
    assert drawing_lines((), 90) == []
