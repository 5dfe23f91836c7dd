"""A class' results and a run's progress, on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.box import HEAVY
from rich.console import Console
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from grader.jail.notice import MEANING, is_weak, notice, tier_of
from grader.jail.proofs import Protection
from grader.panel.plain import inert
from grader.verdict import Outcome, Verdict

if TYPE_CHECKING:
    from grader.autograde import ClassResult

_STYLES = {Outcome.PASSED: "green", Outcome.NOT_ATTEMPTED: "dim"}


class Shown:
    """A run as its user sees it: how far it is, and above that what must be known of its walls."""

    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._task = bar.add_task("starting the jail", total=None)

    def show(self, what: str, done: int, total: int) -> None:
        self._bar.update(self._task, description=what, completed=done, total=total)

    def notice(self, protection: Protection) -> None:
        show_notice(protection, self._bar.console)


@contextmanager
def progress_bar() -> Iterator[Shown]:
    """A bar that stays on one line; silent where the output is no terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        yield Shown(bar)


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
        layers = ", ".join(result.protection.layers)
        console.print(f"isolation: tier {result.protection.tier} ({layers})")
        show_notice(result.protection, console)
    show_weaker(_not_yet_spoken_of(result), console)


def show_notice(protection: Protection, console: Console | None = None) -> None:
    """Says below tier A what is missing, on stderr by default; loudly where nothing can be relied on."""
    words, console = notice(protection), console or Console(stderr=True)
    if protection.tier == "D":
        console.print(Panel(Text(words), title="NO ISOLATION", box=HEAVY, style="bold red"))
    elif words:
        console.print(Text(words, "red"), soft_wrap=True)


def show_weaker(verdicts: Iterable[Verdict], console: Console | None = None) -> None:
    """A line for each tier below A behind which some of these submissions ran, with their students."""
    tiers: dict[str, list[str]] = {}
    for verdict in filter(is_weak, verdicts):
        tiers.setdefault(tier_of(verdict), []).append(inert(verdict.student))
    for tier, students in sorted(tiers.items()):
        words = f"isolation was tier {tier}, {MEANING[tier]}, for: {', '.join(students)}"
        (console or Console(stderr=True)).print(Text(words, "bold red" if tier == "D" else "red"), soft_wrap=True)


def _not_yet_spoken_of(result: ClassResult) -> list[Verdict]:
    """Verdicts whose walls were others than those of this run."""
    now = result.protection.tier if result.protection is not None else ""
    return [each for each in result.verdicts if each.student in result.unchanged or tier_of(each) != now]


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
