"""Putting a submission back into the form in which it was released, without losing a word of the student's.

Known cells are those of the released notebook that bear a `grade_id`. They come out in released order, each once;
every other cell is the student's own and stays behind the known cell that it stood behind.
"""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

MISSING_CELL = "# This cell was missing in the submission."
"""Stands in a solution cell that was deleted. Never the stub: it would override a definition elsewhere."""

_STUDENT_METADATA = ("tags", "collapsed", "scrolled")


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
    """The submission with all released cells as released. Neither argument is changed."""
    work = _Work(released)
    work.take(copy.deepcopy(submitted["cells"]))
    work.adopt_unmarked()
    notebook = copy.deepcopy({key: value for key, value in released.items() if key != "cells"})
    notebook["cells"] = _with_unique_ids(work.assembled())
    return Repaired(notebook, tuple(work.repairs))


def cells_to_run(notebook: dict[str, Any]) -> tuple[RunCell, ...]:
    """The code cells in order, without the test cells: for those the judge answers."""
    return tuple(
        RunCell(grade_id(cell) or str(index + 1), cell["source"], index)
        for index, cell in enumerate(notebook["cells"])
        if cell["cell_type"] == "code" and not is_test(cell)
    )


def untouched(notebook: dict[str, Any], released: dict[str, Any], name: str) -> bool:
    """Whether a solution cell is still as it was released, but for white space at line ends."""
    pair = [cell["source"] for each in (notebook, released) for cell in each["cells"] if grade_id(cell) == name]
    return len(pair) == 2 and _stripped(pair[0]) == _stripped(pair[1])


def grade_id(cell: dict[str, Any]) -> str:
    """The cell's `grade_id`; empty when its nbgrader metadata holds none that is text."""
    found = cell["metadata"].get("nbgrader")
    name = found.get("grade_id") if isinstance(found, dict) else None
    return name if isinstance(name, str) else ""


def is_test(cell: dict[str, Any]) -> bool:
    return bool(cell["metadata"].get("nbgrader", {}).get("grade"))


def _is_solution(cell: dict[str, Any]) -> bool:
    return bool(cell["metadata"]["nbgrader"].get("solution"))


@dataclass
class _Work:
    """One repair under way: the released cells, what the submission has for each, and the student's own cells."""

    released: dict[str, Any]
    repairs: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.originals = {grade_id(cell): cell for cell in self.released["cells"] if grade_id(cell)}
        self.found: dict[str, dict[str, Any]] = {}
        # own cells by the known cell that they stand behind; "" is the start of the notebook
        self.own: dict[str, list[dict[str, Any]]] = {"": [], **{name: [] for name in self.originals}}
        self.order: list[str] = []

    def take(self, cells: list[dict[str, Any]]) -> None:
        """Sorts the submitted cells into known ones and the student's own."""
        behind = ""
        for cell in cells:
            name = grade_id(cell)
            if name not in self.originals:
                if name:
                    self._say(f"The cell `{name}` is none of this assignment's; it was kept as the student's own.")
                self.own[behind].append(_freed(cell))
            elif name not in self.found:
                self.found[name], behind = cell, name
                self.order.append(name)
            else:
                self._take_copy(name, cell, behind)

    def _take_copy(self, name: str, cell: dict[str, Any], behind: str) -> None:
        original, first = self.originals[name], self.found[name]
        self._say(f"The cell `{name}` stood there more than once; one was kept as such.")
        if not _is_solution(original):
            if _stripped(cell["source"]) != _stripped(original["source"]):
                self.own[behind].append(_freed(cell))
            return
        stub = _stripped(original["source"])
        if _stripped(first["source"]) == stub and _stripped(cell["source"]) != stub:
            self.found[name] = cell
        elif _stripped(cell["source"]) != stub:
            self.own[behind].append(_freed(cell))

    def adopt_unmarked(self) -> None:
        """Looks for missing cells among the student's own: metadata gets lost on the way through other tools."""
        for name, original in self.originals.items():
            if name not in self.found:
                self._adopt(name, original)

    def _adopt(self, name: str, original: dict[str, Any]) -> None:
        for cells in reversed(self.own.values()):
            for cell in reversed(cells):
                if _fits(cell, name, original):
                    cells.remove(cell)
                    self.found[name] = cell
                    self._say(f"The cell `{name}` had lost its marking; it was marked again.")
                    return

    def assembled(self) -> list[dict[str, Any]]:
        """All cells: the known ones in released order, the student's own behind their neighbours."""
        if self.order != [name for name in self.originals if name in self.order]:
            self._say("Cells had been moved; the released order was restored.")
        cells = list(self.own[""])
        for name, original in self.originals.items():
            cells.append(self._restored(name, original))
            cells.extend(self.own[name])
        return cells

    def _restored(self, name: str, original: dict[str, Any]) -> dict[str, Any]:
        cell, result = self.found.get(name), copy.deepcopy(original)
        if cell is None:
            self._say(f"The cell `{name}` was missing; it was restored{' empty' if _is_solution(original) else ''}.")
            if _is_solution(original):
                result["source"] = MISSING_CELL
            return result
        if cell["cell_type"] != original["cell_type"]:
            self._say(f"The cell `{name}` had become a {cell['cell_type']} cell; its type was restored.")
        if cell["metadata"].get("nbgrader") != original["metadata"]["nbgrader"] and grade_id(cell):
            self._say(f"The marking of the cell `{name}` had been changed; it was restored.")
        if _is_solution(original):
            result["source"] = cell["source"]
        elif _stripped(cell["source"]) != _stripped(original["source"]):
            self._say(f"The locked cell `{name}` had been edited; it was restored.")
        return result

    def _say(self, sentence: str) -> None:
        if sentence not in self.repairs:
            self.repairs.append(sentence)


def _freed(cell: dict[str, Any]) -> dict[str, Any]:
    """A student's own cell: nothing in its metadata may mean something to a grader."""
    cell["metadata"] = {key: cell["metadata"][key] for key in _STUDENT_METADATA if key in cell["metadata"]}
    if not isinstance(cell["metadata"].get("tags", []), list):
        del cell["metadata"]["tags"]
    return cell


def _fits(cell: dict[str, Any], name: str, original: dict[str, Any]) -> bool:
    if not _is_solution(original):
        return _stripped(cell["source"]) == _stripped(original["source"])
    return cell["cell_type"] == "code" and name in _defined(cell["source"])


def _defined(source: str) -> set[str]:
    try:
        return set(_top_level_names(ast.parse(source)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set(re.findall(r"^(?:def|class)\s+(\w+)", source, re.MULTILINE))


def _top_level_names(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            yield node.name
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def _stripped(source: str) -> str:
    return "\n".join(line.rstrip() for line in source.strip().splitlines())


def _with_unique_ids(cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Released cells keep their ids; a student's cell that bears one of those gets another."""
    used = {cell["id"] for cell in cells if grade_id(cell) and "id" in cell}
    for number, cell in enumerate(cells):
        if grade_id(cell):
            continue
        if cell.get("id") in used or "id" not in cell:
            cell["id"] = f"own-{number}"
        used.add(cell["id"])
    return cells
