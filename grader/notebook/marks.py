"""The released notebook's known cells: those that nbgrader marked with a `grade_id`, and how to tell them."""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from grader.notebook.normal import source_text

_BEGINNING = re.compile(r"^(?:(?:async +)?def|class) +(\w+)", re.MULTILINE)


class Kind(StrEnum):
    """What a known cell is for; only a solution cell's text is the student's."""

    SOLUTION = "solution"
    TEST = "test"
    LOCKED = "locked"


@dataclass(frozen=True)
class Known:
    """A cell of the released notebook that has a `grade_id`."""

    grade_id: str
    kind: Kind
    cell: dict[str, Any]

    @property
    def marks(self) -> dict[str, Any]:
        """Its nbgrader metadata."""
        found: dict[str, Any] = self.cell["metadata"]["nbgrader"]
        return found

    @cached_property
    def text(self) -> str:
        """What was released in it, trimmed."""
        return trimmed(source_text(self.cell))

    def says(self, cell: dict[str, Any]) -> bool:
        """Whether a cell has the very text that was released, but for what editors change by themselves."""
        return trimmed(source_text(cell)) == self.text

    def is_extended_by(self, text: str) -> bool:
        """Whether a student wrote lines of their own, an import perhaps, into this test or locked cell."""
        return self.kind is not Kind.SOLUTION and not set(text.split("\n")) <= {"", *self.text.split("\n")}


def known_cells(released: dict[str, Any]) -> tuple[Known, ...]:
    """The known cells in the order of the released notebook."""
    return tuple(Known(grade_id(cell), _kind(cell), cell) for cell in released["cells"] if grade_id(cell))


def grade_id(cell: dict[str, Any]) -> str:
    """The cell's `grade_id`; empty when its nbgrader metadata holds none that is text."""
    found = _marks(cell).get("grade_id")
    return found if isinstance(found, str) else ""


def is_test(cell: dict[str, Any]) -> bool:
    """Whether the cell carries points that are not the student's own text to earn: the judge answers for it."""
    return bool(grade_id(cell)) and _kind(cell) is Kind.TEST


def trimmed(text: str) -> str:
    """The text without what editors change by themselves: line endings, white space at line ends, outer blank lines."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def top_level_names(source: str) -> frozenset[str]:
    """The names that the source binds at top level by def, class or assignment.

    In code that does not parse, a line that begins like a def or class is enough.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a student's invalid escape is no business of ours
            body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset(_BEGINNING.findall(source))
    return frozenset(name for statement in body for name in _bound(statement))


def _bound(statement: ast.stmt) -> set[str]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {statement.name}
    if isinstance(statement, ast.Assign):
        return {name for target in statement.targets for name in _stored(target)}
    if isinstance(statement, ast.AnnAssign) and statement.value is not None:
        return _stored(statement.target)
    return set()


def _stored(target: ast.expr) -> set[str]:
    names = (node for node in ast.walk(target) if isinstance(node, ast.Name))
    return {node.id for node in names if isinstance(node.ctx, ast.Store)}


def _marks(cell: dict[str, Any]) -> dict[str, Any]:
    found = cell["metadata"].get("nbgrader")
    return found if isinstance(found, dict) else {}


def _kind(cell: dict[str, Any]) -> Kind:
    """A cell that is graded by hand is both graded and a solution: its text is the student's."""
    marks = _marks(cell)
    if marks.get("solution"):
        return Kind.SOLUTION
    return Kind.TEST if marks.get("grade") else Kind.LOCKED
