"""An exercise's hints without a watcher: what its keys `h` and `s` show, on any terminal or in a pipe."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.text import Text

from grader import course
from grader.achieved import Achieved
from grader.hints import Hint, ladder
from grader.learner.own_work import course_around
from grader.learner.shown import WIDEST, draws, hint_panel, hint_text


def show_hint(name: str, *, more: bool = False, console: Console | None = None) -> None:
    """Prints the first hint for an exercise, or all; after full points the course's own answer, to compare.

    Full points: in the latest check of an answer to it. UnknownNameError for an exercise that the course has not.
    """
    console = console or Console()
    about, passed = course.exercise(name), name in Achieved().names
    folder = course_around(Path.cwd())
    *hints, last = ladder(about, passed=passed, solution=folder.solution(about.assignment) if folder else None)
    if passed:
        _print(console, f"{name}: for comparison", last)
        return
    for hint in hints if more else hints[:1]:
        _print(console, f"{name}: hint", hint)
    console.print(Text(last.words if more else f"`grader hint {name} --more` explains it."), soft_wrap=True)


def _print(console: Console, title: str, hint: Hint) -> None:
    if draws(console):
        console.print(hint_panel(title, hint), width=min(console.width, WIDEST))
    else:
        console.print(Text(hint_text(title, hint)), soft_wrap=True)
