"""The reference module of an assignment, derived from the solution cells of its source notebook."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

SETUP_CELL = "setup"
"""`grade_id` of the locked cell with the imports of a notebook."""

_MARKERS = ("BEGIN SOLUTION", "END SOLUTION")


def solution_module(notebook: dict[str, Any], assignment: str) -> str:
    """Source of `solutions/NAME.py`: the notebook's imports and its solution cells, in order."""
    head = f'"""Reference answers of {assignment}: derived from its source notebook by `grader release`."""'
    parts = [head, "\n".join(_imports(notebook)), *_solution_cells(notebook)]
    return "\n\n\n".join(part for part in parts if part) + "\n"


def _imports(notebook: dict[str, Any]) -> Iterator[str]:
    for cell in notebook["cells"]:
        if _nbgrader(cell).get("grade_id") == SETUP_CELL:
            for node in ast.parse(_text(cell)).body:
                if isinstance(node, ast.Import | ast.ImportFrom) and "grader" not in ast.unparse(node):
                    yield ast.unparse(node)


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
