"""The code of a notebook as a list of statements: what each binds, and which names it reads. Nothing is run."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import Any, TypeAlias

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
Comprehension: TypeAlias = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp

MAX_SOURCE = 200_000
"""Characters of a cell that are read at most: parsing takes about a thousand times that in memory."""

MAX_DEPTH = 150
"""Levels of nesting that are read: no one writes more by hand, and reading must not exhaust Python's stack."""

MAX_STATEMENTS = 5000
"""Statements of a notebook that are read; ten times what the longest lesson holds."""

_MAX_KEPT = 10_000
"""Characters of a cell whose statements are kept for the next submission."""

_NO_PYTHON = "?"
_SHOWN = 200
_MAGIC = re.compile(r"^([ \t]*)(%|!|\?).*$|^([ \t]*)\S+\?{1,2}[ \t]*$")
_LINE_MAGIC = re.compile(r"^[ \t]*%(\w*)")
_ASSIGNED_MAGIC = re.compile(r"^([ \t]*\w[\w, ]*=[ \t]*)[%!].*$")
_TIMED = re.compile(r"^(\s*)%(time|timeit|prun)\s+(?=[^-\s])")
_TRANSPARENT = ("%%time", "%%timeit", "%%capture", "%%prun")
_FOREIGN = re.compile(r"%%(?i:html|markdown|latex|javascript|js|svg|bash|sh|script|cmd|writefile|file)\b")
_HARMLESS = frozenset(
    {"autoreload", "autosave", "cd", "conda", "config", "env", "ls", "matplotlib", "pdb", "pinfo"}
    | {"pinfo2", "pip", "precision", "prun", "pwd", "pylab", "reset", "time", "timeit", "who"}
    | {"whos", "xmode"}
)
"""Line magics that run no code of the author's but what stands in their line."""
_FILLERS = ("setattr", "copyto", "place", "put", "putmask", "heappush", "insort")
_COMPOUND = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.Match)


@dataclass(frozen=True)
class Statement:
    """One statement at module level, or the head of a compound one (`for row in rows`), in order of the notebook.

    `parts` are the nodes that belong to it. `binds` are the names it gives a value, `changes` those whose value it
    changes. `sure` tells that it always runs, so that what a name held before is gone. `unread`: it, or the cell, is
    nested too deeply or too long to be read, and has no parts.
    """

    cell: str
    node: ast.AST
    parts: tuple[ast.AST, ...]
    sure: bool
    lines: tuple[str, ...] = field(repr=False)
    binds: frozenset[str] = frozenset()
    changes: frozenset[str] = frozenset()
    unread: bool = False

    def text(self, line: int) -> str:
        """A line of its cell, as shown to people."""
        return self.lines[line - 1].strip()[:_SHOWN] if 0 < line <= len(self.lines) else ""


def statements(cells: Sequence[tuple[str, str]]) -> tuple[Statement, ...]:
    """The statements of all cells that parse; magics count as nothing."""
    found = tuple(islice((each for name, source in cells for each in _of_cell(name, source)), MAX_STATEMENTS + 1))
    if len(found) <= MAX_STATEMENTS:
        return found
    return (*found[:MAX_STATEMENTS], _unread(found[MAX_STATEMENTS].cell, ()))


def _of_cell(name: str, source: str) -> Iterable[Statement]:
    """The statements of one cell; a class has most of its cells in common, and each is read once."""
    return _read_once(name, source) if len(source) <= _MAX_KEPT else _read(name, source)


@lru_cache(maxsize=512)
def _read_once(name: str, source: str) -> tuple[Statement, ...]:
    return tuple(_read(name, source))


def _read(name: str, source: str) -> Iterator[Statement]:
    lines = tuple(source.split("\n"))
    try:
        tree = _parse(source) or _parse(_without_magics(lines)) or _parse(_as_run(source))
    except (RecursionError, MemoryError):
        yield _unread(name, lines)
        return
    if tree is not None:
        yield from _flatten(name, lines, tree.body, sure=True)


