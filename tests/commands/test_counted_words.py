"""What a command says of one is in the singular."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from grader import feedback
from grader.cli import app


@pytest.mark.parametrize(
    ("count", "words"), [(0, "feedback for 0 students"), (1, "feedback for 1 student"), (2, "feedback for 2 students")]
)
def test_feedback_counts_its_students(course, monkeypatch, count, words):
    monkeypatch.chdir(course)
    monkeypatch.setattr(feedback, "feedback", lambda *_: count)
    assert CliRunner().invoke(app, ["feedback", "04_softmax"]).output == f"{words} is in feedback/\n"
