"""What a repair says: one plain sentence for each thing that was restored."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from grader.notebook.marks import Kind, grade_id
from grader.notebook.match import Cells, Match, is_late

_SHOWN = 5
"""Names listed in one sentence before the rest is only counted."""


def repairs(cells: Cells, matches: tuple[Match, ...]) -> Iterator[str]:
    """The sentences on the known cells in released order, then those on the notebook; none for an unchanged one."""
    for each in matches:
        yield from _about_copies(cells, each)
        yield from _about_cell(cells, each)
    yield from _about_strangers(cells, matches)
    yield from _about_order(matches)


def _about_copies(cells: Cells, found: Match) -> Iterator[str]:
    if len(found.marked) < 2 or found.index not in found.marked:
        if set(found.dropped) - set(found.marked):
            yield f"An unmarked copy of the untouched {_named(found)} was left out."
        return
    count = "twice" if len(found.marked) == 2 else f"{len(found.marked)} times"
    which = "first" if found.index == found.marked[0] else "later"
    others = set(found.marked) - {found.index}
    kept = others - set(found.dropped)
    if found.known.kind is Kind.SOLUTION and any(cells[index]["source"].strip() for index in kept):
        fate = "the others run as ordinary cells, and of several definitions the last one counts"
        yield f"The {_named(found)} was there {count}; the {which} one stands in its place, {fate}."
        return
    fate = "unchanged copies were left out" if not kept else "other cells of that name were kept as ordinary ones"
    yield f"The {_named(found)} was there {count}; the {which} one counts, {fate}."


def _about_cell(cells: Cells, found: Match) -> Iterator[str]:
    if found.index is None and found.marked:
        yield f"The {_named(found)} was untouched; it gave way to another cell that defines `{found.known.grade_id}`."
    elif found.index is None:
        fate = "an empty cell stands in its place" if found.known.kind is Kind.SOLUTION else "it was restored"
        yield f"The {_named(found)} was missing; {fate}."
    elif found.index not in found.marked:
        yield _about_lost_marks(cells[found.index], found)
    elif changes := list(_changes(cells[found.index], found)):
        yield f"The {_named(found)} had been {' and '.join(changes)}; {_fate(found)}."


def _about_lost_marks(cell: dict[str, Any], found: Match) -> str:
    if found.known.kind is Kind.SOLUTION:
        state = "untouched" if found.marked else "missing"
        return f"The {_named(found)} was {state}; the cell that defines `{found.known.grade_id}` took its place."
    return f"The {_named(found)} had lost its nbgrader metadata; it was marked again."


def _changes(cell: dict[str, Any], found: Match) -> Iterator[str]:
    known = found.known
    if known.kind is not Kind.SOLUTION and not known.says(cell):
        yield "edited"
    if cell["cell_type"] != known.cell["cell_type"]:
        yield f"turned into a {cell['cell_type']} cell"
    if cell["metadata"]["nbgrader"] != known.marks:
        yield "given other nbgrader metadata"


def _fate(found: Match) -> str:
    if found.known.kind is Kind.SOLUTION:
        return "it was restored with the answer in it"
    if found.edited:
        return "it was restored, and the edited text follows as an ordinary cell"
    return "it was restored"


def _about_strangers(cells: Cells, matches: tuple[Match, ...]) -> Iterator[str]:
    known = {each.known.grade_id for each in matches}
    placed = {index for each in matches for index in (each.index, *each.dropped)}
    found = [grade_id(cell) for index, cell in enumerate(cells) if index not in placed]
    names = [name for name in dict.fromkeys(found) if name and name not in known]
    if names:
        yield f"This assignment has no cell of the name {_listed(names)}; what bore it was kept as an ordinary cell."


def _about_order(matches: tuple[Match, ...]) -> Iterator[str]:
    for each in matches:
        if is_late(each, matches):
            yield f"The {_named(each)} stood behind cells that may need it; it was moved in front of them."


def _named(found: Match) -> str:
    return f"{found.known.kind} cell `{found.known.grade_id}`"


def _listed(names: list[str]) -> str:
    """Names as a sentence may hold them: a student wrote them, so they are cut and cleaned."""
    shown = [f"`{_clean(name)}`" for name in names[:_SHOWN]]
    rest = len(names) - len(shown)
    return ", ".join(shown) + (f" and {rest} more" if rest else "")


def _clean(name: str) -> str:
    return "".join(char if char.isprintable() and char != "`" else "\ufffd" for char in name[:40])
