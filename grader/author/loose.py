"""Grading loose answers, a file each, to see how a suite judges what it has not seen before."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import redirect_stdout
from pathlib import Path

import pytest
from rich.console import Console
from rich.text import Text

from grader import course
from grader.author.cells import marked, source_notebook
from grader.course import Exercise
from grader.folder import CourseFolder
from grader.jail.jail import Jail
from grader.jail.limits import Limits
from grader.jail.linux import hide
from grader.jail.notice import headline
from grader.jail.proofs import Protection, try_walls
from grader.jail.session import Session
from grader.jail.warmup import needed
from grader.judge.plugin import collected_suite
from grader.judge.private import private_places
from grader.judge.pytest_alone import run_pytest
from grader.judge.references import References
from grader.judge.suite import Suite
from grader.judge.worker import Worker
from grader.notebook.normal import source_text
from grader.notebook.running import RunCell
from grader.notebook.solutions import SETUP_CELL
from grader.tables import show_notice
from grader.verdict import ExerciseVerdict


class BrokenSuiteFileError(RuntimeError):
    """A hidden suite that pytest cannot collect; the message names it."""


def judged(
    folder: CourseFolder,
    about: Exercise,
    files: Iterable[Path],
    *,
    told: Callable[[Protection], None],
) -> Iterator[tuple[Path, ExerciseVerdict]]:
    """Each file's source in the place of the exercise's cell, in the jail, and the verdict on it.

    The other exercises of the assignment are there as their references solve them. `told` hears which walls stand
    before any answer runs.
    """
    hide()
    references = References(folder, about.assignment)
    suite = _suite(folder, about.assignment)
    with Jail(slow=needed(folder.material(about.assignment))) as jail:
        jail.wait_until_ready()
        gate = jail.gates[0]
        protection = try_walls(gate, os.getpid(), private_places(folder))
        told(protection)
        gate.expect(protection.layers, strict=True)
        worker = Worker(gate, suite, references, folder.seed(about.assignment), Limits())
        for path in files:
            session = Session(gate, _cells(folder, about, path.read_text(encoding="utf-8")), Limits())
            try:
                session.run_cells()
                with redirect_stdout(io.StringIO()):  # a known mistake may print, when the judge compares with it
                    verdict = worker.grade_exercise(about, session)
                yield path, verdict
            finally:
                session.close()


def show_judged(folder: CourseFolder, name: str, files: Iterable[Path]) -> None:
    """Prints a line for each file: points, what became of it, and why."""
    about, console = course.exercise(name), Console(highlight=False)
    for path, verdict in judged(folder, about, files, told=_say_tier):
        words = f"{verdict.points:g} of {verdict.max_points:g}  {path.name}  {verdict.outcome}  {reason(verdict)}"
        console.print(Text(words.rstrip(), "green" if verdict.points == verdict.max_points else ""), soft_wrap=True)


def _say_tier(protection: Protection) -> None:
    """On stderr: stdout holds a line for each file and no more."""
    console = Console(stderr=True, highlight=False)
    if protection.tier == "A":
        console.print(f"isolation: {headline(protection)}")
    show_notice(protection, console)


def reason(verdict: ExerciseVerdict) -> str:
    """Why points are missing, in one line: the mistake by name, the forbidden call, or the first failed case."""
    if verdict.forbidden is not None:
        return f"{verdict.forbidden.call} in line {verdict.forbidden.line}"
    if verdict.mistake is not None:
        return verdict.mistake.name
    if not verdict.failed:
        return verdict.note
    case = verdict.failed[0]
    found = case.finding
    details = (found.message, found.yours, found.expected, found.line) if found else ()
    return (
        f"{len(verdict.failed)} of {len(verdict.cases)} cases, first {case.name}: {' | '.join(filter(None, details))}"
    )


def _cells(folder: CourseFolder, about: Exercise, answer: str) -> tuple[RunCell, ...]:
    known = marked(source_notebook(folder, about.assignment))
    names = [SETUP_CELL, *(each.solution_cell for each in course.exercises(about.assignment) if each != about)]
    sources = [(name, source_text(known[name])) for name in names]
    return tuple(RunCell(name, source, at) for at, (name, source) in enumerate([*sources, (about.name, answer)]))


class _Collected:
    suite: Suite | None = None

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.suite = collected_suite(session.items)


def _suite(folder: CourseFolder, assignment: str) -> Suite:
    found, path = _Collected(), folder.hidden_suite(assignment)
    quiet = ("-p", "no:terminal", "--cases-only", "--collect-only")
    if run_pytest([*quiet, str(path)], str(folder.root), [found]) != 0 or found.suite is None:
        raise BrokenSuiteFileError(f"{path} cannot be collected; run `pytest {path}` to see why")
    return found.suite
