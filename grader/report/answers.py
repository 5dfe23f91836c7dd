"""The code that answers an exercise, found in a notebook: the last definition, and what of the author's own it needs.

Nothing is run; reading is bounded by `grader.judge.reading.cellcode`.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from grader.judge.reading.cellcode import Statement, parameters, statements
from grader.notebook.marks import Kind, known_cells, trimmed
from grader.notebook.normal import source_text
from grader.notebook.repair import grade_id

MAX_PIECES = 60
"""Statements that one answer may consist of; the longest reference has five."""


@dataclass(frozen=True)
class Piece:
    """A statement and the names in it.

    local: chosen within it. attributes: given to classes and objects. reads: the others. aliases: imported within.
    """

    statement: Statement
    local: frozenset[str]
    attributes: frozenset[str]
    reads: frozenset[str]
    aliases: dict[str, str]

    @classmethod
    def of(cls, statement: Statement) -> Piece:
        local, attributes, read, aliases = set[str](), set[str](), set[str](), dict[str, str]()
        for node in (each for part in statement.parts for each in ast.walk(part)):
            if isinstance(node, ast.Name):
                (read if isinstance(node.ctx, ast.Load) else local).add(node.id)
            elif isinstance(node, ast.arguments):
                local |= parameters(node)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                attributes.add(node.attr)
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                attributes.add(node.name)
            elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
                local.add(node.name)
            elif isinstance(node, ast.Import | ast.ImportFrom):
                aliases.update(imported(node))
        return cls(statement, frozenset(local), frozenset(attributes), frozenset(read - local), aliases)


@dataclass(frozen=True)
class Answer:
    """An answer as written. own: names that its author's own code binds. aliases: what imported names stand for."""

    pieces: tuple[Piece, ...]
    own: frozenset[str]
    aliases: dict[str, str]


def own_cells(notebook: dict[str, Any], released: dict[str, Any]) -> list[tuple[str, str]]:
    """(name, source) of the code cells whose text is the student's: neither locked nor as released."""
    solutions = {each.grade_id for each in known_cells(released) if each.kind is Kind.SOLUTION}
    given = {trimmed(source_text(cell)) for cell in released["cells"] if cell["cell_type"] == "code"}
    found = []
    for index, cell in enumerate(notebook["cells"]):
        name, source = grade_id(cell), source_text(cell)
        if cell["cell_type"] == "code" and (not name or name in solutions) and trimmed(source) not in given:
            found.append((name or f"own {index}", source))
    return found


def answers(cells: Sequence[tuple[str, str]], exercises: Collection[str]) -> dict[str, Answer]:
    """{exercise: its answer} of those that the cells define; an answer does not hold the answers that it calls."""
    every = statements(cells)
    aliases = dict(pair for each in every for pair in imported(each.node))
    code = [each for each in every if not isinstance(each.node, ast.Import | ast.ImportFrom)]
    own = frozenset(name for each in code for name in each.binds)
    by_name: dict[str, list[Statement]] = {}
    for each in code:
        for name in each.binds | each.changes:
            if name in each.binds and each.sure:
                by_name[name] = []
            by_name.setdefault(name, []).append(each)
    found = {name: _pieces(name, by_name, frozenset(exercises) - {name}) for name in exercises if name in own}
    return {name: Answer(pieces, own, aliases) for name, pieces in found.items() if pieces}


def _pieces(name: str, by_name: dict[str, list[Statement]], others: frozenset[str]) -> tuple[Piece, ...]:
    reached: dict[int, Piece] = {}
    seen, waiting = set(others), [name]
    while waiting and len(reached) < MAX_PIECES:
        current = waiting.pop()
        if current in seen:
            continue
        seen.add(current)
        for each in by_name.get(current, ()):
            if id(each) not in reached:
                piece = reached[id(each)] = Piece.of(each)
                waiting += sorted(piece.reads & by_name.keys(), reverse=True)
    return tuple(reached.values())


def imported(node: ast.AST) -> Iterator[tuple[str, str]]:
    """(`F`, `torch.nn.functional`) for each name that an import binds to something of another name."""
    if isinstance(node, ast.Import):
        yield from ((each.asname, each.name) for each in node.names if each.asname)
    elif isinstance(node, ast.ImportFrom):
        yield from ((each.asname or each.name, f"{node.module}.{each.name}") for each in node.names)
