"""What names and expressions of a notebook stand for: library functions by dotted path, or the author's own."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from grader.judge.statements import Statement, changed_by, statements

_DEPTH = 20
"""How many aliases of aliases are followed; more are written by no one who wants to be read."""

_LAST = 10**9

Function = ast.FunctionDef | ast.AsyncFunctionDef

CALLS_ITS_ARGUMENTS = frozenset(
    "map filter reduce starmap accumulate apply apply_along_axis vectorize submit Thread".split()
)
"""Functions that call what they are given."""


class Notebook:
    """The statements of a notebook, and what each name is bound to at a point of it."""

    def __init__(self, cells: Sequence[tuple[str, str]]) -> None:
        self.statements = statements(cells)
        self._bound: dict[str, list[Statement]] = defaultdict(list)
        self._stars: list[tuple[int, str]] = []
        for each in self.statements:
            self._add(each)

    def _add(self, statement: Statement) -> None:
        node = statement.node
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
            self._stars.append((statement.index, node.module or ""))
        for name in statement.assigns | statement.changes | self._changed_through_calls(statement):
            self._bound[name].append(statement)

    def bindings(self, name: str, before: int = _LAST) -> list[Statement]:
        """Statements that made what the name holds at statement number `before`, the latest first."""
        found = []
        for each in reversed(self._bound.get(name, [])):
            if each.index >= before:
                continue
            found.append(each)
            if each.certain and name in each.assigns:
                break
        return found

    def definition(self, name: str, before: int = _LAST) -> Statement | None:
        """The latest statement that gave the name a value, rather than changing the value in place."""
        return next((each for each in self.bindings(name, before) if name in each.assigns), None)

    def path(self, node: ast.AST, before: int = _LAST, depth: int = 0) -> str:
        """`torch.nn.functional.softmax` for whatever leads there, nothing for all that is no library's."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if depth > _DEPTH:
            return ""
        if isinstance(node, ast.Name):
            root = self._path_of_name(node.id, before, depth)
        elif isinstance(node, ast.Call):
            root = self._path_of_call(node, before, depth)
        elif isinstance(node, ast.NamedExpr):
            root = self.path(node.value, before, depth + 1)
        else:
            root = ""
        return ".".join([root, *reversed(parts)]) if root else ""

    def _path_of_name(self, name: str, before: int, depth: int) -> str:
        definition = self.definition(name, before)
        if definition is None:
            stars = [module for index, module in self._stars if index < before]
            return f"{stars[-1]}.{name}" if stars else ""
        node = definition.node
        if isinstance(node, ast.Import | ast.ImportFrom):
            return imported(node).get(name, "")
        if isinstance(node, ast.Assign) and all(isinstance(each, ast.Name) for each in node.targets):
            return self.path(node.value, definition.index, depth + 1)
        return ""

    def _path_of_call(self, node: ast.Call, before: int, depth: int) -> str:
        """`getattr(torch, "softmax")` and `import_module("torch")` with texts that stand there."""
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called == "getattr" and len(node.args) >= 2:
            root, name = self.path(node.args[0], before, depth + 1), constant_text(node.args[1])
            return f"{root}.{name}" if root and name else ""
        if called in ("import_module", "__import__") and node.args:
            return constant_text(node.args[0])
        return ""

    def own_class(self, node: ast.AST, before: int = _LAST, depth: int = 0) -> ast.ClassDef | None:
        """The author's class of which this expression is an instance, as far as that can be read."""
        if depth > _DEPTH:
            return None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            found = self.definition(node.func.id, before)
            return found.node if found and isinstance(found.node, ast.ClassDef) else None
        if isinstance(node, ast.Name):
            found = self.definition(node.id, before)
            return self.own_class(found.value, found.index, depth + 1) if found and found.value else None
        return None

    def functions(self, node: ast.AST, before: int = _LAST, depth: int = 0) -> Iterator[Function | ast.Lambda]:
        """The author's functions whose bodies run when this expression is called."""
        if depth > _DEPTH:
            return
        if isinstance(node, ast.Lambda):
            yield node
        elif isinstance(node, ast.Name):
            for each in self.bindings(node.id, before):
                if isinstance(each.node, Function):
                    yield each.node
                elif isinstance(each.node, ast.ClassDef):
                    yield from methods(each.node, ("__init__", "__new__", "__post_init__"))
                elif each.value is not None:
                    yield from self.functions(each.value, each.index, depth + 1)
        elif isinstance(node, ast.Attribute):
            own = self.own_class(node.value, before)
            yield from methods(own, (node.attr,)) if own else ()
        elif isinstance(node, ast.Call):
            for argument in node.args:
                yield from self.functions(argument, before, depth + 1)
        own = self.own_class(node, before)
        yield from methods(own, ("__call__", "forward")) if own else ()

    def run_by(self, calls: Iterable[ast.Call], before: int) -> list[Function | ast.Lambda]:
        """The author's functions that these calls run, and those that they run in turn."""
        found: dict[int, Function | ast.Lambda] = {}
        waiting = [function for call in calls for function in self._run_by_one(call, before)]
        while waiting:
            function = waiting.pop()
            if id(function) not in found:
                found[id(function)] = function
                inner = [each for each in ast.walk(function) if isinstance(each, ast.Call)]
                waiting += [each for call in inner for each in self._run_by_one(call, _LAST)]
        return list(found.values())

    def _run_by_one(self, call: ast.Call, before: int) -> Iterator[Function | ast.Lambda]:
        yield from self.functions(call.func, before)
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name in CALLS_ITS_ARGUMENTS or self.path(call.func, before).startswith(("torch.jit.", "torch.compile")):
            for argument in [*call.args, *(each.value for each in call.keywords)]:
                yield from self.functions(argument, before)

    def _changed_through_calls(self, statement: Statement) -> set[str]:
        """Names that functions called here assign as globals, or change as their arguments."""
        changed: set[str] = set()
        for call in (each for each in statement.now if isinstance(each, ast.Call)):
            for function in self.run_by([call], statement.index):
                changed |= {name for each in ast.walk(function) if isinstance(each, ast.Global) for name in each.names}
                changed |= {root for each in ast.walk(function) for root in changed_by(each)} - parameters(function)
            for function in self.functions(call.func, statement.index):
                changed |= _changed_arguments(call, function)
        return changed


