"""Putting a submission back into the form in which it was released, without losing a word of the student's.

Known cells are those of the released notebook that bear a `grade_id`. They come out each once. No cell that is there
changes its place, so that the notebook runs as its author ran it: from top to bottom. Only what is missing, or locked
and too late for those that need it, goes to where it was released.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from grader.notebook import sentences
from grader.notebook.marks import Kind, grade_id, known_cells
from grader.notebook.match import Cells, Match, is_late, match
from grader.notebook.normal import normalised, with_distinct_ids, without_marks

__all__ = ["MISSING_CELL", "Repaired", "grade_id", "repair"]

MISSING_CELL = "# This cell was missing in the submission."
"""Stands in a solution cell that was deleted. Never the stub: it would override a definition elsewhere."""


@dataclass(frozen=True)
class Repaired:
    """A notebook that nbgrader and the judge can use, and a sentence for each thing that was restored."""

    notebook: dict[str, Any]
    repairs: tuple[str, ...]


def repair(submitted: dict[str, Any], released: dict[str, Any]) -> Repaired:
    """The submission with all known cells as released, in the normal form. Repairing twice changes nothing more.

    Neither argument is changed. UnreadableNotebookError when one of them is beyond the bounds of the normal form.
    """
    original = normalised(released)
    cells: Cells = normalised(submitted)["cells"]
    matches = match(cells, known_cells(original))
    restored = with_distinct_ids(_assembled(cells, matches))
    return Repaired({**original, "cells": restored}, tuple(sentences.repairs(cells, matches)))


def _assembled(cells: Cells, matches: tuple[Match, ...]) -> Cells:
    placed = [each for each in matches if each.index is not None and not is_late(each, matches)]
    lead = list(takewhile(lambda each: each not in placed and each.known.kind is not Kind.SOLUTION, matches))
    own = _own_cells(cells, matches, placed)
    # a set-up cell that was deleted comes back first of all: cells in front of the next known one may need it
    names = [*(each.known.grade_id for each in lead), *own]
    before = _START
    for each in matches[len(lead) :]:
        if each not in placed:
            names.insert(names.index(before) + 1, each.known.grade_id)
        before = each.known.grade_id
    restored = {each.known.grade_id: [_restored(cells, each)] for each in matches}
    return [cell for name in names for cell in (*restored.get(name, ()), *own.get(name, ()))]


_START = ""
"""Stands for the start of the notebook where otherwise a known cell's name stands."""


def _own_cells(cells: Cells, matches: tuple[Match, ...], placed: list[Match]) -> dict[str, Cells]:
    """The student's own cells by the placed one that they stand behind, in the order of the submission.

    What a student added to a locked cell, an import perhaps, that an answer may rely on, is an own cell too.
    """
    found = {each.index: each for each in matches}
    dropped = {index for each in matches for index in each.dropped}
    own: dict[str, Cells] = {_START: []}
    behind = _START
    for index, cell in enumerate(cells):
        known = found.get(index)
        if known in placed:
            behind = known.known.grade_id
            own[behind] = []
        is_own = known.edited if known else index not in dropped
        if is_own:
            own[behind].append(without_marks(cell))
    return own


def _restored(cells: Cells, found: Match) -> dict[str, Any]:
    """The known cell as released, but for the text of an answer."""
    known = found.known
    if known.kind is not Kind.SOLUTION:
        return known.cell
    if found.index is None:
        return {**known.cell, "source": MISSING_CELL}
    answer = {**known.cell, "source": cells[found.index]["source"]}
    attachments = cells[found.index].get("attachments")
    return {**answer, "attachments": attachments} if attachments and known.cell["cell_type"] != "code" else answer
