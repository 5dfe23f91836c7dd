"""Grading one notebook for its author, in a course folder that holds the suites."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.text import Text

from grader import course
from grader.folder import CourseFolder
from grader.jail.proofs import Protection
from grader.judge.pool import Pool
from grader.judge.submission import HandedIn
from grader.panel import Audience, exercise_text, submission_text
from grader.tables import show_notice
from grader.verdict import Outcome, Verdict


def check_notebook(path: Path, *, policy: str = "warn", told: Callable[[Protection], None] = show_notice) -> Verdict:
    """The verdict on a notebook by the hidden suite of the course it lies in, or else by the visible tests.

    The notebook's file name tells its assignment. `told` hears which walls stand before anything of the notebook runs:
    by default a word on stderr below tier A. UnknownNameError, NotACourseError, FileNotFoundError and
    JudgeError say what is missing.
    """
    if not path.exists():
        raise FileNotFoundError(f"there is no file {path}; give the path of a notebook, such as 04_softmax.ipynb")
    assignment = path.stem
    course.exercises(assignment)
    folder = CourseFolder.find(path.parent)
    folder.require(assignment)
    with Pool(folder, assignment, policy=policy) as pool:
        told(pool.wait_until_ready())
        return pool.grade(HandedIn.at(path.resolve(), "you", assignment)).result.verdict


def show_json(verdict: Verdict) -> None:
    """The verdict as JSON on stdout."""
    print(json.dumps(verdict.to_json(), indent=1))  # noqa: T201 - this is the output asked for


def show_panels(verdict: Verdict) -> None:
    """The table of exercises, and a panel for each that lost points."""
    console = Console(highlight=False)
    console.print(Text(submission_text(verdict, audience=Audience.AUTHOR)))
    for each in verdict.exercises:
        if each.outcome is not Outcome.PASSED:
            console.print()
            console.print(Text(exercise_text(each, audience=Audience.AUTHOR)))
