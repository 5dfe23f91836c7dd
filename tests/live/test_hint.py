"""`hint`: a ladder of two steps."""

from __future__ import annotations

import pytest

from grader import course, hint
from grader.live import CheckError


def shown_by(name, capsys):
    assert hint(name) is None
    return " ".join(capsys.readouterr().out.split())


def test_hints_come_one_at_a_time_and_end(folder, capsys):
    about = course.exercise("softmax")
    steps = [about.nudge, about.explanation, "There is no further hint", "There is no further hint"]
    for step in steps:
        assert " ".join(step.split()) in shown_by("softmax", capsys)


def test_each_exercise_has_a_ladder_of_its_own(folder, capsys):
    shown_by("softmax", capsys)
    assert course.exercise("nll").nudge in shown_by("nll", capsys)


def test_an_unknown_name_is_refused(folder):
    with pytest.raises(CheckError, match="no exercise `softmaxx`"):
        hint("softmaxx")
