"""Every panel, word for word, beside this file in `golden/`.

After a wanted change write them anew with `GRADER_GOLDEN=write pytest tests/panel`, and read the difference.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from panel_samples import EXERCISES, HINTS, ONWARD, SUBMISSION, UNREADABLE

from grader.panel import (
    Audience,
    exercise_html,
    exercise_text,
    hint_html,
    hint_text,
    submission_html,
    submission_text,
)

GOLDEN = Path(__file__).parent / "golden"


def assert_golden(name: str, found: str) -> None:
    path = GOLDEN / name
    shown = re.sub(r"<style>.*?</style>", "<style>…</style>", found) + "\n"
    if os.environ.get("GRADER_GOLDEN") == "write":
        path.write_text(shown, encoding="utf-8")
    assert shown == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("audience", Audience)
@pytest.mark.parametrize("name", EXERCISES)
def test_the_panel_of_an_exercise(name, audience):
    assert_golden(f"{name}.{audience.value}.txt", exercise_text(EXERCISES[name], audience=audience))
    assert_golden(f"{name}.{audience.value}.html", exercise_html(EXERCISES[name], audience=audience))


@pytest.mark.parametrize("audience", Audience)
@pytest.mark.parametrize(("name", "verdict"), [("submission", SUBMISSION), ("unreadable", UNREADABLE)])
def test_a_submission_at_a_glance(name, verdict, audience):
    assert_golden(f"{name}.{audience.value}.txt", submission_text(verdict, audience=audience))
    assert_golden(f"{name}.{audience.value}.html", submission_html(verdict, audience=audience))


@pytest.mark.parametrize("name", ONWARD)
def test_what_stands_behind_a_result(name):
    verdict, onward = ONWARD[name]
    assert_golden(f"{name}.txt", exercise_text(verdict, audience=Audience.AUTHOR, onward=onward))
    assert_golden(f"{name}.html", exercise_html(verdict, audience=Audience.AUTHOR, onward=onward))


@pytest.mark.parametrize("name", HINTS)
def test_a_hint(name):
    assert_golden(f"{name}.txt", hint_text("softmax", HINTS[name]))
    assert_golden(f"{name}.html", hint_html("softmax", HINTS[name]))


def test_every_golden_file_belongs_to_a_panel():
    panels = {f"{name}.{audience.value}" for name in [*EXERCISES, "submission", "unreadable"] for audience in Audience}
    assert {path.stem for path in GOLDEN.iterdir()} == panels | {*ONWARD, *HINTS}