def imported(node: ast.Import | ast.ImportFrom) -> dict[str, str]:
    """Name → dotted path of what an import binds."""
    if isinstance(node, ast.Import):
        return {
            alias.asname or alias.name.partition(".")[0]: alias.name if alias.asname else alias.name.partition(".")[0]
            for alias in node.names
        }
    return {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names if node.module}


def constant_text(node: ast.AST) -> str:
    """The text of a string, also of one put together with `+`."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return constant_text(node.left) + constant_text(node.right)
    return ""


def methods(node: ast.ClassDef, names: tuple[str, ...]) -> Iterator[Function]:
    """The methods of these names that a class itself defines."""
    yield from (each for each in node.body if isinstance(each, Function) and each.name in names)


def parameters(function: Function | ast.Lambda) -> set[str]:
    """The names of a function's parameters."""
    return {each.arg for each in ast.walk(function.args) if isinstance(each, ast.arg)}


def local_names(function: Function | ast.Lambda) -> set[str]:
    """Names that are the function's own: parameters, and what it assigns or defines without `global`."""
    stored = {n.id for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    shared = {name for each in ast.walk(function) if isinstance(each, ast.Global) for name in each.names}
    return (stored | parameters(function)) - shared


def _changed_arguments(call: ast.Call, function: Function | ast.Lambda) -> set[str]:
    changed = {root for each in ast.walk(function) for root in changed_by(each)}
    given = zip([each.arg for each in function.args.args], call.args, strict=False)
    return {each.id for name, each in given if name in changed and isinstance(each, ast.Name)}