def _as_run(source: str) -> str:
    """The Python that IPython makes of a cell with its magics, prompts and indents; line numbers may shift."""
    try:
        return str(_ipython().transform_cell(source))
    except Exception:  # what IPython cannot transform, it cannot run
        return ""


@lru_cache(maxsize=1)
def _ipython() -> Any:
    from IPython.core.inputtransformer2 import TransformerManager

    return TransformerManager()


def _unread(cell: str, lines: tuple[str, ...]) -> Statement:
    return Statement(cell, ast.Pass(), (), sure=False, lines=lines, unread=True)


def _parse(source: str) -> ast.Module | None:
    """The tree of a cell, None when it is no Python; RecursionError when it is too deep or too long."""
    if len(source) > MAX_SOURCE:
        raise RecursionError
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the author's invalid escapes are no warnings of ours
            return ast.parse(source)
    except (SyntaxError, ValueError):
        return None


def _without_magics(lines: Sequence[str]) -> str:
    """A cell whose magics are plain to read, without them; what is no Python for all others."""
    first = next((line.strip() for line in lines if line.strip()), "")
    if _FOREIGN.match(first):
        return ""
    if first.startswith("%%") and not first.startswith(_TRANSPARENT):
        return _NO_PYTHON
    if any(_is_more_than_a_magic(line) for line in lines):
        return _NO_PYTHON
    lines = [_TIMED.sub(r"\1", line) for line in lines]
    kept = (_ASSIGNED_MAGIC.sub(r"\1None", line) for line in lines)
    return "\n".join(_MAGIC.sub(lambda found: f"{found[1] or found[3] or ''}pass", line) for line in kept)


def _is_more_than_a_magic(line: str) -> bool:
    """Whether a magic goes on in the next line, or may run code that stands elsewhere."""
    found = _LINE_MAGIC.match(line)
    if line.split() == ["%load_ext", "autoreload"]:
        return False
    if found and not line.lstrip().startswith("%%") and found[1] not in _HARMLESS:
        return True
    return line.rstrip().endswith("\\") and bool(found or _MAGIC.match(line) or _ASSIGNED_MAGIC.match(line))


def _flatten(cell: str, lines: tuple[str, ...], body: Sequence[ast.stmt], *, sure: bool) -> Iterator[Statement]:
    for node in body:
        if _is_too_deep(node):
            yield _unread(cell, lines)
        elif not isinstance(node, _COMPOUND):
            yield _statement(cell, lines, node, (node,), sure=sure)
        else:
            heads = tuple(each for each in ast.iter_child_nodes(node) if not isinstance(each, _INNER))
            yield _statement(cell, lines, node, heads, sure=False)
            always = sure and isinstance(node, ast.With | ast.AsyncWith)
            for inner in _bodies(node):
                yield from _flatten(cell, lines, inner, sure=always)


def _is_too_deep(node: ast.AST) -> bool:
    level: list[ast.AST] = [node]
    for _ in range(MAX_DEPTH):
        level = [child for each in level for child in ast.iter_child_nodes(each)]
        if not level:
            return False
    return True


_INNER = (ast.stmt, ast.excepthandler, ast.match_case)


def _bodies(node: ast.AST) -> Iterator[list[ast.stmt]]:
    for part in ("body", "orelse", "finalbody"):
        if getattr(node, part, None):
            yield getattr(node, part)
    for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
        yield part.body


def _statement(
    cell: str, lines: tuple[str, ...], node: ast.stmt, parts: tuple[ast.AST, ...], *, sure: bool
) -> Statement:
    binds = frozenset(name for part in parts for name in stored(part))
    changed = frozenset(name for part in parts for name in changed_names(part))
    kept = isinstance(node, ast.AugAssign)
    return Statement(cell, node, parts, sure and not kept, lines, binds, changed)


