"""How long one waits in `grader check --watch`: from the file's replacement to the verdict on the terminal.

A right and a wrong answer are saved in turn, as editors save: a new file takes the name of the old one. Measured is the
first word, on the exercise that changed; that on the whole notebook comes after it.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import queue
import statistics
import tempfile
import threading
import time
from pathlib import Path

from rich.console import Console

from grader import course
from grader.achieved import HOME_VARIABLE
from grader.excerpts import answer_source
from grader.folder import CourseFolder
from grader.learner.own_work import find_work
from grader.learner.start import start
from grader.verdict import Outcome
from grader.watch.display import Drawn
from grader.watch.state import State
from grader.watch.watching import Pressed, Watcher

EXERCISES = ("softmax", "nhwc_to_nchw", "Linear", "matmul")
"""One of each kind: some arithmetic, moving axes, a module, loops in Python."""

CHECKOUT = CourseFolder(Path(__file__).resolve().parents[1])


Told = queue.SimpleQueue[tuple[float, Outcome, bool]]
"""When something was shown, the outcome of the exercise, and whether nothing was running any more."""


class Seen(Drawn):
    """A display that tells when it has drawn an outcome, and when nothing more is running."""

    def __init__(self, state: State, console: Console, exercise: str, told: Told) -> None:
        super().__init__(console, state)
        self._exercise, self._told = exercise, told

    def show(self, state: State) -> None:
        super().show(state)
        if state.verdict is not None and not state.trouble:
            outcome = state.verdict.exercise(self._exercise).outcome
            self._told.put((time.monotonic(), outcome, not state.running))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.watching", description=__doc__.splitlines()[0])
    parser.add_argument("exercises", nargs="*", default=list(EXERCISES), metavar="EXERCISE")
    parser.add_argument("--saves", type=int, default=20, help="how often each is saved")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        os.environ[HOME_VARIABLE] = place
        laid = start(Path(place) / "learner", CHECKOUT.root)
        print("seconds from the save to the verdict: median, 90 %, most; first save; whole notebook, median")
        for name in arguments.exercises:
            report(name, *measure(laid.folder, name, arguments.saves))


def measure(folder: Path, exercise: str, saves: int) -> tuple[list[float], list[float]]:
    """Seconds until the first word and until the last one, for each save."""
    assignment = course.exercise(exercise).assignment
    path = folder / assignment / f"{assignment}.ipynb"
    told: Told = queue.SimpleQueue()
    ours, its = os.openpty()
    threading.Thread(target=_drain, args=(ours,), daemon=True).start()
    console = Console(file=os.fdopen(its, "w"), width=100, height=40)
    watcher = Watcher(find_work(path), "warn", console, lambda state, console: Seen(state, console, exercise, told))
    first: list[float] = []
    last: list[float] = []

    def save_all() -> None:
        _await(told, idle=True)
        for number in range(saves):
            saved = _save(path, exercise, _answer(assignment, exercise, right=number % 2 == 0))
            first.append(_await(told, outcome=Outcome.CRASHED if number % 2 else Outcome.PASSED) - saved)
            last.append(_await(told, idle=True) - saved)
        watcher.put(Pressed("q"))

    threading.Thread(target=save_all, daemon=True).start()
    watcher.run()
    return first, last


def report(name: str, first: list[float], last: list[float]) -> None:
    """A line of the distribution."""
    warm = sorted(first[1:])
    tenth = warm[int(0.9 * (len(warm) - 1))]
    print(
        f"  {name:<14} {statistics.median(warm):6.3f} {tenth:6.3f} {warm[-1]:6.3f}   {first[0]:6.3f}   "
        f"{statistics.median(last):6.3f}",
        flush=True,
    )


def _answer(assignment: str, exercise: str, *, right: bool) -> str:
    """The reference, or the same that raises at its call."""
    source = answer_source(CHECKOUT.solution(assignment), exercise, exercise)
    return source if right else f"{source}\n\n{exercise} = lambda *given, **named: 1 / 0"


def _save(path: Path, exercise: str, source: str) -> float:
    """Replaces the notebook; returns when."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == exercise:
            cell["source"] = source
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(notebook, indent=1), encoding="utf-8")
    draft.replace(path)
    return time.monotonic()


def _await(told: Told, *, outcome: Outcome | None = None, idle: bool = False) -> float:
    """When that was first shown."""
    while True:
        at, shown, quiet = told.get(timeout=120)
        if (quiet or not idle) and outcome in (None, shown):
            return at


def _drain(terminal: int) -> None:
    with contextlib.suppress(OSError):  # the other side is closed
        while os.read(terminal, 65536):
            pass


if __name__ == "__main__":
    main()
