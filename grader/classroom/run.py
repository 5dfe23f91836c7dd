"""What the workflow runs in a student's repository: `python -m grader.classroom.run .`

The notebooks are graded in the jail as everywhere, by the visible tests, which is all that is there.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from grader import course
from grader.classroom import report
from grader.classroom.template import COURSE
from grader.folder import CourseFolder, NotACourseError
from grader.gradescope.handed_in import find_notebook
from grader.jail.notice import notice
from grader.judge.pool import Pool
from grader.panel.plain import inert
from grader.verdict import ExerciseVerdict, Mistake, Outcome, Verdict

_SUITE, _EXPLANATIONS = "test_visible.py", "explanations.json"


def main(root: Path) -> int:
    """Checks a repository, and tells GitHub; the exit code is 0 for full points, 1 for fewer, 2 for no result."""
    try:
        verdicts = check(root)
    except Exception as error:  # whatever it is, the run's page must say that it is not the student's fault
        _tell("result", report.encoded(report.failed(str(error))))
        _say(f"The kit could not check this: {inert(str(error), 1_000)}")
        return 2
    got, most = report.points(verdicts)
    _tell("result", report.encoded(report.reporter(verdicts)))
    _append("GITHUB_STEP_SUMMARY", report.page(verdicts))
    _unheard(lambda: _say(report.text(verdicts)))
    for line in report.notices(verdicts):
        _say(line)
    return 0 if got == most else 1


def check(root: Path) -> list[Verdict]:
    """The verdicts on a repository's assignments by the visible tests; NotACourseError when the kit's part is gone."""
    folder = CourseFolder(root.resolve() / COURSE)
    names = [name for name in course.assignments() if folder.released(name).is_file()]
    if not names:
        raise NotACourseError(f"{COURSE} holds no assignment; get it anew from the template repository")
    return [_checked(folder, name, root.resolve()) for name in names]


def _checked(folder: CourseFolder, name: str, root: Path) -> Verdict:
    released = folder.released(name)
    own = root / name
    found = find_notebook(own if own.is_dir() and not own.is_symlink() else root, name)
    submission = found.handed_in.opened(folder.released_notebook(name))
    # the walls are for the student's own sake: there is nothing in the repository that is not theirs
    with Pool(folder, name, suite=released.with_name(_SUITE), policy="warn") as pool:
        if weak := notice(pool.wait_until_ready()):
            _say(weak)
        verdict = pool.grade(submission).result.verdict
    explained = _explanations(released.with_name(_EXPLANATIONS))
    return replace(verdict, exercises=tuple(_explained(each, explained) for each in verdict.exercises))


def _explanations(path: Path) -> dict[str, dict[str, str]]:
    try:
        found: dict[str, dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
        return found
    except (OSError, ValueError):
        return {}


def _explained(verdict: ExerciseVerdict, explanations: dict[str, dict[str, str]]) -> ExerciseVerdict:
    """With the explanation of the first mistake that a visible test recognised."""
    name = next((case.mistake for case in verdict.failed if case.mistake), "")
    words = explanations.get(verdict.name, {}).get(name, "") if verdict.outcome is not Outcome.PASSED else ""
    return replace(verdict, mistake=Mistake(name, words)) if words else verdict


def _tell(name: str, value: str) -> None:
    _append("GITHUB_OUTPUT", f"{name}={value}\n")


def _append(variable: str, words: str) -> None:
    """To the file that GitHub names; outside of GitHub there is none."""
    if path := os.environ.get(variable):
        with Path(path).open("a", encoding="utf-8", errors="replace") as file:
            file.write(words)


def _unheard(say: Callable[[], None]) -> None:
    """Says something while the runner takes no line of it for a command, whatever a student's text imitates."""
    token = secrets.token_hex(16)
    _say(f"::stop-commands::{token}")
    say()
    _say(f"::{token}::")


def _say(words: str) -> None:
    print(words.encode("utf-8", "replace").decode(), flush=True)  # noqa: T201 - the log of the run


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
