"""Verdicts as plain text: for terminals, and as the twin of every HTML panel."""

from __future__ import annotations

import textwrap

from grader.panel.plain import inert
from grader.panel.rows import Audience, Row, head, rows, submission_rows
from grader.verdict import ExerciseVerdict, Verdict

_LABEL, _WIDTH = 10, 100


def exercise_text(verdict: ExerciseVerdict, *, audience: Audience) -> str:
    """The panel of one exercise: a headline and aligned rows."""
    body = [_line(row) for row in rows(verdict, audience)]
    return "\n".join([f"{verdict.name}: {head(verdict)}", *body])


def submission_text(verdict: Verdict, *, audience: Audience) -> str:
    """A submission at a glance: points by exercise, and what was repaired."""
    names = max((len(each.name) for each in verdict.exercises), default=0)
    table = [f"{each.name:<{names}}  {head(each)}" for each in verdict.exercises]
    total = f"{verdict.assignment}: {verdict.points:g} of {verdict.max_points:g} points"
    return "\n".join([total, *table, *(_line(row) for row in submission_rows(verdict))])


def _line(row: Row) -> str:
    filled = textwrap.wrap(inert(row.text), _WIDTH - _LABEL, subsequent_indent=" " * _LABEL) or [""]
    return f"{row.label:<{_LABEL}}" + "\n".join(filled)
