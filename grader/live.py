"""`check` and `hint`: what a student uses in a notebook. Nothing heavy is imported before the first call."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from contextlib import redirect_stderr
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from grader import course
from grader.kernel import shell

if TYPE_CHECKING:
    from grader.course import Exercise
    from grader.hints import Hint
    from grader.judge.suite import Suite
    from grader.panel import Onward
    from grader.verdict import ExerciseVerdict

QUIET = float("0.0")
"""What `check` gives while a notebook is being graded; the jail's display hook shows nothing for this very object."""

_SUITE = "test_visible.py"
_SEED = 0  # visible cases hide nothing, so everyone may draw the same


class CheckError(LookupError):
    """`check` or `hint` lacks something that it needs; the message is one sentence with the remedy."""

    def _render_traceback_(self) -> list[str]:
        # IPython shows this in the place of our frames, which would say nothing to a student
        return [f"{type(self).__name__}: {self}"]


def check(name: str, answer: object) -> float:
    """Runs the visible tests of one exercise on your answer and shows what they found.

    Returns the points (0 to the exercise's points) as a plain float. Whatever the answer does wrong is shown, not
    raised. CheckError for a name that the course does not have, and where the visible tests are missing.
    """
    if _graded_now():
        return QUIET
    from grader.panel import Audience, exercise_html, exercise_text

    about = _exercise(name)
    verdict = _verdict(about, answer)
    onward = _onward(about, verdict)
    text, html = (each(verdict, audience=Audience.AUTHOR, onward=onward) for each in (exercise_text, exercise_html))
    _show(text, html)
    return float(verdict.points)


def hint(name: str) -> None:
    """Shows the next hint for an exercise: a nudge, an explanation, and after full points the course's own answer."""
    if _graded_now():
        return
    from grader.panel import hint_html, hint_text

    step = _kernel.next_hint(_exercise(name))
    _show(hint_text(name, step), hint_html(name, step))


class _Kernel:
    """What lasts from one call to the next: the suite as it was last read, and how many hints were shown."""

    def __init__(self) -> None:
        self.hints: Counter[str] = Counter()
        self._read: tuple[Path, bytes, Suite] | None = None

    def next_hint(self, about: Exercise) -> Hint:
        """The next step; who has full points need not climb to the course's own answer."""
        from grader.achieved import Achieved
        from grader.hints import REFERENCE, reference, step

        solution, passed = _solution(about), about.name in Achieved().names
        shown = REFERENCE if passed and reference(about, solution) else self.hints[about.name]
        self.hints[about.name] += 1
        return step(about, shown, passed=passed, solution=solution)

    def suite(self, path: Path) -> Suite:
        """The suite in a file, read anew whenever the file holds something else."""
        source = path.read_bytes()
        if self._read is None or self._read[:2] != (path, source):
            self._read = (path, source, _suite_of(path, source))
        return self._read[2]


_kernel = _Kernel()


def _graded_now() -> bool:
    return os.environ.get("GRADER_JAIL") == "1"


def _exercise(name: str) -> Exercise:
    try:
        return course.exercise(name)
    except course.UnknownNameError as error:
        raise CheckError(str(error)) from None


def _verdict(about: Exercise, answer: object) -> ExerciseVerdict:
    path = _suite_path(about)
    suite = _kernel.suite(path)
    if not suite.of(about.name):
        found = ", ".join(f"`{each}`" for each in suite.exercises)
        raise CheckError(
            f"`{path}` tests {found}, not `{about.name}`; open the notebook {about.assignment} in its folder"
        )
    # a warning on stderr would cost all points of the cell in a plain nbgrader run, and is worth reading all the same
    from grader.live_world import LiveWorld

    with redirect_stderr(sys.stdout):
        verdict = suite.grade(about.name, LiveWorld(about.name, answer), None, _SEED).verdict
    return _explained(verdict, about, path)


def _onward(about: Exercise, verdict: ExerciseVerdict) -> Onward:
    """What the panel says behind the result, after noting it."""
    from grader.achieved import Achieved
    from grader.panel import Onward
    from grader.verdict import Outcome

    if verdict.outcome is Outcome.COULD_NOT_CHECK:
        return Onward()
    achieved, passed = Achieved(), verdict.outcome is Outcome.PASSED
    achieved.note(about.name, verdict.outcome, Path.cwd() / about.assignment)
    if not passed:
        return Onward(_help(about))
    return Onward(_comparison(about), achieved.place(about.name), about.assignment)


def _help(about: Exercise) -> str:
    steps = ("gives a nudge.", "explains it in full.")
    shown = _kernel.hints[about.name]
    return f'`hint("{about.name}")` {steps[shown]}' if shown < len(steps) else ""


def _comparison(about: Exercise) -> str:
    from grader.hints import reference

    shows = f'`hint("{about.name}")` shows the course\'s own answer, to compare with yours.'
    return shows if reference(about, _solution(about)) else ""


def _suite_path(about: Exercise) -> Path:
    for folder in (Path.cwd(), Path.cwd() / about.assignment):
        if (folder / _SUITE).is_file():
            return folder / _SUITE
    raise CheckError(
        f"`{_SUITE}` is not beside this notebook, in {Path.cwd()}; "
        f"copy it there from the folder of {about.assignment}, or let `grader start` lay it out again"
    )


def _solution(about: Exercise) -> Path | None:
    """The course's own answers, where the notebook lies in a course that has them: a student's copy has not."""
    from grader.folder import CourseFolder, NotACourseError

    try:
        return CourseFolder.find().solution(about.assignment)
    except (NotACourseError, OSError):
        return None


def _suite_of(path: Path, source: bytes) -> Suite:
    from grader.judge.suite import suite_of_module

    module = ModuleType(path.stem)
    module.__file__ = str(path)
    try:
        exec(compile(source, str(path), "exec"), vars(module))
        return suite_of_module(module)
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
        raise CheckError(
            f"`{path}` cannot be used ({said}); delete it, and get it anew: `grader start` does"
        ) from error


def _explained(verdict: ExerciseVerdict, about: Exercise, suite: Path) -> ExerciseVerdict:
    """The verdict with the explanation of the first mistake that a case recognised, if there is one."""
    from grader.verdict import Mistake

    name = next((case.mistake for case in verdict.failed if case.mistake), "")
    text = _explanation(suite, about, name) if name else ""
    return replace(verdict, mistake=Mistake(name, text)) if text else verdict


def _explanation(suite: Path, about: Exercise, mistake: str) -> str:
    """What a mistake means: from the released file beside the suite, or the course's solutions; empty if unknown."""
    from grader.explanations import explanations

    released = suite.with_name("explanations.json")
    if released.is_file():
        try:
            return str(json.loads(released.read_text(encoding="utf-8"))[about.name][mistake])
        except (ValueError, LookupError, TypeError):
            return ""  # the hint is lost, the verdict is not
    files = (folder / "solutions" / "mistakes" / f"{about.assignment}.py" for folder in suite.parents)
    found = next((file for file in files if file.is_file()), None)
    return explanations(found).get(about.name, {}).get(mistake, "") if found else ""


def _show(text: str, html: str) -> None:
    if shell() is None:
        print(text)  # noqa: T201 - outside IPython this is the display
        return
    from IPython.display import display

    display({"text/plain": text, "text/html": html}, raw=True)
