"""What the names of a notebook's code stand for: which statements give them their value, which library function.

Nothing is run: a name that only running the code could tell stands for nothing here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from grader.judge.reading.cellcode import (
    Function,
    Statement,
    called_names,
    changed_names,
    global_names,
    local_names,
    read_names,
    root,
    statements,
    written_names,
)

END = 10**9
"""The position after all statements: when the answers are graded."""

_WRAPPERS = frozenset({"partial", "vmap", "compile", "script", "trace", "cache", "lru_cache", "no_grad"})
"""Functions that return their first argument in another guise: an alias of it."""

_MOST = 2000
"""Statements that are looked at for one name: a table of more lines than that is known by its last."""

MOST_STEPS = 1_000_000
"""Look-ups for one notebook: some seconds. The longest honest one takes a hundredth of that."""

_IMPORTERS = frozenset({"importlib.import_module", "__import__", "import_module"})
_STARTERS = ("threading", "_thread", "concurrent.futures", "multiprocessing", "asyncio")


class TooLongError(RecursionError):
    """A notebook's code takes too long to be read."""


@dataclass
class Listing:
    """The statements of a notebook, indexed by the names whose value they make.

    `paths` and `kinds` hold, for a name and the position of a statement that binds it, the library function and the
    author's class that it stands for. They are filled in order, so that no chain of aliases is followed twice.
    """

    statements: tuple[Statement, ...]
    makers: dict[str, list[int]] = field(default_factory=dict)
    stars: tuple[tuple[int, str], ...] = ()
    paths: dict[tuple[str, int], str] = field(default_factory=dict)
    kinds: dict[tuple[str, int], ast.ClassDef | None] = field(default_factory=dict)
    steps: int = 0
    complete: bool = False
    _known: dict[tuple[str, int], list[int]] = field(default_factory=dict)

    def made_by(self, name: str, before: int = END) -> list[int]:
        """Positions of the statements that made the value that `name` has at position `before`, latest first."""
        found = self._known.get((name, before))
        self._count(1 if found is None else 1 + len(found))
        if found is None:
            found = self._found(name, before)
            if before != END or self.complete:  # while the listing grows, its end moves
                self._known[name, before] = found
        return found

    def _count(self, steps: int) -> None:
        self.steps += steps
        if self.steps > MOST_STEPS:
            raise TooLongError

    def _found(self, name: str, before: int) -> list[int]:
        found: list[int] = []
        for position in reversed(self.makers.get(name, [])):
            if len(found) == _MOST:
                break
            self._count(1)
            if position < before:
                found.append(position)
                statement = self.statements[position]
                if statement.sure and name in statement.binds and not _only_changes(statement, name):
                    break
        return found

    def bound_by(self, name: str, before: int = END) -> list[int]:
        """The same, but only those that gave it a new value."""
        return [at for at in self.made_by(name, before) if name in self.statements[at].binds]

    def function(self, name: str, before: int = END) -> Function | ast.ClassDef | ast.Lambda | None:
        """The author's own function or class of this name."""
        for at in self.bound_by(name, before):
            node = self.statements[at].node
            if isinstance(node, Function | ast.ClassDef):
                return node
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
                return node.value
        return None

    def class_of(self, node: ast.AST, before: int = END) -> ast.ClassDef | None:
        """The author's class that an expression is, or of which it is an instance."""
        if isinstance(node, ast.Call):
            node = node.func
        if not isinstance(node, ast.Name):
            return None
        kinds = (self.kinds.get((node.id, at)) for at in self.bound_by(node.id, before))
        return next((kind for kind in kinds if kind is not None), None)

    def dotted(self, node: ast.AST, before: int = END) -> str:
        """`torch.nn.functional.softmax` for an expression that stands for it, through aliases; else nothing."""
        if isinstance(node, ast.Name):
            return self._of_name(node.id, before)
        if isinstance(node, ast.Attribute):
            base = self.dotted(node.value, before)
            return f"{base}.{node.attr}" if base else ""
        if isinstance(node, ast.Subscript):
            base = self.dotted(node.value, before).removesuffix(".__dict__")
            key = constant_text(node.slice)
            return f"{base}.{key}" if base and key else ""
        if isinstance(node, ast.Call):
            return self._of_call(node, before)
        return ""

    def _of_name(self, name: str, before: int) -> str:
        makers = self.bound_by(name, before)
        if makers:
            return next(filter(None, (self.paths.get((name, at), "") for at in makers)), "")
        stars = [module for at, module in self.stars if at < before]
        return f"{stars[-1]}.{name}" if stars else name if name in _IMPORTERS else ""

    def add(self, at: int, names: frozenset[str] | set[str]) -> None:
        """Enters the statement at a position as a maker of these names; statements are entered in order."""
        statement = self.statements[at]
        for name in names & statement.binds:
            self.paths[name, at] = self._of_statement(statement.node, name, at)
            value = getattr(statement.node, "value", None)
            made = self.class_of(value, at) if isinstance(value, ast.Call) else None
            self.kinds[name, at] = statement.node if isinstance(statement.node, ast.ClassDef) else made
        for name in names:
            self.makers.setdefault(name, []).append(at)

    def _of_statement(self, node: ast.AST, name: str, at: int) -> str:
        if isinstance(node, ast.Import | ast.ImportFrom):
            return imported(node).get(name, "")
        values = (value for target, value in assigned(node) if isinstance(target, ast.Name) and target.id == name)
        return next(filter(None, (self.dotted(value, at) for value in values)), "")

    def _of_call(self, node: ast.Call, before: int) -> str:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name in ("getattr", "vars") and node.args:
            base = self.dotted(node.args[0], before)
            key = constant_text(node.args[1]) if len(node.args) > 1 else ""
            return f"{base}.{key}" if base and key else base
        function = self.dotted(node.func, before)
        if function in _IMPORTERS and node.args:
            return constant_text(node.args[0])
        last = function.rpartition(".")[2]
        if last in _WRAPPERS and node.args:
            return self.dotted(node.args[0], before)
        return function if last[:1].isupper() else ""  # an instance stands for its class


