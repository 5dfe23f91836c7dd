"""What runs for every submission on Gradescope: `python -m grader.gradescope.run /autograder`.

However it ends, there are results: a file that says so is there before anything else is done, and is replaced as a
whole. Instructors read the standard output, students the results.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import traceback
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from grader import __version__, course
from grader.folder import write_atomically
from grader.gradescope import results
from grader.gradescope.handed_in import STUDENT, find_notebook
from grader.gradescope.layout import Layout
from grader.jail.notice import notice
from grader.jail.proofs import Protection
from grader.judge.pool import JudgeLostError, Pool
from grader.judge.submission import Submission
from grader.verdict import ExerciseVerdict, Verdict

ANSWERS_CLOSED = "home and course folders closed"
"""The wall without which nothing is graded, whatever the policy: it stands between students and the answers."""

MAX_JUDGES = 3
"""So often is a judge started for one submission, as for one of a class."""


class AnswersOpenError(RuntimeError):
    """Student code could read the answers here; the message is for instructors."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Grades what lies in the folders, and writes the results; the exit code is 0 when there are any."""
    asked = _asked(arguments)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    layout = Layout(asked.autograder.resolve())
    layout.close()
    _write(layout, results.ungraded(results.UNFINISHED))
    try:
        told = grade(layout, policy=asked.policy)
    except Exception as error:  # students get a sentence whatever fails, and instructors all of it
        _tell_failure(error)
        told = results.ungraded(results.FAILED)
    _write(layout, told)
    return 0


def grade(layout: Layout, *, policy: str) -> dict[str, Any]:
    """The results of the submission in its folder; raises when the kit itself cannot grade it."""
    started = time.monotonic()
    name = layout.assignment()
    layout.course.require(name)
    found = find_notebook(layout.submission, name)
    submission = found.handed_in.opened(layout.course.released_notebook(name))
    verdict = _unread(submission) if submission.problem else _judged(layout, submission, policy)
    _say(results.staff_text(verdict))
    return results.graded(verdict, beside=found.beside, seconds=time.monotonic() - started)


def _judged(layout: Layout, submission: Submission, policy: str) -> Verdict:
    os.chdir(layout.course.root)  # the walls are tried on the files that lie here
    for _ in range(MAX_JUDGES - 1):
        try:
            return _judged_once(layout, submission, policy)
        except JudgeLostError as error:  # a fresh one may do it, as in a class
            _say(f"once more: {error}")
    return _judged_once(layout, submission, policy)


def _judged_once(layout: Layout, submission: Submission, policy: str) -> Verdict:
    with Pool(layout.course, submission.assignment, policy=policy) as pool:
        protection = pool.wait_until_ready()
        _require_answers_closed(protection)
        if weak := notice(protection):
            _say(weak)
        return pool.grade(submission).result.verdict


def _require_answers_closed(protection: Protection) -> None:
    if ANSWERS_CLOSED in protection.open:
        raise AnswersOpenError(
            "nothing was graded: student code can read the answers here, whatever the policy. The autograder must run "
            "as root, so that student code can run as nobody, or on a system with Landlock or user namespaces"
        )


def _unread(submission: Submission) -> Verdict:
    """The verdict on what is no notebook: no code ran, and no judge had to start."""
    exercises = tuple(
        ExerciseVerdict.unchecked(each.name, each.points, submission.problem)
        for each in course.exercises(submission.assignment)
    )
    return Verdict(submission.assignment, STUDENT, exercises, problem=submission.problem)


def _tell_failure(error: Exception) -> None:
    """For instructors: the kit's own errors in their sentence, others with all that Python knows."""
    if type(error).__module__.startswith("grader."):
        _say(f"not graded: {error}")
    else:
        _say("not graded: the kit itself failed\n" + "".join(traceback.format_exception(error)))


def _write(layout: Layout, told: dict[str, Any]) -> None:
    # ASCII: no lone surrogate of a student's text can stop it from being written or read
    write_atomically(layout.results, json.dumps(told, indent=1) + "\n")


def _say(words: str) -> None:
    """To the standard output, whatever the words hold and whatever language the image was set to."""
    text = "".join(char if char.isprintable() or char == "\n" else "\N{REPLACEMENT CHARACTER}" for char in words)
    print(text.encode("utf-8", "replace").decode(), flush=True)  # noqa: T201 - instructors read it


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m grader.gradescope.run", description=f"grader {__version__}")
    parser.add_argument("autograder", type=Path, help="/autograder on Gradescope")
    parser.add_argument("--policy", choices=("require", "warn"), default="require")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
