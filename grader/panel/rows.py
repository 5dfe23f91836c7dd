"""What a panel says, as labelled rows: the one place that decides who may read what."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from grader.verdict import CaseVerdict, ExerciseVerdict, Finding, Outcome, Verdict


class Audience(Enum):
    """AUTHOR sees the whole finding; STUDENT reads results of hidden cases: sentences, no inputs, no values."""

    AUTHOR = "author"
    STUDENT = "student"


@dataclass(frozen=True)
class Row:
    """A label and what stands behind it."""

    label: str
    text: str


def head(verdict: ExerciseVerdict) -> str:
    """`wrong · 2.5 of 4 points · 5 of 7 cases pass`."""
    passed = len(verdict.cases) - len(verdict.failed)
    cases = f" · {passed} of {len(verdict.cases)} cases pass" if verdict.cases else ""
    return f"{verdict.outcome} · {verdict.points:g} of {verdict.max_points:g} points{cases}"


def rows(verdict: ExerciseVerdict, audience: Audience) -> tuple[Row, ...]:
    """The body of an exercise's panel; empty when there is nothing to say."""
    return tuple(_rows(verdict, audience))


def _rows(verdict: ExerciseVerdict, audience: Audience) -> Iterator[Row]:
    if verdict.note:
        yield Row("note", verdict.note)
    if verdict.outcome is Outcome.NOT_ATTEMPTED:
        yield Row("note", "The cell is as it was released: write your answer in the place of the last line.")
        return
    if verdict.forbidden:
        call = verdict.forbidden
        yield Row("call", f"{call.call} may not be used here")
        yield Row("where", _where(call.cell, call.line, call.text))
        return
    yield from _failures(verdict.failed, audience)
    if verdict.mistake:
        yield Row("hint", verdict.mistake.explanation)


def _failures(failed: tuple[CaseVerdict, ...], audience: Audience) -> Iterator[Row]:
    for position, case in enumerate(_one_for_each_sentence(failed)):
        yield Row("fails" if position == 0 else "also", f"{case.sentence} ({case.outcome})")
        if position == 0 and case.finding is not None:
            yield from (_full if audience is Audience.AUTHOR else _discreet)(case.finding)


def _one_for_each_sentence(cases: tuple[CaseVerdict, ...]) -> tuple[CaseVerdict, ...]:
    first: dict[str, CaseVerdict] = {}
    for case in cases:
        first.setdefault(case.sentence, case)
    return tuple(first.values())


def _full(finding: Finding) -> Iterator[Row]:
    if finding.call:
        yield Row("called", finding.call)
    yield Row("wrong", f"{finding.wrong} differ" if finding.wrong else finding.message)
    if finding.wrong and finding.message != "The values differ.":
        yield Row("", finding.message)
    if finding.worst:
        yield Row("worst", f"{finding.worst} yours {finding.yours}, expected {finding.expected}")
    elif finding.yours:
        yield Row("yours", finding.yours)
        yield Row("expected", finding.expected)
    if finding.line:
        yield Row("line", finding.line)


def _discreet(finding: Finding) -> Iterator[Row]:
    """For hidden cases: an exception's type and the author's own line, never a text that could carry inputs."""
    kind = re.match(r"The call raised (\w+)", finding.message)
    if kind:
        known = isinstance(getattr(builtins, kind[1], None), type)
        yield Row("raised", kind[1] if known else "an exception")
    if finding.line:
        yield Row("line", finding.line)


def _where(cell: str, line: int, text: str) -> str:
    place = f"cell {cell}, line {line}" if cell and line else f"line {line}"
    return f"{place}: {text}" if text else place


def submission_rows(verdict: Verdict) -> tuple[Row, ...]:
    """What there is to say about a submission as a whole, besides its exercises."""
    problem = (Row("problem", verdict.problem),) if verdict.problem else ()
    return (*problem, *(Row("repaired", sentence) for sentence in verdict.repairs))
