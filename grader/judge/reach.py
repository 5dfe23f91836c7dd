"""Which code an answer reaches: the statements that made what it reads, and what those ran when they were run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from grader.judge.cellcode import Function, read_names, root, within_scope
from grader.judge.listing import END, Listing

_APPLIERS = frozenset({"map", "filter", "list", "sorted", "reduce", "vmap", "apply_along_axis", "vectorize"})


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


def run_beforehand(code: Listing, reached: Reached) -> Iterator[tuple[int, ast.AST]]:
    """Each node that ran with a reached statement, with the position of its statement: helpers that it called too."""
    waiting = [(reached.position, part) for part in code.statements[reached.position].parts]
    seen: set[int] = set()
    while waiting:
        position, part = waiting.pop()
        for node in within_scope(part):
            yield position, node
            for owner, function in _called(code, node, position):
                if id(function) not in seen:
                    seen.add(id(function))
                    waiting.extend((owner, each) for each in _body(function))


def _body(function: Function | ast.Lambda) -> list[ast.AST]:
    return [function.body] if isinstance(function, ast.Lambda) else list(function.body)


def _called(code: Listing, node: ast.AST, position: int) -> Iterator[tuple[int, Function | ast.Lambda]]:
    """The author's own functions that a node calls: by name, as a method, as a decorator or through `map`."""
    if isinstance(node, Function | ast.ClassDef):
        for each in node.decorator_list:
            yield from _own(code, each, position)
    elif isinstance(node, ast.Call):
        yield from _own(code, node.func, position)
        if isinstance(node.func, ast.Name | ast.Attribute) and _last(node.func) in _APPLIERS:
            for argument in node.args:
                yield from _own(code, argument, position)


def _own(code: Listing, node: ast.AST, position: int) -> Iterator[tuple[int, Function | ast.Lambda]]:
    method = node.attr if isinstance(node, ast.Attribute) else ""
    name = root(node)
    for at in code.bound_by(name, END) if name else ():
        found = code.function(name)
        if isinstance(found, Function | ast.Lambda) and not method:
            yield at, found
        kind = code.class_of(name)
        if kind is not None:
            owner = next(i for i, each in enumerate(code.statements) if each.node is kind)
            wanted = (method,) if method else ("__init__", "__new__", "__call__", "forward")
            if not method and isinstance(found, ast.ClassDef):
                wanted = ("__init__", "__new__", "__post_init__")
            yield from ((owner, each) for each in kind.body if isinstance(each, Function) and each.name in wanted)


def _last(node: ast.Name | ast.Attribute) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id
