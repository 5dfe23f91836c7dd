"""Which cells an exercise needs: found from the code alone, so a first quick check can do without the others.

What code says of names is not all of what it does, so the quick check is only a first word; the whole notebook has
the last one.
"""

from __future__ import annotations

import ast
import symtable
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import dropwhile

from grader import course
from grader.judge.submission import Submission
from grader.learner.plain_file import NO_LINE
from grader.notebook.marks import grade_id, is_test, top_level_names
from grader.notebook.normal import source_text

_EVERYTHING = "*"
"""Bound by a star import: it may be any name."""


@dataclass(frozen=True)
class _Names:
    """What a cell binds at top level, changes in place included, and what it takes from other cells."""

    binds: frozenset[str]
    uses: frozenset[str]


@dataclass(frozen=True)
class Changed:
    """Exercises of which something changed, in the order of the assignment, those that are not there last.

    itself: the cell in which it is answered. needed: only other cells that it needs.
    """

    itself: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()

    @property
    def every(self) -> tuple[str, ...]:
        return (*self.itself, *self.needed)

    @property
    def first(self) -> tuple[str, ...]:
        """What is worth a quick word: what was worked on; the others can wait for the whole."""
        return self.itself or self.needed


def pruned(submission: Submission, exercises: Sequence[str]) -> Submission:
    """The submission with only those cells that these exercises need, and only they are asked for."""
    wanted = {index for name in exercises for index in _needed(submission, name)}
    cells = [cell for index, cell in enumerate(submission.notebook["cells"]) if index in wanted]
    return replace(submission, notebook={**submission.notebook, "cells": cells}, only=tuple(exercises))


def changed(before: Submission | None, after: Submission) -> Changed:
    """Which exercises are not as they were; all of them when there was nothing before."""
    names = [each.name for each in course.exercises(after.assignment)]
    found = [name for name in names if before is None or _sources(before, name) != _sources(after, name)]
    itself = [name for name in found if before is None or _own(before, name) != _own(after, name)]
    if before is not None:
        itself.sort(key=lambda name: not _own(after, name))  # what is written comes before what was taken out
    return Changed(tuple(itself), tuple(name for name in found if name not in itself))


def same_code(before: Submission | None, after: Submission) -> bool:
    """Whether two submissions would run the same."""
    return before is not None and list(_code(before)) == list(_code(after))


def _sources(submission: Submission, exercise: str) -> list[str]:
    cells = submission.notebook["cells"]
    return [source_text(cells[index]) for index in _needed(submission, exercise)]


def _own(submission: Submission, exercise: str) -> list[str]:
    """The text of the cell in which the exercise is to be answered, wherever in a plain file it stands."""
    return [_unplaced(source_text(cell)) for cell in submission.notebook["cells"] if grade_id(cell) == exercise]


def _unplaced(source: str) -> str:
    """Without the lines that stand for what is above it in a plain file."""
    return "\n".join(dropwhile(lambda line: line == NO_LINE, source.split("\n")))


def _code(submission: Submission) -> Iterator[tuple[int, str]]:
    for index, cell in enumerate(submission.notebook["cells"]):
        if cell["cell_type"] == "code" and not is_test(cell):
            yield index, source_text(cell)


def _needed(submission: Submission, exercise: str) -> list[int]:
    """Indices of the cells that bind the exercise's name, or a name that one of these uses, and so on."""
    cells = {index: _names(source) for index, source in _code(submission)}
    reached, waiting = {_EVERYTHING}, {exercise, _EVERYTHING}
    found: set[int] = set()
    while waiting:
        fresh = {index for index, names in cells.items() if index not in found and names.binds & waiting}
        found |= fresh
        waiting = {name for index in fresh for name in cells[index].uses} - reached
        reached |= waiting
    return sorted(found)


@lru_cache(maxsize=4096)
def _names(source: str) -> _Names:
    code = "\n".join("" if line.lstrip()[:1] in ("%", "!", "?") else line for line in source.split("\n"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            table, tree = symtable.symtable(code, "<cell>", "exec"), ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        # one that does not parse stops there and binds nothing; what it begins to define tells whose it is
        return _Names(top_level_names(source), frozenset())
    return _Names(_bound(table) | _changed_in_place(tree), _used(table))


def _bound(table: symtable.SymbolTable) -> frozenset[str]:
    """Assigned or imported at top level, or in a function that declares the name global."""
    own = {each.get_name() for each in table.get_symbols() if each.is_assigned() or each.is_imported()}
    inner = {
        each.get_name()
        for below in _below(table)
        for each in below.get_symbols()
        if each.is_declared_global() and each.is_assigned()
    }
    return frozenset(own | inner)


def _used(table: symtable.SymbolTable) -> frozenset[str]:
    own = {each.get_name() for each in table.get_symbols() if each.is_referenced()}
    return frozenset(own | {each.get_name() for below in _below(table) for each in below.get_symbols() if _free(each)})


def _free(symbol: symtable.Symbol) -> bool:
    return symbol.is_global() and symbol.is_referenced()


def _below(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    for child in table.get_children():
        yield child
        yield from _below(child)


def _changed_in_place(tree: ast.Module) -> frozenset[str]:
    """Names of which a top-level statement sets a part: `Linear.forward = …`, `table[0] = …`; and star imports."""
    found = set()
    for statement in tree.body:
        if isinstance(statement, ast.ImportFrom) and any(each.name == "*" for each in statement.names):
            found.add(_EVERYTHING)
        elif not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found |= {_base(node) for node in ast.walk(statement) if _is_part(node)}
    return frozenset(found - {""})


def _is_part(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del)


def _base(node: ast.AST) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
