"""Gradescope's `results.json` as pure functions of a verdict: what students and what instructors see there.

Every text is plain (`text`), and nothing in it moves a cursor or hides what stands beside it. Students see what the kit
shows them elsewhere: of hidden cases the sentence, never an input or an expected value. No key of unknown readers
(`extra_data`) holds a secret.
"""

from __future__ import annotations

from typing import Any

from grader.panel import Audience, exercise_text, submission_text
from grader.panel.plain import inert
from grader.verdict import ExerciseVerdict, Outcome, Verdict

SCHEMA = 1
"""Version of what stands below `extra_data.grader`."""

UNFINISHED = (
    "The autograder was stopped before it was done: it ran out of time or of memory. Please hand in again; "
    "when this happens twice, tell the staff of your course."
)
FAILED = (
    "The autograder could not grade this. It says nothing about your work, and the 0 is no grade. "
    "Please tell the staff of your course, who can have it graded again."
)


def graded(verdict: Verdict, *, beside: str, seconds: float) -> dict[str, Any]:
    """The results of a submission that was judged. beside: what of it was left out, a sentence or nothing."""
    words = submission_text(verdict, audience=Audience.STUDENT)
    told = {
        "graded": True,
        "assignment": verdict.assignment,
        "digest": verdict.digest,
        "isolation": list(verdict.isolation),
        "versions": verdict.versions,
    }
    return {
        **_results(verdict.points, f"{words}\n{inert(beside, 1_000)}".rstrip(), told),
        "execution_time": round(seconds, 3),
        "tests": [_test(each, number) for number, each in enumerate(verdict.exercises, start=1)],
    }


def ungraded(words: str) -> dict[str, Any]:
    """The results where there is no verdict: a sentence for the student, and no point."""
    return {**_results(0.0, words, {"graded": False}), "tests": []}


def staff_text(verdict: Verdict) -> str:
    """All that there is to know, for the standard output, which only instructors see."""
    lost = [each for each in verdict.exercises if each.outcome is not Outcome.PASSED]
    parts = [submission_text(verdict, audience=Audience.AUTHOR)]
    parts += [exercise_text(each, audience=Audience.AUTHOR) for each in lost]
    return "\n\n".join([*parts, f"seed {verdict.seed}, SHA-256 of the notebook {verdict.digest or 'unknown'}"])


def _results(score: float, words: str, told: dict[str, Any]) -> dict[str, Any]:
    return {
        "score": score,
        "output": words,
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": {"grader": {"schema": SCHEMA, **told}},
    }


def _test(verdict: ExerciseVerdict, number: int) -> dict[str, Any]:
    """An exercise; its panel lists the hidden cases that failed, by their sentences."""
    return {
        "name": inert(verdict.name),
        "name_format": "text",
        "number": str(number),
        "score": verdict.points,
        "max_score": verdict.max_points,
        "status": "passed" if verdict.outcome is Outcome.PASSED else "failed",
        "output": exercise_text(verdict, audience=Audience.STUDENT),
        "output_format": "text",
        "visibility": "visible",
        "tags": [str(verdict.outcome)],
    }
