"""Which submitted cell stands for which known cell, whatever became of its marks."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from grader.notebook.marks import Kind, Known, grade_id, top_level_names, trimmed
from grader.notebook.normal import source_text

Cells = list[dict[str, Any]]


@dataclass(frozen=True)
class Match:
    """The submitted cells of one known cell, by index.

    index: the one that stands for it, None when there is none. marked: all that bear its `grade_id`. dropped: copies
    with nothing of the student's in them, which would only repeat or override the one that counts. edited: whether the
    student wrote into a test or locked cell what is worth keeping in a cell behind it.
    """

    known: Known
    index: int | None
    marked: tuple[int, ...]
    dropped: tuple[int, ...]
    edited: bool


def match(cells: Cells, known: tuple[Known, ...]) -> tuple[Match, ...]:
    """One match for each known cell: by its mark, else by its exact text, else by the name that it defines."""
    texts = [trimmed(source_text(cell)) for cell in cells]
    marked = {each.grade_id: _marked(cells, each) for each in known}
    chosen = {each.grade_id: _choice(texts, each, marked[each.grade_id]) for each in known if marked[each.grade_id]}
    chosen |= _lost(cells, texts, [each for each in known if each.grade_id not in chosen], frozenset(chosen.values()))
    taken, released = frozenset(chosen.values()), frozenset(each.text for each in known)
    return tuple(
        Match(
            known=each,
            index=(index := chosen.get(each.grade_id)),
            marked=marked[each.grade_id],
            dropped=tuple(_idle(texts, each, marked[each.grade_id], taken)),
            edited=index is not None and texts[index] not in released and each.is_extended_by(texts[index]),
        )
        for each in known
    )


def _marked(cells: Cells, known: Known) -> tuple[int, ...]:
    return tuple(index for index, cell in enumerate(cells) if grade_id(cell) == known.grade_id)


def _choice(texts: list[str], known: Known, marked: tuple[int, ...]) -> int:
    """Of several cells with one mark: the first that was worked on, or for a locked one the first left as it was."""
    if known.kind is Kind.SOLUTION:
        return next((index for index in marked if _is_worked_on(texts[index], known)), marked[0])
    return next((index for index in marked if texts[index] == known.text), marked[0])


def _lost(cells: Cells, texts: list[str], missing: list[Known], taken: frozenset[int]) -> dict[str, int]:
    """Cells that lost their mark on the way through another tool, or that the student wrote in the place of one."""
    found: dict[str, int] = {}
    defined = _definitions(cells, texts, [each.grade_id for each in missing if each.kind is Kind.SOLUTION])
    for each in missing:
        free = [index for index in range(len(cells)) if index not in taken and index not in found.values()]
        if each.kind is Kind.SOLUTION:
            defining = [index for index in free if each.grade_id in defined.get(index, ())]
            candidates = [index for index in defining if _is_worked_on(texts[index], each)] or defining
        else:
            candidates = [index for index in free if texts[index].strip() and texts[index] == each.text][:1]
        if candidates:
            found[each.grade_id] = candidates[-1]
    return found


def _definitions(cells: Cells, texts: list[str], wanted: Collection[str]) -> dict[int, frozenset[str]]:
    """The names that each code cell defines; only cells in which a wanted name occurs are worth parsing."""
    return {
        index: top_level_names(text)
        for index, text in enumerate(texts)
        if cells[index]["cell_type"] == "code" and any(name in text for name in wanted)
    }


def _idle(texts: list[str], known: Known, marked: tuple[int, ...], taken: frozenset[int]) -> Iterator[int]:
    """Untouched copies. A stub counts without its mark too: run after the answer, it would replace it."""
    where = range(len(texts)) if known.kind is Kind.SOLUTION else marked
    for index in where:
        if index not in taken and texts[index].strip() and texts[index] == known.text:
            yield index


def _is_worked_on(text: str, known: Known) -> bool:
    return bool(text.strip()) and text != known.text
