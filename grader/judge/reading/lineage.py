"""What only the code can show about an answer: tables made beforehand, and signs that watching was avoided.

The judge reads the cells here and never runs them. Calls that an answer makes while it is graded are the
tracer's business; this module follows the names that the answer reads to the statements that made their values.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TypeAlias, TypeVar

from grader.course import Family
from grader.jail.ready_made import MATMUL, Rules, package, rules_of
from grader.jail.view import is_installed
from grader.judge.reading.cellcode import Function, root
from grader.judge.reading.listing import END, MOST_STEPS, Listing, assigned, imported, imported_inside, listing
from grader.judge.reading.reach import Reached, reach, run_beforehand
from grader.judge.reading.smells import SWITCHES, smells
from grader.judge.reading.tampering import tampering
from grader.verdict import ForbiddenCall

Cells: TypeAlias = Sequence[tuple[str, str]]
_T = TypeVar("_T")


def prepared_calls(cells: Cells, exercise: str, families: Sequence[Family]) -> tuple[ForbiddenCall, ...]:
    """Forbidden calls that ran before grading and whose result the answer uses: a table, a default, an attribute.

    An answer that *is* a ready-made function (`softmax = torch.softmax`) counts too, since none of its code runs.
    """
    return _unless_too_deep(lambda: _prepared(_read(tuple(cells)), exercise, rules_of(families)))


def static_calls(cells: Cells, exercise: str, families: Sequence[Family]) -> tuple[ForbiddenCall, ...]:
    """Forbidden functions that stand anywhere in code that the answer reaches, whether that code runs or not."""
    return _unless_too_deep(lambda: _static(_read(tuple(cells)), exercise, rules_of(families)))


def hidden_tracks(cells: Cells, exercise: str, families: Sequence[Family]) -> tuple[str, ...]:
    """A sentence for each sign, in code that the answer reaches, that its calls may go unseen: flags for a human."""

    def found() -> tuple[str, ...]:
        first: dict[str, str] = {}
        for name, sentence in _smelt(tuple(cells), exercise):
            first.setdefault(name, sentence)
        return (*first.values(), *_unread(_read(tuple(cells))))

    return _unless_too_deep(found, (f"`{exercise}`: its code is too much to be read to the end.",))


def watching_avoided(cells: Cells, exercise: str) -> bool:
    """Whether code that the answer reaches can switch the watching off or act where nothing watches, or any cell
    changes what is not its own."""

    def found() -> tuple[str, ...]:
        return tuple(name for name, _ in _smelt(tuple(cells), exercise))

    return bool(tampering_signs(cells)) or not SWITCHES.isdisjoint(_unless_too_deep(found))


def tampering_signs(cells: Cells) -> tuple[str, ...]:
    """A sentence for each sign, in any cell, that it changes or searches what is not its own: flags for a human."""
    return _tampering(tuple(cells))


@lru_cache(maxsize=4)
def _tampering(cells: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    return _unless_too_deep(lambda: tampering(_read(cells)))


@lru_cache(maxsize=16)
def _smelt(cells: tuple[tuple[str, str], ...], exercise: str) -> tuple[tuple[str, str], ...]:
    code = _read(cells)
    # an answer that no statement binds was made in a way that cannot be read: by any code of the notebook
    reached = reach(code, exercise) or tuple(map(Reached, range(len(code.statements))))
    return tuple(smell for each in reached for smell in smells(code, each, exercise))


def _unread(code: Listing) -> Iterator[str]:
    for cell in dict.fromkeys(each.cell for each in code.statements if each.unread):
        yield f"Cell `{cell}` holds code that is nested too deeply, or too long, to be read."


def _unless_too_deep(find: Callable[[], tuple[_T, ...]], else_: tuple[_T, ...] = ()) -> tuple[_T, ...]:
    try:
        return find()
    except RecursionError:  # deep code is left out before; this is for what goes deep, or takes long, all the same
        return else_


@lru_cache(maxsize=4)
def _read(cells: tuple[tuple[str, str], ...]) -> Listing:
    try:
        return listing(cells)
    except RecursionError:
        return Listing((), steps=MOST_STEPS)  # of which nothing can be asked


def _prepared(code: Listing, exercise: str, rules: Rules) -> tuple[ForbiddenCall, ...]:
    calls = [*_ready_made_answer(code, exercise, rules)]
    seen: set[int] = set()
    for each in reach(code, exercise):
        for cell_of, node in run_beforehand(code, each, seen):
            label = _run_label(code, node, each.position, rules)
            if label:
                calls.append(_call(label, code, cell_of, node))
    return _one_a_line(calls)


def _run_label(code: Listing, node: ast.AST, before: int, rules: Rules) -> str:
    """What is forbidden about a node that has run: a call, or a class that inherits; nothing otherwise."""
    if isinstance(node, ast.ClassDef):
        return next(filter(None, (_path(code.dotted(base, before), rules) for base in node.bases)), "")
    if isinstance(node, ast.Call):
        return _label(code, node.func, before, rules) or _passed_on(code, node, before, rules)
    return _matmul(node, rules)


def _matmul(node: ast.AST, rules: Rules) -> str:
    """`@` where that operator is forbidden."""
    is_product = isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.MatMult)
    return MATMUL if is_product and rules.speaks_of_matmul else ""


def _static(code: Listing, exercise: str, rules: Rules) -> tuple[ForbiddenCall, ...]:
    calls: list[ForbiddenCall] = []
    for each in reach(code, exercise):
        for part in code.statements[each.position].parts:
            calls.extend(_standing_in(code, each, part, rules))
    return _one_a_line(calls)


def _standing_in(code: Listing, each: Reached, part: ast.AST, rules: Rules) -> Iterator[ForbiddenCall]:
    local, unused = imported_inside(part), _compared_with_none(part)
    for node in ast.walk(part):
        if id(node) in unused:
            continue
        label = _matmul(node, rules)
        if isinstance(node, ast.Name | ast.Attribute | ast.Call) and not isinstance(
            getattr(node, "ctx", None), ast.Store
        ):
            label = _label(code, node, END, rules, local=local)
        if label:
            yield _call(label, code, each.position, node)


def _compared_with_none(part: ast.AST) -> set[int]:
    """The nodes of `cv2` in `cv2 is None`, which asks whether an import succeeded and uses nothing of it."""
    found: set[int] = set()
    for node in (each for each in ast.walk(part) if isinstance(each, ast.Compare)):
        compared = (node.left, *node.comparators)
        if any(isinstance(each, ast.Constant) and each.value is None for each in compared):
            names = (each for each in compared if isinstance(each, ast.Name | ast.Attribute))
            found.update(id(inner) for each in names for inner in ast.walk(each))
    return found


def _ready_made_answer(code: Listing, exercise: str, rules: Rules) -> Iterator[ForbiddenCall]:
    makers = code.bound_by(exercise)
    for at in makers:
        node = code.statements[at].node
        dotted = [code.dotted(value, at) for target, value in assigned(node) if root(target) == exercise]
        if isinstance(node, ast.Import | ast.ImportFrom):
            dotted = [imported(node).get(exercise, "")]
        labels = (_path(each, rules) for each in dotted)
        yield from (_call(label, code, at, node) for label in labels if label)
    for at, module in code.stars:
        label = _path(f"{module}.{exercise}", rules) if exercise in rules.names else ""
        if label and at > max(makers, default=-1):
            yield _call(label, code, at, code.statements[at].node)


def _label(code: Listing, node: ast.AST, before: int, rules: Rules, *, local: dict[str, str] | None = None) -> str:
    """The readable name of a forbidden function for which an expression stands, or nothing."""
    start = root(node)
    dotted = _through(local or {}, node) if local and start in local else code.dotted(node, before)
    if dotted:
        return _path(dotted, rules)
    if isinstance(node, ast.Attribute) and node.attr in rules.names:
        own = bool(start) and _is_own(code, start, node.attr, before)
        return "" if own or isinstance(node.value, ast.Constant) else f"Tensor.{node.attr}"
    return ""


def _path(dotted: str, rules: Rules) -> str:
    """The readable name of what a dotted path leads to, if that is forbidden: nothing where its library is missing."""
    label = rules.path(dotted)
    return label if label and is_installed(package(dotted)) else ""


def _is_own(code: Listing, name: str, method: str, before: int) -> bool:
    """Whether the author's own class gives the object `name` this method."""
    if name in ("self", "cls", "super"):
        return True
    kind = code.class_of(ast.Name(name, ast.Load()), before)
    return kind is not None and any(isinstance(each, Function) and each.name == method for each in kind.body)


