"""Verdicts as plain text: for terminals, and as the twin of every HTML panel."""

from __future__ import annotations

import textwrap

from grader.panel.plain import inert
from grader.panel.rows import Audience, Row, cases_of, points_of, rows, submission_rows
from grader.verdict import ExerciseVerdict, Verdict

_LABEL, _WIDTH = 10, 100


def exercise_text(verdict: ExerciseVerdict, *, audience: Audience) -> str:
    """The panel of one exercise: a headline and aligned rows."""
    body = [_line(row) for row in rows(verdict, audience)]
    return "\n".join([f"{inert(verdict.name)}: {_head(verdict)}", *body])


def submission_text(verdict: Verdict, *, audience: Audience) -> str:
    """A submission at a glance: outcome and points by exercise, what was repaired, what protected the machine."""
    total = f"{inert(verdict.assignment)}: {points_of(verdict.points, verdict.max_points)}"
    below = [_line(row) for row in submission_rows(verdict, audience)]
    return "\n".join([total, *_table(verdict.exercises), *below])


def hint_text(name: str, hint: str) -> str:
    """One step of an exercise's hint."""
    return "\n".join([f"{inert(name)}: hint", textwrap.fill(inert(hint, len(hint)), _WIDTH)])


def _head(verdict: ExerciseVerdict) -> str:
    facts = (verdict.outcome, points_of(verdict.points, verdict.max_points), cases_of(verdict))
    return " · ".join(fact for fact in facts if fact)


def _table(exercises: tuple[ExerciseVerdict, ...]) -> list[str]:
    cells = [(inert(e.name), points_of(e.points, e.max_points), str(e.outcome)) for e in exercises]
    names, points = (max((len(cell[i]) for cell in cells), default=0) for i in (0, 1))
    return [f"{name:<{names}}  {each:<{points}}  {outcome}" for name, each, outcome in cells]


def _line(row: Row) -> str:
    """A row whose further lines stand under its first, so that none can pass for a row of its own."""
    filled = textwrap.wrap(inert(row.text, row.most), _WIDTH - _LABEL) or [""]
    return f"{row.label:<{_LABEL}}" + f"\n{'':<{_LABEL}}".join(filled)