def listing(cells: Sequence[tuple[str, str]]) -> Listing:
    """The listing of a notebook's cells (name, source), in order."""
    plain = statements(cells)
    made = Listing(plain, stars=tuple(_stars(plain)))
    for at, statement in enumerate(plain):
        changed = statement.changes - _called_modules(made, statement) | _changed_elsewhere(made, statement)
        made.add(at, statement.binds | changed)
    made.complete = True
    return made


def _called_modules(code: Listing, statement: Statement) -> set[str]:
    """`plt` of the statement `plt.plot(x)`: calling a module's function does not change the module."""
    call = statement.node.value if isinstance(statement.node, ast.Expr) else None
    name = root(call.func) if isinstance(call, ast.Call) else ""
    return {name} if _is_module(code, name) else set()


def _is_module(code: Listing, name: str) -> bool:
    makers = code.bound_by(name) if name else []
    return any(isinstance(code.statements[at].node, ast.Import | ast.ImportFrom) for at in makers)


def _only_changes(statement: Statement, name: str) -> bool:
    return name in statement.changes and isinstance(statement.node, ast.AugAssign)


def _stars(plain: Sequence[Statement]) -> Iterator[tuple[int, str]]:
    for at, statement in enumerate(plain):
        if isinstance(statement.node, ast.ImportFrom) and any(each.name == "*" for each in statement.node.names):
            yield at, statement.node.module or ""


def _changed_elsewhere(code: Listing, statement: Statement) -> set[str]:
    """Globals that a statement changes through what it calls or starts: `build()`, `Thread(target=work).start()`."""
    if isinstance(statement.node, Function | ast.ClassDef | ast.Import | ast.ImportFrom):
        return set()
    read = {name for part in statement.parts for name in read_names(part)}
    functions = [each for each in map(code.function, read) if isinstance(each, Function)]
    names = {name for function in functions for name in outward(function) - _merely_called(code, function)}
    names |= {name for part in statement.parts for call in ast.walk(part) for name in _filled(code, call)}
    if any(code.dotted(ast.Name(name, ast.Load())).startswith(_STARTERS) for name in read):
        names |= read.union(*(read_names(function) for function in functions))
        names = {name for name in names if not isinstance(code.function(name), Function)}
    return names


def _merely_called(code: Listing, function: Function) -> set[str]:
    """`torch` of a function that calls `torch.manual_seed(0)`: that does not change the module."""
    called = {name for part in function.body for name in called_names(part)}
    written = {name for part in function.body for name in written_names(part)}
    return {name for name in called - written if _is_module(code, name)}


def _filled(code: Listing, call: ast.AST) -> set[str]:
    """The arguments that the author's own function changes: `fill(table)`."""
    function = code.function(call.func.id) if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) else None
    if not isinstance(function, Function) or not isinstance(call, ast.Call):
        return set()
    changed = _changes(function)
    given = zip(function.args.args, call.args, strict=False)
    return {root(value) for parameter, value in given if parameter.arg in changed} - {""}


@lru_cache(maxsize=64)
def _changes(function: Function) -> frozenset[str]:
    return frozenset(name for part in function.body for name in changed_names(part))


@lru_cache(maxsize=64)
def outward(function: Function) -> frozenset[str]:
    """The globals that calling a function may change."""
    return (_changes(function) - local_names(function)) | global_names(function)


def imported(node: ast.Import | ast.ImportFrom) -> dict[str, str]:
    """Bound name → dotted path of what an import binds."""
    if isinstance(node, ast.ImportFrom):
        return {each.asname or each.name: f"{node.module}.{each.name}" for each in node.names}
    return {each.asname or root_of(each.name): each.name if each.asname else root_of(each.name) for each in node.names}


def imported_inside(part: ast.AST) -> dict[str, str]:
    """The same for all imports within a part that is none itself: names that only its own scopes know."""
    if isinstance(part, ast.Import | ast.ImportFrom):
        return {}
    inside = (each for each in ast.walk(part) if isinstance(each, ast.Import | ast.ImportFrom))
    return {name: dotted for each in inside for name, dotted in imported(each).items()}


def root_of(dotted: str) -> str:
    """`torch` for `torch.nn`."""
    return dotted.partition(".")[0]


def assigned(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """The pairs of target and value of an assignment, tuples taken apart."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            yield from _pairs(target, node.value)
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        yield node.target, node.value


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
        for one, other in zip(target.elts, value.elts, strict=True):
            yield from _pairs(one, other)
    else:
        yield target, value


def constant_text(node: ast.AST) -> str:
    """The text of a constant, `"soft" + "max"` included; else nothing."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = constant_text(node.left), constant_text(node.right)
        return left + right if left and right else ""
    return ""