def _through(local: dict[str, str], node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return local.get(node.id, "")
    base = _through(local, node.value) if isinstance(node, ast.Attribute) else ""
    return f"{base}.{node.attr}" if base and isinstance(node, ast.Attribute) else ""


def _passed_on(code: Listing, node: ast.Call, before: int, rules: Rules) -> str:
    """`map(torch.softmax, rows)`: a forbidden function given to one that calls it."""
    if code.dotted(node, before):  # an alias, such as a partial: no use until it is called
        return ""
    if isinstance(node.func, ast.Name) and node.func.id in (
        "getattr",
        "hasattr",
        "print",
        "help",
        "id",
        "repr",
        "str",
    ):
        return ""
    return next(filter(None, (_path(code.dotted(each, before), rules) for each in node.args)), "")


def _call(label: str, code: Listing, position: int, node: ast.AST) -> ForbiddenCall:
    statement, line = code.statements[position], getattr(node, "lineno", 0)
    return ForbiddenCall(label, statement.cell, line, statement.text(line))


def _one_a_line(calls: Iterable[ForbiddenCall]) -> tuple[ForbiddenCall, ...]:
    first: dict[tuple[str, int], ForbiddenCall] = {}
    for call in calls:
        first.setdefault((call.cell, call.line), call)
    return tuple(first.values())
