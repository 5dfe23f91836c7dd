"""`hint`: a ladder of a nudge, an explanation, and after full points the course's own answer."""

from __future__ import annotations

import pytest
from live_suite import AXIS_0, RIGHT

from grader import check, course, hint, hints
from grader.hints import Hint, step
from grader.live import CheckError

SOFTMAX = course.exercise("softmax")
REFERENCE = '"""Answers."""\nimport torch\n\n\ndef softmax(x):\n    """Words."""\n    return torch.exp(x)\n'
SHOWN = "import torch\n\ndef softmax(x):\n    return torch.exp(x)"


def shown_by(name, capsys):
    assert hint(name) is None
    return " ".join(capsys.readouterr().out.split())


@pytest.fixture
def solution(tmp_path):
    path = tmp_path / "04_softmax.py"
    path.write_text(REFERENCE)
    return path


@pytest.fixture
def in_a_course(folder):
    """The folder belongs to a course that has its solutions at hand."""
    (folder / "nbgrader_config.py").write_text("")
    (folder / "solutions").mkdir()
    (folder / "solutions" / "04_softmax.py").write_text(REFERENCE)


@pytest.mark.parametrize("passed", [True, False])
@pytest.mark.parametrize(("shown", "words"), [(0, SOFTMAX.nudge), (1, SOFTMAX.explanation)])
def test_the_ladder_starts_with_the_index(passed, shown, words, solution):
    assert step(SOFTMAX, shown, passed=passed, solution=solution) == Hint(words)


@pytest.mark.parametrize("shown", [2, 3, 99])
def test_full_points_show_the_reference_where_it_is_at_hand(shown, solution):
    assert step(SOFTMAX, shown, passed=True, solution=solution) == Hint(hints.COMPARE, SHOWN, last=True)
    assert step(SOFTMAX, shown, passed=False, solution=solution) == Hint(hints.POINTS_FIRST, last=True)


@pytest.mark.parametrize("text", [None, "", "def softmax(", "x = 1\0", "\udcff", "def nll(): ..."])
def test_a_reference_that_is_not_there_or_damaged_is_said_not_to_be_there(text, solution):
    solution.unlink() if text is None else solution.write_bytes(text.encode("utf-8", "surrogateescape"))
    for path in (solution, None):
        assert step(SOFTMAX, 2, passed=True, solution=path) == Hint(hints.KEPT, last=True)
        assert step(SOFTMAX, 2, passed=False, solution=path) == Hint(hints.NO_MORE, last=True)


@pytest.mark.parametrize("about", [each for name in course.assignments() for each in course.exercises(name)])
def test_every_explanation_has_80_to_160_words(about):
    assert 80 <= len(about.explanation.split()) <= 160
    assert 5 <= len(about.nudge.split()) <= 40


def test_hints_come_one_at_a_time_and_end(folder, capsys):
    for words in [SOFTMAX.nudge, SOFTMAX.explanation, hints.NO_MORE, hints.NO_MORE]:
        assert " ".join(words.split()) in shown_by("softmax", capsys)


def test_each_exercise_has_a_ladder_of_its_own(folder, capsys):
    shown_by("softmax", capsys)
    assert course.exercise("nll").nudge in shown_by("nll", capsys)


def test_before_full_points_the_reference_is_promised_and_not_shown(in_a_course, capsys):
    texts = [shown_by("softmax", capsys) for _ in range(3)]
    assert hints.POINTS_FIRST in texts[-1]
    assert "torch.exp" not in "".join(texts)


def test_after_full_points_the_reference_is_the_next_hint(in_a_course, answer, capsys):
    check("softmax", answer(RIGHT))
    assert '`hint("softmax")` shows the course\'s own answer' in capsys.readouterr().out
    assert "return torch.exp(x)" in shown_by("softmax", capsys)
    check("softmax", answer(AXIS_0))
    capsys.readouterr()
    assert "torch.exp" not in shown_by("softmax", capsys)


def test_after_full_points_without_a_reference_the_ladder_goes_on(folder, answer, capsys):
    check("softmax", answer(RIGHT))
    assert "hint(" not in capsys.readouterr().out
    assert SOFTMAX.nudge in shown_by("softmax", capsys)


def test_an_unknown_name_is_refused(folder):
    with pytest.raises(CheckError, match="no exercise `softmaxx`"):
        hint("softmaxx")