def within_scope(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes that run when `node` runs: all of it but the bodies of functions that it defines."""
    if isinstance(node, Function):
        yield node
        outer: list[ast.AST] = [*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)]
    elif isinstance(node, ast.Lambda):
        outer = [*node.args.defaults, *filter(None, node.args.kw_defaults)]
    else:
        yield node
        outer = list(ast.iter_child_nodes(node))
    for each in outer:
        yield from within_scope(each)


def stored(node: ast.AST) -> set[str]:
    """The names that running `node` binds in its own scope."""
    if isinstance(node, Function | ast.ClassDef):
        return {node.name}
    names: set[str] = set()
    own = {id(name) for each in within_scope(node) if isinstance(each, Comprehension) for name in _targets(each)}
    for each in within_scope(node):
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store | ast.Del) and id(each) not in own:
            names.add(each.id)
        elif isinstance(each, Function | ast.ClassDef):
            names.add(each.name)
        elif isinstance(each, ast.Import | ast.ImportFrom):
            names.update((alias.asname or alias.name).partition(".")[0] for alias in each.names)
        elif isinstance(each, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and each.name:
            names.add(each.name)
    return names


def _targets(node: Comprehension) -> Iterator[ast.AST]:
    for generator in node.generators:
        yield from ast.walk(generator.target)


def changed_names(node: ast.AST) -> set[str]:
    """The names whose value running `node` may change: `t[0] = 1`, `t.x = 1`, `t += 1`, `t.append(1)`."""
    return written_names(node) | called_names(node)


def written_names(node: ast.AST) -> set[str]:
    """Those of them that are written to, or filled by a function that is known to do so."""
    names: set[str] = set()
    for each in within_scope(node):
        if isinstance(each, ast.Subscript | ast.Attribute) and isinstance(each.ctx, ast.Store):
            names.add(root(each))
        elif isinstance(each, ast.AugAssign):
            names.add(root(each.target))
        if isinstance(each, ast.Call):
            names.update(root(each.args[0]) for name in _FILLERS if each.args and _last(each.func) == name)
            names.update(root(keyword.value) for keyword in each.keywords if keyword.arg == "out")
    return names - {""}


def called_names(node: ast.AST) -> set[str]:
    """Those of them of which a method is called for its effect alone: `t.append(1)`."""
    calls = (
        each.value for each in within_scope(node) if isinstance(each, ast.Expr) and isinstance(each.value, ast.Call)
    )
    return {root(call.func) for call in calls if isinstance(call.func, ast.Attribute)} - {""}


def _last(function: ast.AST) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def root(node: ast.AST) -> str:
    """`t` for `t[0].x`; nothing when no name stands there."""
    while isinstance(node, ast.Subscript | ast.Attribute | ast.Starred):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def parameters(arguments: ast.arguments) -> set[str]:
    """The names of all parameters."""
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    return {each.arg for each in every if each is not None}


def local_names(function: Function | ast.Lambda) -> set[str]:
    """The names that belong to a function itself."""
    if isinstance(function, ast.Lambda):
        return parameters(function.args)
    bound = {name for part in function.body for name in stored(part)}
    return (bound | parameters(function.args)) - global_names(function)


def global_names(function: Function) -> set[str]:
    """The names that a function declares global."""
    return {name for part in function.body for n in within_scope(part) if isinstance(n, ast.Global) for name in n.names}


def read_names(node: ast.AST) -> set[str]:
    """The global names that `node` reads when it runs, or when functions that it defines run."""
    if isinstance(node, ast.Name):
        return {node.id} if isinstance(node.ctx, ast.Load) else set()
    inner = {name for each in ast.iter_child_nodes(node) for name in read_names(each)}
    if isinstance(node, ast.AugAssign):
        return inner | {root(node.target)} - {""}
    if isinstance(node, Function | ast.Lambda):
        outer = {n for each in within_scope(node) if each is not node for n in _loaded(each)}
        return (inner - local_names(node)) | (outer & inner)
    if isinstance(node, Comprehension):
        return inner - {name.id for name in _targets(node) if isinstance(name, ast.Name)}
    return inner


def _loaded(node: ast.AST) -> set[str]:
    return {node.id} if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) else set()
