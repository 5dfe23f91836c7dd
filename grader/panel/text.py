"""Verdicts as plain text: for terminals, and as the twin of every HTML panel."""

from __future__ import annotations

import textwrap
from itertools import zip_longest

from grader.hints import Hint
from grader.panel.drawing import Figure, Table, figures_of
from grader.panel.onward import Onward
from grader.panel.plain import inert
from grader.panel.row import Row
from grader.panel.rows import Audience, cases_of, more_of, points_of, rows, submission_rows
from grader.verdict import ExerciseVerdict, Grid, Verdict

_LABEL, _WIDTH = 10, 100
_GAP = "   "


def exercise_text(verdict: ExerciseVerdict, *, audience: Audience, onward: Onward = Onward()) -> str:
    """The panel of one exercise: a headline and aligned rows; `onward` is what stands behind the result."""
    body = [_line(row) for row in (*rows(verdict, audience), *onward.rows)]
    return "\n".join([f"{inert(verdict.name)}: {_head(verdict)}", *body])


def submission_text(verdict: Verdict, *, audience: Audience) -> str:
    """A submission at a glance: outcome and points by exercise, what was repaired, what protected the machine."""
    total = f"{inert(verdict.assignment)}: {points_of(verdict.points, verdict.max_points)}"
    below = [_line(row) for row in submission_rows(verdict, audience)]
    return "\n".join([total, *_table(verdict.exercises), *below])


def hint_text(name: str, hint: Hint) -> str:
    """One step of an exercise's hints; source that goes with it stands under the words, and what comes after."""
    words = textwrap.fill(inert(hint.words, len(hint.words)), _WIDTH)
    code = [f"    {inert(line)}".rstrip() for line in hint.code.splitlines()]
    more = [] if hint.last else [more_of(name)]
    return "\n".join([f"{inert(name)}: hint", words, *code, *more])


def _head(verdict: ExerciseVerdict) -> str:
    facts = (verdict.outcome, points_of(verdict.points, verdict.max_points), cases_of(verdict))
    return " · ".join(fact for fact in facts if fact)


def _table(exercises: tuple[ExerciseVerdict, ...]) -> list[str]:
    cells = [(inert(e.name), points_of(e.points, e.max_points), str(e.outcome)) for e in exercises]
    names, points = (max((len(cell[i]) for cell in cells), default=0) for i in (0, 1))
    return [f"{name:<{names}}  {each:<{points}}  {outcome}" for name, each, outcome in cells]


def _line(row: Row) -> str:
    """A row whose further lines stand under its first, so that none can pass for a row of its own."""
    lines = textwrap.wrap(inert(row.text, row.most), _WIDTH - _LABEL)
    lines += drawing_lines(row.drawing, _WIDTH - _LABEL)
    if row.bar:
        lines = [f"{_bar(*row.bar)} {row.text}"]
    return f"{row.label:<{_LABEL}}" + f"\n{'':<{_LABEL}}".join(lines or [""])


def drawing_lines(drawing: tuple[Grid, ...], width: int) -> list[str]:
    """Figures side by side, as many as fit into `width` characters; a figure that needs more alone gets it."""
    lines: list[str] = []
    beside: list[list[str]] = []
    for block in map(_block, figures_of(drawing)):
        if beside and sum(len(each[0]) + len(_GAP) for each in (*beside, block)) - len(_GAP) > width:
            lines += _side_by_side(beside)
            beside = []
        beside.append(block)
    return lines + _side_by_side(beside)


def _block(figure: Figure) -> list[str]:
    """The lines of a figure, all of one length."""
    lines = [figure.role, *figure.titles]
    for table in figure.tables:
        lines += [table.place] if table.place else []
        lines += _aligned(table)
    lines += [figure.crop] if figure.crop else []
    return [line.ljust(max(map(len, lines))) for line in lines]


def _aligned(table: Table) -> list[str]:
    rows = [[cell.text for cell in row] for row in table.rows]
    widths = [max(map(len, column)) for column in zip_longest(*rows, fillvalue="")]
    return ["  ".join(text.rjust(width) for text, width in zip(row, widths, strict=False)) for row in rows]


def _side_by_side(blocks: list[list[str]]) -> list[str]:
    rows = zip_longest(*blocks, fillvalue="")
    widths = [len(block[0]) for block in blocks]
    return [_GAP.join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _bar(done: int, total: int) -> str:
    return "█" * done + "░" * (total - done)
