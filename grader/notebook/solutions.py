"""The reference module of an assignment, derived from the solution cells of its source notebook."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator
from typing import Any

SETUP_CELL = "setup"
"""`grade_id` of the locked cell with the imports of a notebook."""

_MARKERS = ("BEGIN SOLUTION", "END SOLUTION")


def solution_module(notebook: dict[str, Any], assignment: str) -> str:
    """Source of `solutions/NAME.py`: the imports that the notebook's solution cells use, and these cells, in order."""
    head = f'"""Reference answers of {assignment}: derived from its source notebook by `grader release`."""'
    answers = tuple(_solution_cells(notebook))
    parts = [head, "\n".join(_imports(notebook, _names(answers))), *answers]
    return "\n\n\n".join(part for part in parts if part) + "\n"


def _names(sources: Iterable[str]) -> frozenset[str]:
    nodes = (node for source in sources for node in ast.walk(ast.parse(source)))
    return frozenset(node.id for node in nodes if isinstance(node, ast.Name))


def _imports(notebook: dict[str, Any], used: Collection[str]) -> Iterator[str]:
    """The judge loads what the answers need, and not what the lesson draws its pictures with."""
    for cell in notebook["cells"]:
        if _nbgrader(cell).get("grade_id") == SETUP_CELL:
            for node in ast.parse(_text(cell)).body:
                if isinstance(node, ast.Import | ast.ImportFrom):
                    node.names = [each for each in node.names if (each.asname or each.name.partition(".")[0]) in used]
                    yield from (ast.unparse(node),) if node.names else ()


def _solution_cells(notebook: dict[str, Any]) -> Iterator[str]:
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code" and _nbgrader(cell).get("solution"):
            lines = _text(cell).splitlines()
            yield "\n".join(line for line in lines if not any(mark in line for mark in _MARKERS)).strip("\n")


def _nbgrader(cell: dict[str, Any]) -> dict[str, Any]:
    found = cell["metadata"].get("nbgrader", {})
    return found if isinstance(found, dict) else {}


def _text(cell: dict[str, Any]) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)
