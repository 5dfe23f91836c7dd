"""Who reads results of hidden cases learns no input, no expected value, and nothing that an answer smuggles out."""

from __future__ import annotations

import pytest
from panel_samples import BATCH, EXERCISES, SUBMISSION, case, softmax

from grader.panel import Audience, exercise_html, exercise_text, submission_html, submission_text
from grader.verdict import Finding, Grid, Outcome, Plane

SECRET = "0.751193"
STUDENT, AUTHOR = Audience.STUDENT, Audience.AUTHOR
FIELDS = ("message", "call", "wrong", "worst", "yours", "expected")


def both(verdict, audience):
    return exercise_text(verdict, audience=audience) + exercise_html(verdict, audience=audience)


def failed_with(outcome, **finding):
    facts = {"message": "The values differ.", "wrong": "1 of 2 values", "worst": "[1]", **finding}
    return softmax(0.0, outcome, case(BATCH, outcome, Finding(outcome, **facts)))


@pytest.mark.parametrize("outcome", sorted(set(Outcome) - {Outcome.PASSED, Outcome.NOT_ATTEMPTED}))
@pytest.mark.parametrize("field", FIELDS)
def test_no_part_of_a_finding_but_the_line_reaches_the_student(field, outcome):
    verdict = failed_with(outcome, **{field: SECRET})
    assert SECRET in both(verdict, AUTHOR)
    assert SECRET not in both(verdict, STUDENT)


@pytest.mark.parametrize("outcome", sorted(set(Outcome) - {Outcome.PASSED, Outcome.NOT_ATTEMPTED}))
@pytest.mark.parametrize("part", ["title", "cells", "place", "crop"])
def test_no_part_of_a_drawing_reaches_the_student(part, outcome):
    plane = Plane(((SECRET,),) if part == "cells" else (("1",),), SECRET if part == "place" else "")
    grid = Grid("input", SECRET if part == "title" else "x", (plane,), SECRET if part == "crop" else "")
    verdict = failed_with(outcome, drawing=(grid, Grid("expected", SECRET)))
    assert both(verdict, AUTHOR).count(SECRET) > both(failed_with(outcome), AUTHOR).count(SECRET)
    assert SECRET not in both(verdict, STUDENT)
    assert "<figure" not in exercise_html(verdict, audience=STUDENT)


@pytest.mark.parametrize("prefix", ["The call raised ValueError: ", "The call raised E_", "The call raised ValueError"])
def test_an_exception_carries_nothing_out(prefix):
    shown = both(failed_with(Outcome.CRASHED, message=prefix + SECRET.replace(".", "_")), STUDENT)
    assert SECRET.replace(".", "_") not in shown
    assert BATCH in shown


@pytest.mark.parametrize("name", ["sorted", "NotAnException", "__debug__"])
def test_only_exceptions_of_python_are_named(name):
    shown = both(failed_with(Outcome.CRASHED, message=f"The call raised {name}: x"), STUDENT)
    assert name not in shown
    assert "none of Python" in shown


def test_the_type_and_the_line_of_an_exception_are_shown():
    verdict = failed_with(Outcome.CRASHED, message="The call raised IndexError: 7", line="cell softmax line 3: x[7]")
    assert "raised    IndexError\nline      cell softmax line 3: x[7]" in exercise_text(verdict, audience=STUDENT)


def test_flags_are_for_staff_only():
    for show in (submission_text, submission_html):
        assert "look at" in show(SUBMISSION, audience=AUTHOR)
        assert "look at" not in show(SUBMISSION, audience=STUDENT)


def test_each_outcome_has_a_word_of_its_own():
    heads = {exercise_text(verdict, audience=STUDENT).splitlines()[0] for verdict in EXERCISES.values()}
    assert {head.split(" · ")[0].removeprefix("softmax: ") for head in heads} == set(Outcome)


@pytest.mark.parametrize("audience", Audience)
@pytest.mark.parametrize("name", EXERCISES)
def test_a_panel_has_about_eight_lines_and_each_sentence_once(name, audience):
    shown, picture, below = exercise_text(EXERCISES[name], audience=audience).partition("\npicture ")
    lines = [*shown.splitlines(), *(line for line in below.splitlines() if not line.startswith(" "))]
    assert bool(picture) == (name.startswith("drawn") and audience is AUTHOR)
    assert len(lines) <= 10
    assert sum(BATCH in line for line in lines) <= 1
