"""A verdict on terminals of all kinds: whole screens, held equal to golden files."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from screen_files import drawn, hold
from screen_samples import HOSTILE_ONE, MIXED, PLACE, VERDICTS

from grader import signs
from grader.learner.shown import Shown, draws, in_panels, in_text

WIDTHS = {"wide": 100, "narrow": 44}


@pytest.mark.parametrize("name", sorted(VERDICTS))
@pytest.mark.parametrize("width", sorted(WIDTHS))
def test_a_verdict_fits_its_terminal(name, width):
    shown = drawn(in_panels(*VERDICTS[name], WIDTHS[width]), WIDTHS[width])
    assert max(map(len, shown.split("\n"))) <= WIDTHS[width]
    hold(f"{name}.{width}", shown)


@pytest.mark.parametrize("name", sorted(VERDICTS))
def test_a_pipe_gets_plain_lines(name):
    hold(f"{name}.pipe", in_text(*VERDICTS[name]) + "\n")


def test_a_terminal_without_unicode_gets_boxes_of_ascii():
    hold("mixed.ascii", drawn(in_panels(MIXED, PLACE, 80), 80, encoding="ascii"))


def test_the_kit_s_signs_have_stand_ins_of_the_same_width_and_names_stay_readable():
    signs.register()
    assert "✓ · ★☆ … Ж".encode("ascii", signs.NAME) == rb"+ - *. . \u0416"
    assert "Grüße ✓".encode("latin-1", signs.NAME) == "Grüße +".encode("latin-1")


@pytest.mark.parametrize("shown", [in_text(HOSTILE_ONE, PLACE), drawn(in_panels(HOSTILE_ONE, PLACE, 100), 100)])
def test_nothing_of_a_student_s_moves_the_cursor(shown):
    assert not set("\x1b\x07\u202e") & set(shown)


def test_a_pipe_is_no_terminal_whatever_the_environment_says(monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    console = Console(file=io.StringIO())
    Shown(console).show(MIXED)
    assert not draws(console)
    assert console.file.getvalue().startswith("04_softmax: 3.5 of 8 points\nsoftmax  ")
