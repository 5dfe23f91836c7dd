"""`grader author check`: the whole course, checked and shown as a table of exercises."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader import course
from grader.author.agreement import disagreements
from grader.author.derivation import leaks, stale, strays
from grader.author.execution import disturbances
from grader.author.grading import misgraded
from grader.author.proof import KINDS, Proof, prove
from grader.folder import CourseFolder


@dataclass(frozen=True)
class Checked:
    """What the check of one assignment came to."""

    assignment: str
    proof: Proof
    problems: tuple[str, ...]


def check_course(folder: CourseFolder, names: Iterable[str]) -> bool:
    """Checks the assignments one after another, prints what was found, and returns whether all is well."""
    console = Console(highlight=False)
    problems = [*strays(folder)]
    table = _table()
    for name in names:
        course.exercises(name)
        with console.status(f"checking {name}"):
            checked = check_assignment(folder, name)
        _add_rows(table, checked)
        console.print(f"{name}: {_count(checked.problems) if checked.problems else 'in order'}")
        problems += [f"{name}: {each}" for each in checked.problems]
    console.print(table)
    for each in problems:
        console.print(Text(each, style="red"))
    console.print(_count(problems) if problems else "the course is in order")
    return not problems


def _count(problems: Sequence[str]) -> str:
    return f"{len(problems)} problem{'' if len(problems) == 1 else 's'}"


def check_assignment(folder: CourseFolder, name: str) -> Checked:
    """All checks of one assignment. What cannot even be read ends with the first sentence."""
    found = [*disagreements(folder, name)]
    if found:
        return Checked(name, Proof(), tuple(found))
    proof = prove(folder, name)
    others: tuple[Callable[[CourseFolder, str], Iterable[str]], ...] = (stale, leaks, misgraded, disturbances)
    return Checked(name, proof, (*proof.problems, *(problem for check in others for problem in check(folder, name))))


def _table() -> Table:
    table = Table(title="exercises: how many there are, and how many hold")
    table.add_column("exercise", no_wrap=True)
    for heading in ("points", "hidden cases", "visible", "mistakes caught", "right accepted"):
        table.add_column(heading, justify="right")
    return table


def _add_rows(table: Table, checked: Checked) -> None:
    table.add_section()
    table.add_row(Text(checked.assignment, "bold"))
    for each in course.exercises(checked.assignment):
        counts = (f"{checked.proof.held[each.name, k]} of {checked.proof.found[each.name, k]}" for k in KINDS)
        table.add_row(each.name, f"{each.points:g}", *counts)
