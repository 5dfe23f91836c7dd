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
from typing import TYPE_CHECKING, Any

from grader import course

if TYPE_CHECKING:
    from grader.course import Exercise, Family
    from grader.judge.probe import Probe
    from grader.judge.suite import Suite
    from grader.judge.world import Reply
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

    verdict = _verdict(_exercise(name), answer)
    _show(exercise_text(verdict, audience=Audience.AUTHOR), exercise_html(verdict, audience=Audience.AUTHOR))
    return float(verdict.points)


def hint(name: str) -> None:
    """Shows the next hint for an exercise: first a nudge, then an explanation."""
    if _graded_now():
        return
    from grader.panel import hint_html, hint_text

    words = _kernel.next_hint(_exercise(name))
    _show(hint_text(name, words), hint_html(name, words))


class _Kernel:
    """What lasts from one call to the next: the suite as it was last read, and how many hints were shown."""

    def __init__(self) -> None:
        self._hints: Counter[str] = Counter()
        self._read: tuple[Path, bytes, Suite] | None = None

    def next_hint(self, about: Exercise) -> str:
        """The nudge, then the explanation, then word that there is no more."""
        step = self._hints[about.name]
        self._hints[about.name] += 1
        ladder = (about.nudge, about.explanation)
        return ladder[step] if step < len(ladder) else "There is no further hint: read the explanation once more."

    def suite(self, path: Path) -> Suite:
        """The suite in a file, read anew whenever the file holds something else."""
        source = path.read_bytes()
        if self._read is None or self._read[:2] != (path, source):
            self._read = (path, source, _suite_of(path, source))
        return self._read[2]


_kernel = _Kernel()


class _LiveWorld:
    """The names of a running notebook. An interrupt ends the check, as it ends any cell."""

    def __init__(self, names: dict[str, Any], answer: object) -> None:
        from grader.jail.owners import is_own
        from grader.jail.tracer import Tracer
        from grader.judge.world import LocalWorld

        self._own = _code_file(answer)
        self._local = LocalWorld(names, self._is_authors, lambda families: Tracer(families, is_own, self._is_authors))

    def call(
        self, probe: Probe, payload: bytes, forbidden: tuple[Family, ...], *, seconds: float | None = None
    ) -> Reply:
        reply = self._local.call(probe, payload, forbidden)
        if reply.raised is not None and "KeyboardInterrupt" in reply.raised.kinds:
            raise KeyboardInterrupt
        calls = tuple(replace(each, cell=_place(each.cell)) for each in reply.forbidden)
        if reply.raised is None:
            return replace(reply, forbidden=calls)
        place = _place(reply.raised.cell)
        where = place if place.endswith(".py") else f"cell {place}"
        return replace(reply, forbidden=calls, raised=replace(reply.raised, cell=where))

    def _is_authors(self, file: str) -> bool:
        return file == self._own or _cell_label(file) != ""


def _code_file(answer: object) -> str:
    """The file that a function's code, or that of a class' methods, was compiled from; empty when none tells."""
    things = [answer, *vars(answer).values()] if isinstance(answer, type) else [answer]
    files = (getattr(getattr(thing, "__code__", None), "co_filename", "") for thing in things)
    return next((file for file in files if isinstance(file, str) and file), "")


def _place(file: str) -> str:
    """`In[5]` for a cell's code; the bare name of any other file; empty for code made from text."""
    return _cell_label(file) or ("" if file.startswith("<") else Path(file).name)


def _cell_label(file: str) -> str:
    """`In[5]` when a file name is the one that IPython gave to a cell's code, else empty."""
    shell = _shell()
    label = shell.compile.format_code_name(file) if shell is not None else None
    return label[1] if label else ""


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
    with redirect_stderr(sys.stdout):
        world = _LiveWorld({**_user_names(), about.name: answer}, answer)
        verdict = suite.grade(about.name, world, None, _SEED).verdict
    return _explained(verdict, about, path)


def _suite_path(about: Exercise) -> Path:
    for folder in (Path.cwd(), Path.cwd() / about.assignment):
        if (folder / _SUITE).is_file():
            return folder / _SUITE
    raise CheckError(
        f"`{_SUITE}` is not beside this notebook, in {Path.cwd()}; copy it there from the folder of {about.assignment}"
    )


def _suite_of(path: Path, source: bytes) -> Suite:
    from grader.judge.suite import suite_of_module

    module = ModuleType(path.stem)
    module.__file__ = str(path)
    try:
        exec(compile(source, str(path), "exec"), vars(module))
        return suite_of_module(module)
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
        raise CheckError(f"`{path}` cannot be used ({said}); get the assignment's folder anew") from error


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
