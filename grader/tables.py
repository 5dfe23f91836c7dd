"""A class' results and a run's progress, on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from grader.panel.plain import inert
from grader.verdict import Outcome, Verdict

if TYPE_CHECKING:
    from grader.autograde import ClassResult

_STYLES = {Outcome.PASSED: "green", Outcome.NOT_ATTEMPTED: "dim"}


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int], None]]:
    """A bar that stays on one line; silent where the output is no terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("starting the jail", total=None)

        def show(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        yield show


def class_table(assignment: str, result: ClassResult) -> None:
    """Students, points by exercise, and what stood out; then who could not be graded and the walls."""
    console = Console()
    table = Table(title=f"{assignment}: points")
    table.add_column("student", no_wrap=True)
    table.add_column("total", justify="right", no_wrap=True)
    table.add_column("by exercise", no_wrap=True)
    table.add_column("what stood out")
    for verdict in result.verdicts:
        points = Text(" ").join(Text(f"{e.points:g}", _STYLES.get(e.outcome, "yellow")) for e in verdict.exercises)
        total = f"{verdict.points:g} of {verdict.max_points:g}"
        table.add_row(Text(inert(verdict.student)), total, points, Text(remark(verdict)))
    console.print(table)
    for student, reason in sorted(result.failures.items()):
        console.print(Text(f"not graded: {inert(student)}: {inert(reason)}", style="red"))
    if result.unchanged:
        console.print(f"{len(result.unchanged)} had not changed since they were graded; --force grades them again")
    if result.protection is not None:
        tier, layers = result.protection.tier, ", ".join(result.protection.layers)
        console.print(f"isolation: tier {tier} ({layers})", style=None if tier == "A" else "red")


def remark(verdict: Verdict) -> str:
    """The most telling thing about a submission, in a few words."""
    if verdict.problem:
        return inert(verdict.problem)
    parts = [f"{e.name}: {_kind(e.outcome, e.mistake.name if e.mistake else '')}" for e in verdict.exercises]
    told = [part for part, e in zip(parts, verdict.exercises, strict=True) if e.outcome is not Outcome.PASSED]
    untouched = all(e.outcome is Outcome.NOT_ATTEMPTED for e in verdict.exercises)
    repaired = [f"{len(verdict.repairs)} repairs"] if verdict.repairs else []
    return "; ".join([*repaired, *(["not attempted"] if untouched else told)])


def _kind(outcome: Outcome, mistake: str) -> str:
    return f"{outcome} ({mistake})" if mistake else str(outcome)
