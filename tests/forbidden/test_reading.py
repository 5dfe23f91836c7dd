"""Reading the code finds what ran before grading, and accuses nobody for what tracing did not see run."""

from __future__ import annotations

import pytest
from attempts import PREPARED, Attempt
from innocents import INNOCENT
from scripts import IN_THE_OPEN

from grader.course import exercise
from grader.judge.reading.lineage import prepared_calls


@pytest.mark.parametrize("attempt", PREPARED, ids=lambda attempt: attempt.name)
def test_what_was_prepared_is_found_at_its_line(attempt: Attempt) -> None:
    calls = prepared_calls(attempt.cells, attempt.exercise, exercise(attempt.exercise).forbidden)
    assert attempt.marked in {(call.cell, call.line) for call in calls}


@pytest.mark.parametrize("attempt", [*INNOCENT, *IN_THE_OPEN], ids=lambda attempt: attempt.name)
def test_the_innocent_prepared_nothing(attempt: Attempt) -> None:
    assert prepared_calls(attempt.cells, "softmax", exercise(attempt.exercise).forbidden) == ()
