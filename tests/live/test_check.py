"""`check`, outside IPython: what it shows and what it gives."""

from __future__ import annotations

import json

import pytest
import torch
from live_suite import AXIS_0, NO_SHIFT, RAISES, READY_MADE, RIGHT, SUITE, UNTOUCHED, WARNS

from grader import check
from grader.live import CheckError
from grader.panel.rows import IN_NO_CELL

EXPLANATION = "Your values match a softmax taken over axis 0."


@pytest.mark.parametrize(
    ("source", "points", "head"),
    [
        (RIGHT, 4.0, "softmax: passed · 4 of 4 points · 2 of 2 cases pass"),
        (NO_SHIFT, 2.0, "softmax: wrong · 2 of 4 points · 1 of 2 cases pass"),
        (RAISES, 0.0, "softmax: crashed · 0 of 4 points · 0 of 2 cases pass"),
        (UNTOUCHED, 0.0, "softmax: not attempted · 0 of 4 points"),
        (READY_MADE, 0.0, "softmax: forbidden · 0 of 4 points"),
    ],
)
def test_an_answer_gets_its_points_and_its_word(answer, capsys, source, points, head):
    found = check("softmax", answer(source))
    assert type(found) is float
    assert found == points
    assert capsys.readouterr().out.splitlines()[0] == head


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (NO_SHIFT, "wrong     6 of 6 values. The result holds nan or infinity."),
        (RAISES, "line      answers.py line 2: return x[7]"),
        (READY_MADE, "line      answers.py line 2: return torch.softmax(x, -1)"),
        (RAISES, "called    softmax(x)  with x float32[2, 3]"),
    ],
)
def test_the_finding_is_shown_in_full(answer, capsys, source, line):
    check("softmax", answer(source))
    assert line in capsys.readouterr().out.splitlines()


def test_a_small_wrong_result_is_drawn(answer, capsys):
    check("softmax", answer(AXIS_0))
    lines = capsys.readouterr().out.splitlines()
    top = lines.index("picture   ≠ marks each value that is not as expected.")
    assert lines[top + 1].split() == ["input", "expected", "yours"]
    numbers = ["1", "2", "4", "0.04201", "0.1142", "0.8438", "≠0.6225", "≠0.9526", "≠0.982"]
    assert lines[top + 3].split() == numbers


def test_a_forbidden_call_in_code_made_from_text_is_seen_and_said_to_be_in_no_cell(folder, capsys):
    made = {"torch": torch}
    exec("def softmax(x):\n    return torch.softmax(x, -1)", made)
    assert check("softmax", made["softmax"]) == 0.0
    shown = capsys.readouterr().out
    assert "forbidden torch.softmax" in shown
    assert IN_NO_CELL in " ".join(shown.split())


def test_the_line_of_a_class_is_the_authors_too(answer, capsys):
    check("softmax", answer("class softmax:\n    def __init__(self, x):\n        raise ValueError('no')\n"))
    assert "line      answers.py line 3: raise ValueError('no')" in capsys.readouterr().out


@pytest.mark.parametrize("thing", [None, 3, "softmax", object()])
def test_what_is_no_function_is_shown_and_not_raised(folder, capsys, thing):
    assert check("softmax", thing) == 0.0
    assert "not callable" in capsys.readouterr().out


def test_the_suites_own_fault_is_not_the_students(folder, capsys):
    assert check("log_softmax", lambda x: x) == 0.0
    assert "could not check" in capsys.readouterr().out


def test_what_an_answer_writes_to_stderr_is_shown_elsewhere(answer, capsys):
    assert check("softmax", answer(WARNS)) == 4.0
    shown = capsys.readouterr()
    assert (shown.err, "careful" in shown.out) == ("", True)


def test_an_interrupt_ends_the_check(folder):
    def softmax(x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check("softmax", softmax)


def test_a_changed_suite_is_read_anew(folder, answer, capsys):
    check("softmax", answer(AXIS_0))
    (folder / "test_visible.py").write_text(SUITE.replace("own probabilities", "own shares !!!!!!"))
    check("softmax", answer(AXIS_0))
    assert capsys.readouterr().out.count("its own shares !!!!!!") == 1


def test_the_suite_is_found_from_the_folder_above(folder, answer, monkeypatch):
    (folder / "04_softmax").mkdir()
    (folder / "test_visible.py").rename(folder / "04_softmax" / "test_visible.py")
    assert check("softmax", answer(RIGHT)) == 4.0


@pytest.mark.parametrize(
    "explanations", [{"softmax": {"softmax_over_axis_0": EXPLANATION}}, {"softmax": {}}, {}, [], {"softmax": []}]
)
def test_a_mistake_is_explained_where_the_released_file_does(folder, answer, capsys, explanations):
    (folder / "explanations.json").write_text(json.dumps(explanations))
    assert check("softmax", answer(AXIS_0)) == 0.0
    assert (EXPLANATION in capsys.readouterr().out) == (EXPLANATION in str(explanations))


def test_a_mistake_is_explained_by_the_courses_own_file(folder, answer, capsys):
    mistakes = folder / "solutions" / "mistakes" / "04_softmax.py"
    mistakes.parent.mkdir(parents=True)
    source = f'raise SystemExit\n\n@stands_for("softmax")\ndef softmax_over_axis_0(x):\n    """{EXPLANATION}"""\n'
    mistakes.write_text(source)
    check("softmax", answer(AXIS_0))
    assert f"hint      {EXPLANATION}" in capsys.readouterr().out


def test_an_answer_that_is_wrong_in_its_own_way_gets_no_hint(folder, answer, capsys):
    (folder / "explanations.json").write_text(json.dumps({"softmax": {"softmax_over_axis_0": EXPLANATION}}))
    check("softmax", answer(NO_SHIFT))
    assert "\nhint" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "words"),
    [("sofmax", "did you mean `softmax`"), ("LOGREG", "did you mean `LogReg`"), ("relu", "the course has .*softmax")],
)
def test_an_unknown_name_is_refused_with_the_one_that_was_meant_or_all(folder, name, words):
    with pytest.raises(CheckError, match=rf"there is no exercise `{name}`; {words}"):
        check(name, None)


def test_an_exercise_of_another_notebook_is_refused(folder):
    with pytest.raises(CheckError, match=r"not `one_hot`; open the notebook 03_losses"):
        check("one_hot", None)


def test_a_missing_suite_is_named_with_the_remedy(folder):
    (folder / "test_visible.py").unlink()
    with pytest.raises(CheckError, match=r"`test_visible.py` is not beside this notebook.*copy it there"):
        check("softmax", None)


@pytest.mark.parametrize("broken", ["def", "1 / 0", "def test_x(answer): 'No mark.'"])
def test_a_broken_suite_is_named_with_the_remedy(folder, broken):
    (folder / "test_visible.py").write_text(broken)
    with pytest.raises(CheckError, match=r"cannot be used .*delete it, and get it anew: `grader start` does"):
        check("softmax", None)
