"""What a class' run came to, on a terminal or in a pipe: its table, its failures, its walls and its pace."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from rich.box import HEAVY
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from grader.device import CPU
from grader.jail.notice import MEANING, notice
from grader.jail.proofs import Protection
from grader.panel.plain import inert
from grader.remarks import few, not_graded, remark, shown_name
from grader.standing import ExerciseStanding, Standing
from grader.summary import BINS, alike, by_exercise, histogram, kinds, slowest, standing_out
from grader.verdict import Outcome, Verdict

if TYPE_CHECKING:
    from grader.autograde import ClassResult

ALL_SHOWN = 60
"""A class of up to so many is shown whole: two screens. Of a larger one, so many of those who stand out."""

MOST_FAILURES = 20
MOST_NAMES = 20

_STYLES = {Outcome.PASSED: "green", Outcome.NOT_ATTEMPTED: "dim"}
_ROOM_FOR_EXERCISES = 60
_SHORT_NAME = 30
_LONGEST_BAR = 40
_UNBOUNDED = 10_000
"""Columns of a pipe, which has none: rich would cut what it prints to 80."""


def class_table(assignment: str, result: ClassResult, console: Console | None = None) -> None:
    """Students, points by exercise, and what stood out; then who could not be graded, the walls and the pace.

    Of a large class those that stand out, and how the points are spread. On stdout unless a console is given.
    """
    console = console or _stdout()
    standings = result.standings
    if len(standings) <= ALL_SHOWN:
        console.print(_students(f"{assignment}: points", standings, console.width))
    else:
        _print_large(assignment, result, console)
    for line in _below(assignment, result):
        console.print(line, soft_wrap=True)
    if result.protection is not None:
        show_notice(result.protection, console)
    _show_weaker(_not_yet_spoken_of(result), console)


def show_notice(protection: Protection, console: Console | None = None) -> None:
    """Says below tier A what is missing, on stderr by default; loudly where nothing can be relied on."""
    words, console = notice(protection), console or Console(stderr=True)
    if protection.tier == "D":
        console.print(Panel(Text(words), title="NO ISOLATION", box=HEAVY, style="bold red"))
    elif words:
        console.print(Text(words, "red"), soft_wrap=True)


def show_weaker(verdicts: Iterable[Verdict], console: Console | None = None) -> None:
    """A line for each tier below A behind which some of these submissions ran, with their students."""
    _show_weaker(map(Standing.of, verdicts), console or Console(stderr=True))


def _show_weaker(standings: Iterable[Standing], console: Console) -> None:
    tiers: dict[str, list[str]] = {}
    for each in standings:
        if each.weak:
            tiers.setdefault(each.tier, []).append(each.student)
    for tier, students in sorted(tiers.items()):
        words = f"isolation was tier {tier}, {MEANING[tier]}, for: {few(students, MOST_NAMES)}"
        console.print(Text(words, "bold red" if tier == "D" else "red"), soft_wrap=True)


def _stdout() -> Console:
    console = Console()
    if not console.file.isatty() and "COLUMNS" not in os.environ:
        console.width = _UNBOUNDED
    return console


def _students(title: str, standings: Sequence[Standing], width: int) -> Table:
    table = Table(title=Text(title))
    short = all(len(each.student) <= _SHORT_NAME for each in standings)
    table.add_column("student", overflow="fold", no_wrap=short and width >= _ROOM_FOR_EXERCISES)
    table.add_column("total", justify="right", no_wrap=True)
    if width >= _ROOM_FOR_EXERCISES:
        table.add_column("by exercise", no_wrap=True)
    table.add_column("what stood out", overflow="fold")
    for each in standings:
        points = "–" if each.could_not_be_graded else f"{each.points:g}"
        name, total = Text(shown_name(each.student)), Text(f"{points} of {each.max_points:g}")
        parts = [_points(each.exercises)] if width >= _ROOM_FOR_EXERCISES else []
        table.add_row(name, total, *parts, Text(remark(each)))
    return table


def _points(exercises: Sequence[ExerciseStanding]) -> Text:
    return Text(" ").join(Text(_told(each), _STYLES.get(each.outcome, "yellow")) for each in exercises)


def _told(exercise: ExerciseStanding) -> str:
    return "–" if exercise.outcome is Outcome.COULD_NOT_CHECK else f"{exercise.points:g}"


def _print_large(assignment: str, result: ClassResult, console: Console) -> None:
    standings = result.standings
    found = standing_out(standings, _tier(result))
    if found:
        console.print(_students(f"{assignment}: who stands out", found[:ALL_SHOWN], console.width))
    console.print(_exercises(assignment, standings))
    console.print(_spread(standings))
    for words in _about_everyone(assignment, standings, _tier(result)):
        console.print(Text(words), soft_wrap=True)


def _about_everyone(assignment: str, standings: Sequence[Standing], tier: str) -> Iterator[str]:
    found = len(standing_out(standings, tier))
    first = f"; the first {ALL_SHOWN} of them are shown" if found > ALL_SHOWN else ""
    graded = sum(not each.could_not_be_graded for each in standings)
    yield f"{graded} students have points, {found} stand out{first}"
    if found:
        yield ", ".join(f"{kind}: {number}" for kind, number in kinds(standings, tier).items())
    yield f"`grader autograde {assignment} --json` tells of everyone"


def _exercises(assignment: str, standings: Sequence[Standing]) -> Table:
    table = Table(title=Text(f"{assignment}: exercises"))
    table.add_column("exercise", overflow="fold")
    table.add_column("mean", justify="right")
    table.add_column("full marks", justify="right")
    table.add_column("most of the others", overflow="fold")
    for each in by_exercise(standings):
        common = f"{inert(each.common)} ({each.how_many})" if each.common else ""
        mean, full = f"{each.mean:.2f} of {each.max_points:g}", f"{each.full_marks / each.students:.0%}"
        table.add_row(*map(Text, (each.name, mean, full, common)))
    return table


def _spread(standings: Sequence[Standing]) -> Text:
    """A bar of signs for each tenth of the points."""
    counts = histogram(standings)
    most, step = max(1, *counts), 100 // BINS
    lines = [
        f"{low:3}-{low + step:3} %  {count:6}  {'#' * round(_LONGEST_BAR * count / most)}".rstrip()
        for low, count in zip(range(0, 100, step), counts, strict=True)
    ]
    return Text("\n".join(["of all points  students", *lines]), no_wrap=True, overflow="ellipsis")


def _below(assignment: str, result: ClassResult) -> Iterator[Text]:
    yield from _failures(assignment, result.failures)
    if result.unchanged:
        yield Text(f"{len(result.unchanged)} had not changed since they were graded; --force grades them again")
    long = slowest(result.standings)
    if long:
        yield Text(f"slowest: {', '.join(f'{shown_name(each.student)} {each.seconds:.1f} s' for each in long)}")
    yield Text(_pace(result))
    if result.device.kind != CPU:
        yield Text(f"device: {result.device.kind} ({result.device.card or 'of the cluster'})")
    if result.protection is not None:
        layers = ", ".join(result.protection.layers)
        yield Text(f"isolation: tier {result.protection.tier} ({layers})")


def _failures(assignment: str, failures: dict[str, str]) -> Iterator[Text]:
    """A line for each reason; of very many the first."""
    groups = alike(failures)
    for reason, students in list(groups.items())[:MOST_FAILURES]:
        if len(students) == 1:
            yield Text(not_graded(students[0], reason), "red")
        else:
            yield Text(f"not graded ({len(students)}): {few(students, MOST_NAMES)}: {inert(reason)}", "red")
    if len(groups) > MOST_FAILURES:
        rest = sum(map(len, list(groups.values())[MOST_FAILURES:]))
        yield Text(f"not graded: {rest} more; `grader autograde {assignment} --json` names all and says why", "red")


def _pace(result: ClassResult) -> str:
    ran = [each for each in result.standings if not each.unchanged]
    if not ran:
        return f"nobody had to be graded; that took {result.seconds:.1f} s"
    could_not = sum(each.could_not_be_graded for each in ran)
    apart = f", {could_not} could not be graded" if could_not else ""
    pace = f", {len(ran) / result.seconds:.1f} students a second" if result.seconds else ""
    return f"graded {len(ran) - could_not} in {result.seconds:.1f} s{apart}{pace}"


def _not_yet_spoken_of(result: ClassResult) -> list[Standing]:
    """Standings whose walls were others than those of this run."""
    return [each for each in result.standings if each.unchanged or each.tier != _tier(result)]


def _tier(result: ClassResult) -> str:
    """Of the walls that this run tells of; empty when nothing had to run."""
    return result.protection.tier if result.protection is not None else ""
