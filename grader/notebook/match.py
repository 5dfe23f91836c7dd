"""Which submitted cell stands for which known cell, whatever became of its marks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from grader.notebook.marks import Kind, Known, defines, grade_id
from grader.notebook.normal import source_text

Cells = list[dict[str, Any]]


@dataclass(frozen=True)
class Match:
    """The submitted cells of one known cell, by index.

    index: the one that stands for it, None when there is none. marked: all that bear its `grade_id`. dropped: copies
    with nothing of the student's in them, which would only repeat or override the one that counts.
    """

    known: Known
    index: int | None
    marked: tuple[int, ...]
    dropped: tuple[int, ...]


def match(cells: Cells, known: tuple[Known, ...]) -> tuple[Match, ...]:
    """One match for each known cell: by its mark, else by its exact text, else by the name that it defines."""
    marked = {each.grade_id: _marked(cells, each) for each in known}
    chosen = {name: _choice(cells, each, marked[name]) for each in known if marked[name := each.grade_id]}
    for each in known:
        if each.grade_id not in chosen:
            free = [index for index in range(len(cells)) if index not in set(chosen.values())]
            found = _lost(cells, each, free)
            if found is not None:
                chosen[each.grade_id] = found
    taken = frozenset(chosen.values())
    return tuple(
        Match(each, chosen.get(each.grade_id), marks, tuple(_idle(cells, each, marks, taken)))
        for each in known
        for marks in (marked[each.grade_id],)
    )


def _marked(cells: Cells, known: Known) -> tuple[int, ...]:
    return tuple(index for index, cell in enumerate(cells) if grade_id(cell) == known.grade_id)


def _choice(cells: Cells, known: Known, marked: tuple[int, ...]) -> int:
    """Of several cells with one mark: the first that was worked on, or for a locked one the first left as it was."""
    if known.kind is Kind.SOLUTION:
        return next((index for index in marked if _is_worked_on(cells[index], known)), marked[0])
    return next((index for index in marked if known.says(cells[index])), marked[0])


def _lost(cells: Cells, known: Known, free: list[int]) -> int | None:
    """A cell that lost its mark on the way through another tool, or that the student wrote in its place."""
    if known.kind is not Kind.SOLUTION:
        return next((index for index in free if _has_text(cells[index]) and known.says(cells[index])), None)
    defining = [index for index in free if _defines(cells[index], known.grade_id)]
    worked_on = [index for index in defining if _is_worked_on(cells[index], known)]
    return max(worked_on or defining, default=None)


def _idle(cells: Cells, known: Known, marked: tuple[int, ...], taken: frozenset[int]) -> Iterator[int]:
    """Untouched copies. A stub counts without its mark too: run after the answer, it would replace it."""
    where = range(len(cells)) if known.kind is Kind.SOLUTION else marked
    for index in where:
        if index not in taken and _has_text(cells[index]) and known.says(cells[index]):
            yield index


def _is_worked_on(cell: dict[str, Any], known: Known) -> bool:
    return _has_text(cell) and not known.says(cell)


def _has_text(cell: dict[str, Any]) -> bool:
    return bool(source_text(cell).strip())


def _defines(cell: dict[str, Any], name: str) -> bool:
    return cell["cell_type"] == "code" and defines(source_text(cell), name)
