"""Putting a submission back into the form in which it was released, without losing a word of the student's.

Known cells are those of the released notebook that bear a `grade_id`. They come out in released order, each once;
every other cell is the student's own and stays behind the known cell that it stood behind.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from grader.notebook import sentences
from grader.notebook.marks import Kind, grade_id, is_test, known_cells
from grader.notebook.match import Cells, Match, match
from grader.notebook.normal import normalised, source_text, with_distinct_ids, without_marks

__all__ = ["MISSING_CELL", "Repaired", "RunCell", "cells_to_run", "grade_id", "is_test", "repair"]

MISSING_CELL = "# This cell was missing in the submission."
"""Stands in a solution cell that was deleted. Never the stub: it would override a definition elsewhere."""


@dataclass(frozen=True)
class Repaired:
    """A notebook that nbgrader and the judge can use, and a sentence for each thing that was restored."""

    notebook: dict[str, Any]
    repairs: tuple[str, ...]


@dataclass(frozen=True)
class RunCell:
    """A cell to run: its name (the `grade_id`, else its number), source, and index in the notebook."""

    name: str
    source: str
    index: int


def repair(submitted: dict[str, Any], released: dict[str, Any]) -> Repaired:
    """The submission with all known cells as released, in the normal form. Repairing twice changes nothing more.

    Neither argument is changed. UnreadableNotebookError when one of them is beyond the bounds of the normal form.
    """
    original = normalised(released)
    cells: Cells = normalised(submitted)["cells"]
    matches = match(cells, known_cells(original))
    restored = with_distinct_ids(_assembled(cells, matches))
    return Repaired({**original, "cells": restored}, tuple(sentences.repairs(cells, matches)))


def cells_to_run(notebook: dict[str, Any]) -> tuple[RunCell, ...]:
    """The code cells of a repaired notebook in order, without the test cells: for those the judge answers."""
    return tuple(
        RunCell(grade_id(cell) or str(index + 1), source_text(cell), index)
        for index, cell in enumerate(notebook["cells"])
        if cell["cell_type"] == "code" and not is_test(cell)
    )


def _assembled(cells: Cells, matches: tuple[Match, ...]) -> Cells:
    own = _own_cells(cells, matches)
    # a set-up cell that was deleted comes back first of all: cells in front of the next known one may need it
    lead = list(takewhile(lambda each: each.index is None and each.known.kind is not Kind.SOLUTION, matches))
    result = [*(each.known.cell for each in lead), *own[""]]
    for each in matches[len(lead) :]:
        result = [*result, _restored(cells, each), *_edited_copy(cells, each), *own[each.known.grade_id]]
    return result


def _own_cells(cells: Cells, matches: tuple[Match, ...]) -> dict[str, Cells]:
    """The student's own cells by the known cell that they stand behind; "" is the start of the notebook."""
    names = {each.index: each.known.grade_id for each in matches}
    dropped = {index for each in matches for index in each.dropped}
    own: dict[str, Cells] = {"": [], **{each.known.grade_id: [] for each in matches}}
    behind = ""
    for index, cell in enumerate(cells):
        if index in names:
            behind = names[index]
        elif index not in dropped:
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


def _edited_copy(cells: Cells, found: Match) -> Cells:
    """What a student added to a locked cell, an import perhaps, that an answer may rely on: kept as an own cell."""
    return [without_marks(cells[found.index])] if found.edited and found.index is not None else []
