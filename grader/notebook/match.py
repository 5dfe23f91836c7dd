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
    """One match for each known cell: by its mark, else by its exact text, else by the name that it defines.

    A marked cell that is still the stub gives way to another that defines its name: run after it, the stub would
    replace the answer.
    """
    texts = [trimmed(source_text(cell)) for cell in cells]
    marked = {each.grade_id: _marked(cells, each) for each in known}
    chosen = {each.grade_id: _choice(texts, each, marked[each.grade_id]) for each in known if marked[each.grade_id]}
    code = {index for index, cell in enumerate(cells) if cell["cell_type"] == "code"}
    # one that was turned into text is turned back, and then defines what it says
    code |= {chosen[each.grade_id] for each in known if each.grade_id in chosen and each.cell["cell_type"] == "code"}
    elsewhere = _definitions(code, texts, [each for each in known if not _is_answered(texts, each, chosen)])
    chosen = {name: index for name, index in chosen.items() if not elsewhere.get(name)}
    chosen |= _lost(texts, [each for each in known if each.grade_id not in chosen], elsewhere, chosen.values())
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


def is_late(found: Match, matches: tuple[Match, ...]) -> bool:
    """Whether a locked cell, as the one with the imports, stands behind one that was released after it."""
    if found.index is None or found.known.kind is not Kind.LOCKED:
        return False
    behind = matches[matches.index(found) + 1 :]
    return any(each.index is not None and each.index < found.index for each in behind)


def _marked(cells: Cells, known: Known) -> tuple[int, ...]:
    return tuple(index for index, cell in enumerate(cells) if grade_id(cell) == known.grade_id)


def _choice(texts: list[str], known: Known, marked: tuple[int, ...]) -> int:
    """Of several cells with one mark: the first that was worked on, or for a locked one the first left as it was."""
    if known.kind is Kind.SOLUTION:
        return next((index for index in marked if _is_worked_on(texts[index], known)), marked[0])
    return next((index for index in marked if texts[index] == known.text), marked[0])


def _is_answered(texts: list[str], known: Known, chosen: dict[str, int]) -> bool:
    """Whether there is nothing to look for elsewhere: only an answer may stand in a cell that was not meant for it."""
    index = chosen.get(known.grade_id)
    return known.kind is not Kind.SOLUTION or (index is not None and _is_worked_on(texts[index], known))


def _definitions(code: Collection[int], texts: list[str], wanted: list[Known]) -> dict[str, tuple[int, ...]]:
    """Where each wanted name is defined by more than its stub; only cells in which one occurs are worth parsing."""
    names = {
        index: top_level_names(text)
        for index, text in enumerate(texts)
        if index in code and any(each.grade_id in text for each in wanted)
    }
    return {
        each.grade_id: tuple(
            index for index, found in names.items() if each.grade_id in found and _is_worked_on(texts[index], each)
        )
        for each in wanted
    }


def _lost(
    texts: list[str], missing: list[Known], elsewhere: dict[str, tuple[int, ...]], taken: Collection[int]
) -> dict[str, int]:
    """Cells that lost their mark on the way through another tool, or that the student wrote in the place of one.

    Of several definitions the last, which is the one that counts when all run. None of them is free when the answer
    stands in the cell of another exercise: then nothing takes the place, and least of all a stub.
    """
    found: dict[str, int] = {}
    for each in missing:
        free = [index for index in range(len(texts)) if index not in taken and index not in found.values()]
        candidates = elsewhere.get(each.grade_id) or [i for i in free if texts[i] and texts[i] == each.text][:1]
        if usable := [index for index in candidates if index in free]:
            found[each.grade_id] = usable[-1]
    return found


def _idle(texts: list[str], known: Known, marked: tuple[int, ...], taken: frozenset[int]) -> Iterator[int]:
    """Untouched copies. A stub counts without its mark too: run after the answer, it would replace it."""
    where = range(len(texts)) if known.kind is Kind.SOLUTION else marked
    for index in where:
        if index not in taken and texts[index].strip() and texts[index] == known.text:
            yield index


def _is_worked_on(text: str, known: Known) -> bool:
    return bool(text.strip()) and text != known.text
