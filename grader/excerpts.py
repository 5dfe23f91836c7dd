"""One answer cut out of a file of many: the definition, and whatever of the file it needs."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path


def names_of(path: Path) -> dict[str, list[str]]:
    """{exercise: names of the answers to it}, from the marks `@stands_for("exercise")` in a file."""
    found: dict[str, list[str]] = {}
    for node in _body(path):
        for exercise in stands_for(node):
            found.setdefault(exercise, []).append(_defined(node)[0])
    return found


def answer_source(path: Path, name: str, exercise: str) -> str:
    """Source that defines `exercise` as the answer `name` of a file does: imports, helpers, definition."""
    text = path.read_text(encoding="utf-8")
    body = _body(path)
    by_name = {defined: node for node in body for defined in _defined(node)}
    wanted = _closure(by_name, name)
    parts = [_plain(text, node) for node in body if any(each in wanted for each in _defined(node))]
    return "\n\n".join([*parts, *([f"{exercise} = {name}"] if name != exercise else [])])


def _closure(by_name: dict[str, ast.stmt], name: str) -> set[str]:
    reached, waiting = set(), [name]
    while waiting:
        current = waiting.pop()
        if current in by_name and current not in reached:
            reached.add(current)
            waiting.extend(node.id for node in ast.walk(by_name[current]) if isinstance(node, ast.Name))
    return reached - {"stands_for"}


def _body(path: Path) -> list[ast.stmt]:
    return ast.parse(path.read_text(encoding="utf-8")).body


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name.split(".")[0] for alias in node.names]
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    return []


def _plain(text: str, node: ast.stmt) -> str:
    """The source of a statement without its decorators of ours, and without an explanation in its docstring."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        others = [each for each in node.decorator_list if not list(_marks(each))]
        node.decorator_list = others
        if ast.get_docstring(node) and len(node.body) > 1:
            node.body = node.body[1:]
        return ast.unparse(node)
    return ast.get_source_segment(text, node) or ""


def stands_for(node: ast.stmt) -> Iterator[str]:
    """The exercises that a definition is marked as an answer to."""
    for decorator in getattr(node, "decorator_list", []):
        yield from _marks(decorator)


def _marks(decorator: ast.expr) -> Iterator[str]:
    if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Name) and decorator.func.id == "stands_for":
        yield from (str(each.value) for each in decorator.args if isinstance(each, ast.Constant))
