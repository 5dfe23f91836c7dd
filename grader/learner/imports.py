"""Why a name is not there: it comes from a file beside the work, and only the work itself is graded."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from grader.jail.view import is_installed
from grader.notebook.marks import top_level_names
from grader.notebook.read import shown_name
from grader.verdict import ExerciseVerdict, Verdict

_UNKNOWN = re.compile(r"raised (?:NameError|ModuleNotFoundError|ImportError)\b")
_QUOTED = re.compile(r"'([^']*)'")


@dataclass(frozen=True)
class Beside:
    """An import of what lies beside the work. names: its own, what it would give, and what the lines behind it would;
    empty for `*`, which may give any.
    """

    module: str
    line: int
    names: frozenset[str]


def explained(verdict: Verdict, sources: Iterable[str], path: Path) -> Verdict:
    """The verdict, with a note where an answer lacks what an import of a file beside the work would have given.

    sources: those of the work's cells. path: where the work lies, whose name the note says.
    """
    try:
        found = tuple(each for source in sources for each in imports_beside(source, path.resolve().parent))
    except RecursionError:  # code nested so deeply says less, and stops nothing
        return verdict
    if not found:
        return verdict
    return replace(verdict, exercises=tuple(_explained(each, found, path) for each in verdict.exercises))


def imports_beside(source: str, folder: Path) -> Iterator[Beside]:
    """The imports in source, wherever they stand, of modules that lie in a folder and are no installed library."""
    body = _parsed(source).body
    for position, statement in enumerate(body):
        for node in ast.walk(statement):
            if isinstance(node, ast.Import | ast.ImportFrom):
                behind = body[position + 1 :] if node is statement else []
                names = frozenset(name for each in (node, *behind) for name in _given(each))
                for module in filter(lambda each: _lies_in(folder, each), _modules(node)):
                    yield Beside(module, node.lineno, frozenset() if "*" in names else names | {module})


def _modules(node: ast.Import | ast.ImportFrom) -> list[str]:
    """What is imported, by the first part of its name; `from . import a` imports `a`."""
    named = isinstance(node, ast.ImportFrom) and node.module
    return [each.partition(".")[0] for each in ([named] if named else [each.name for each in node.names])]


def _given(statement: ast.stmt) -> frozenset[str]:
    """The names that a statement binds."""
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return frozenset(each.asname or each.name.partition(".")[0] for each in statement.names)
    return top_level_names(ast.unparse(statement))


def _explained(verdict: ExerciseVerdict, found: tuple[Beside, ...], path: Path) -> ExerciseVerdict:
    told = [verdict.note, *(case.finding.message for case in verdict.failed if case.finding)]
    unknown = [each for each in told if _UNKNOWN.search(each)]
    quoted = frozenset(name for each in unknown for name in _QUOTED.findall(each))
    # a note on a definition that stopped does not say which name it lacked
    missing = [each for each in found if not quoted or not each.names or quoted & each.names]
    if not unknown or not missing:
        return verdict
    module, name = missing[0].module, shown_name(path)
    line = f" in line {missing[0].line}" if path.suffix == ".py" else ""
    note = (
        f"`import {module}`{line} failed: `{module}` lies beside `{name}`, and only that one file is graded. "
        f"Write what you need of it into `{name}`."
    )
    return replace(verdict, note=f"{verdict.note} {note}".lstrip())


def _lies_in(folder: Path, module: str) -> bool:
    beside = (folder / f"{module}.py").is_file() or (folder / module).is_dir()
    return beside and not is_installed(module)


def _parsed(source: str) -> ast.Module:
    """What Python makes of a cell; nothing where that is not Python alone, but has IPython's magics."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module([], [])
