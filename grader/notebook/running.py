"""Which cells of a repaired notebook are run, and what of them is worth showing."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from grader.notebook.marks import Kind, grade_id, is_test, known_cells
from grader.notebook.normal import source_text


@dataclass(frozen=True)
class RunCell:
    """A cell to run: its name (the `grade_id`, else its number), source, and index in the notebook.

    drawn: whether its figures are worth a picture to anybody.
    """

    name: str
    source: str
    index: int
    drawn: bool = True


def cells_to_run(notebook: dict[str, Any], lesson: Collection[str] = ()) -> tuple[RunCell, ...]:
    """The code cells of a repaired notebook in order, without the test cells: for those the judge answers.

    lesson: sources whose figures are the same for everybody (see `lesson_sources`), and need not be drawn once more.
    """
    return tuple(
        RunCell(grade_id(cell) or str(index + 1), source_text(cell), index, source_text(cell) not in lesson)
        for index, cell in enumerate(notebook["cells"])
        if cell["cell_type"] == "code" and not is_test(cell)
    )


def beginning(released: dict[str, Any], lesson: Collection[str] = ()) -> tuple[RunCell, ...]:
    """The cells to run before the first that students fill in; for `lesson` see `cells_to_run`."""
    solutions = {each.grade_id for each in known_cells(released) if each.kind is Kind.SOLUTION}
    return tuple(takewhile(lambda cell: cell.name not in solutions, cells_to_run(released, lesson)))


def released_sources(released: dict[str, Any]) -> frozenset[str]:
    """Sources of all code cells that students got, the stubs of their answers too."""
    return frozenset(source_text(cell) for cell in released["cells"] if cell["cell_type"] == "code")


def lesson_sources(released: dict[str, Any]) -> frozenset[str]:
    """Sources of the released notebook's own code cells that mention none of its answers."""
    answers = [re.escape(each.grade_id) for each in known_cells(released) if each.kind is Kind.SOLUTION]
    mentions = re.compile(rf"\b(?:{'|'.join(answers)})\b" if answers else "(?!)")
    sources = (source_text(cell) for cell in released["cells"] if cell["cell_type"] == "code" and not is_test(cell))
    return frozenset(source for source in sources if not mentions.search(source))
