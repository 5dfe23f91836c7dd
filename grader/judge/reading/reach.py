"""Which code an answer reaches: the statements that made what it reads, and what those ran when they were run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from grader.judge.reading.cellcode import Function, read_names, within_scope
from grader.judge.reading.listing import END, Listing

_APPLIERS = frozenset({"map", "filter", "list", "sorted", "reduce", "vmap", "apply_along_axis", "vectorize"})
_COMPILERS = ("torch.jit.", "torch.compile")
_WHEN_MADE = ("__init__", "__new__", "__post_init__")
_WHEN_CALLED = ("__call__", "forward")

AnyFunction: TypeAlias = Function | ast.Lambda


@dataclass(frozen=True)
class Reached:
    """A statement, by its position in the listing, that the answer depends on."""

    position: int


def reach(code: Listing, exercise: str) -> tuple[Reached, ...]:
    """The statements that made the answer, what it reads, what those read, and so on, in order of the notebook."""
    seen: set[int] = set()
    waiting = list(code.made_by(exercise))
    while waiting:
        position = waiting.pop()
        if position not in seen:
            seen.add(position)
            waiting.extend(_leads(code, position))
    return tuple(Reached(position) for position in sorted(seen))


def _leads(code: Listing, position: int) -> Iterator[int]:
    statement = code.statements[position]
    if isinstance(statement.node, ast.Import | ast.ImportFrom):
        return
    for part in statement.parts:
        now = {node.id for node in within_scope(part) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
        now |= statement.changes
        for name in now:
            yield from code.made_by(name, position)
        for name in read_names(part) - now if not _defers(part) else read_names(part):
            yield from code.made_by(name, END)


def _defers(part: ast.AST) -> bool:
    """Whether functions are defined here, which read their names later."""
    return any(isinstance(each, Function | ast.Lambda) for each in ast.walk(part))


def run_beforehand(code: Listing, reached: Reached, seen: set[int]) -> Iterator[tuple[int, ast.AST]]:
    """Each node that ran with a reached statement, with the position of its statement: helpers that it called too.

    `seen` holds the functions that need no second reading, and grows.
    """
    waiting = [(reached.position, part) for part in code.statements[reached.position].parts]
    while waiting:
        position, part = waiting.pop()
        for node in within_scope(part):
            yield position, node
            for owner, function in _called(code, node, position):
                if id(function) not in seen:
                    seen.add(id(function))
                    waiting.extend((owner, each) for each in _body(function))


def _body(function: AnyFunction) -> list[ast.AST]:
    return [function.body] if isinstance(function, ast.Lambda) else list(function.body)


def _called(code: Listing, node: ast.AST, position: int) -> Iterator[tuple[int, AnyFunction]]:
    """The author's own functions that a node runs: by name, as a method, as a decorator, through `map`, compiled."""
    if isinstance(node, Function | ast.ClassDef):
        for each in node.decorator_list:
            yield from _own(code, each, position)
            if isinstance(node, Function) and code.dotted(each, position).startswith(_COMPILERS):
                yield position, node
    elif isinstance(node, ast.Call):
        yield from _own(code, node.func, position)
        if _last(node.func) in _APPLIERS or code.dotted(node.func, position).startswith(_COMPILERS):
            for argument in node.args:
                yield from _own(code, argument, position)


def _own(code: Listing, node: ast.AST, position: int) -> Iterator[tuple[int, AnyFunction]]:
    if isinstance(node, ast.Lambda):
        yield position, node
    elif isinstance(node, ast.Attribute):
        yield from _methods(code, code.class_of(node.value), (node.attr,))
    elif isinstance(node, ast.Call):
        yield from _methods(code, code.class_of(node), _WHEN_CALLED)
    elif isinstance(node, ast.Name):
        found = code.function(node.id)
        if isinstance(found, ast.ClassDef):
            yield from _methods(code, found, _WHEN_MADE)
        elif found is not None:
            yield code.bound_by(node.id)[0], found
        else:
            yield from _methods(code, code.class_of(node), _WHEN_CALLED)


def _methods(code: Listing, kind: ast.ClassDef | None, names: tuple[str, ...]) -> Iterator[tuple[int, Function]]:
    if kind is not None:
        owner = next((at for at, each in enumerate(code.statements) if each.node is kind), 0)
        yield from ((owner, each) for each in kind.body if isinstance(each, Function) and each.name in names)


def _last(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
