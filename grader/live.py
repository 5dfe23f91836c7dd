"""`check` and `hint`: what a student uses in a notebook. Nothing heavy is imported before the first call."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from grader import course

QUIET = float("0.0")
"""What `check` gives while a notebook is being graded; the jail's display hook shows nothing for this very object."""

_SUITE = "test_visible.py"


def check(name: str, answer: object) -> float:
    """Runs the visible tests of one exercise on your answer and shows what they found.

    Returns the points (0 to the exercise's points) as a plain float. Whatever the answer does wrong is shown, not
    raised. UnknownNameError for a name that the course does not have, FileNotFoundError when the tests are missing.
    """
    about = course.exercise(name)
    if _graded_now():
        return QUIET
    from grader.panel import Audience, exercise_html, exercise_text

    verdict = _verdict(about, answer)
    author = Audience.AUTHOR
    _show(exercise_text(verdict, audience=author), exercise_html(verdict, audience=author))
    return float(verdict.points)


class _Hints:
    """How far a student has climbed each exercise's ladder of hints."""

    def __init__(self) -> None:
        self._step: dict[str, int] = {}

    def next(self, about: course.Exercise) -> str:
        """The nudge, then the explanation, then word that there is no more."""
        step = self._step.get(about.name, 0)
        self._step[about.name] = step + 1
        ladder = (about.nudge, about.explanation)
        return ladder[step] if step < len(ladder) else "There is no further hint: read the explanation once more."


_hints = _Hints()


def hint(name: str) -> None:
    """Shows the next hint for an exercise: first a nudge, then an explanation."""
    about = course.exercise(name)
    if not _graded_now():
        import html
        import textwrap

        text = _hints.next(about)
        _show(textwrap.fill(text, 100), f"<p><strong>Hint.</strong> {html.escape(text)}</p>")


def _graded_now() -> bool:
    return os.environ.get("GRADER_JAIL") == "1"


def _verdict(about: course.Exercise, answer: object) -> Any:
    from dataclasses import replace

    from grader.jail.tracer import Tracer
    from grader.judge.suite import suite_of_module
    from grader.judge.world import LocalWorld, load_module
    from grader.verdict import Mistake

    path = _suite_path(about)
    # a name that changes with the file: an edited suite is read anew
    module = load_module(path, f"grader_visible_{about.assignment}_{path.stat().st_mtime_ns}")
    is_authors = _authors_files(answer)
    world = LocalWorld({**_user_names(), about.name: answer}, is_authors, lambda families: Tracer(families, is_authors))
    graded = suite_of_module(module).grade(about.name, world, None, seed=0)
    mistake = next((case.mistake for case in graded.verdict.failed if case.mistake), "")
    text = _explanations(path, about).get(about.name, {}).get(mistake, "")
    return replace(graded.verdict, mistake=Mistake(mistake, text)) if text else graded.verdict


def _suite_path(about: course.Exercise) -> Path:
    for folder in (Path.cwd(), Path.cwd() / about.assignment):
        if (folder / _SUITE).is_file():
            return folder / _SUITE
    raise FileNotFoundError(
        f"`{_SUITE}` is not beside this notebook ({Path.cwd()}); copy it there from the folder of {about.assignment}"
    )


def _authors_files(answer: object) -> Callable[[str], bool]:
    code = getattr(answer, "__code__", None) or getattr(getattr(answer, "forward", None), "__code__", None)
    own = getattr(code, "co_filename", "")
    return lambda file: file == own or "ipykernel" in Path(file).parent.name or file.startswith("<ipython-input")


def _user_names() -> dict[str, Any]:
    shell = _shell()
    return dict(shell.user_ns) if shell is not None else {}


def _shell() -> Any:
    # IPython is there when we run in it; importing it just to ask would cost a script half a second
    module = sys.modules.get("IPython")
    return module.get_ipython() if module is not None else None


def _show(text: str, html: str) -> None:
    if _shell() is None:
        print(text)  # noqa: T201 - outside IPython this is the display
        return
    from IPython.display import display

    display({"text/plain": text, "text/html": html}, raw=True)


def _explanations(suite: Path, about: course.Exercise) -> dict[str, dict[str, str]]:
    """What known mistakes mean, from the released file beside the suite or, in a course folder, its solutions."""
    beside = suite.with_name("explanations.json")
    if beside.is_file():
        found: dict[str, dict[str, str]] = json.loads(beside.read_text(encoding="utf-8"))
        return found
    from grader.explanations import explanations

    return explanations(suite.parents[2] / "solutions" / "mistakes" / f"{about.assignment}.py")
