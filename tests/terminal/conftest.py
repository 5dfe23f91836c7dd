"""A self-learner's folder for tests, and their count of finished exercises in a place of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.achieved import HOME_VARIABLE
from grader.learner.start import start


@pytest.fixture(autouse=True)
def _own_count(tmp_path, monkeypatch):
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "count"))


@pytest.fixture
def learner(released_course, tmp_path) -> Path:
    """A folder that `grader start` has laid out."""
    return start(tmp_path / "learner", released_course).folder


@pytest.fixture
def softmax_folder(learner) -> Path:
    """The folder of the assignment that most tests work on."""
    return learner / "04_softmax"
