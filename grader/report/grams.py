"""Code as a set of fingerprints that renaming, reordering, comments and annotations do not change.

Each statement becomes a row of tokens: kinds of nodes, names of what is not the author's own, constants. Names that the
author chose are numbered as they come within a fingerprint. A fingerprint is the hash of `LENGTH` tokens in a row, and
never reaches from one statement into the next, so that it does not matter in what order they stand (the idea is that of
Schleimer, Wilkerson, Aiken: Winnowing, SIGMOD 2003, without the thinning: an answer is short).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from grader.report.answers import Answer, Piece

LENGTH = 6
"""Tokens of a fingerprint: `exp(x - m)` has six. Shorter ones are everybody's, longer ones break at each change."""

SHORTEST = 4
"""A statement of fewer tokens (`return x`) tells nothing."""

MAX_TOKENS = 5000
"""Of one answer; twenty times the longest reference."""

_LONGEST_CONSTANT = 40
_OWN = "own"
_LOCAL = "\0"
_NESTED = (ast.stmt, ast.excepthandler, ast.match_case)


class TooLongError(ValueError):
    """An answer of more tokens than anybody writes by hand."""


@dataclass(frozen=True)
class Token:
    """One token and the line that it stands in. A name of the author's own choice begins with `_LOCAL`."""

    text: str
    line: int


def fingerprints(answer: Answer) -> dict[int, list[tuple[int, int]]]:
    """{fingerprint: where it stands, as (piece, line)}; TooLongError when the answer is out of bounds."""
    found: dict[int, list[tuple[int, int]]] = {}
    left = MAX_TOKENS
    for number, piece in enumerate(answer.pieces):
        names = _Names(piece, answer.own, {**answer.aliases, **piece.aliases})
        for part in piece.statement.parts:
            for row in _rows(part, names):
                left -= len(row)
                if left < 0:
                    raise TooLongError(f"an answer has more than {MAX_TOKENS} tokens")
                for print_, line in _windows(row):
                    found.setdefault(print_, []).append((number, line))
    return found


def _windows(row: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """The fingerprints of a statement: of each few tokens in a row, and of it as a whole."""
    if len(row) > LENGTH:
        yield _digest(row), row[0].line
    for start in range(max(1, len(row) - LENGTH + 1)) if len(row) >= SHORTEST else ():
        yield _digest(row[start : start + LENGTH]), row[start].line


def _digest(tokens: Sequence[Token]) -> int:
    """Equal for equal tokens, whatever names their author chose."""
    numbers: dict[str, int] = {}
    texts = [
        f"{_LOCAL}{numbers.setdefault(each.text, len(numbers))}" if each.text.startswith(_LOCAL) else each.text
        for each in tokens
    ]
    digest = blake2b("\1".join(texts).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big")


@dataclass(frozen=True)
class _Names:
    """What a name in a piece of code is to its fingerprint."""

    piece: Piece
    own: frozenset[str]
    aliases: dict[str, str]

    def token(self, name: str) -> str:
        if name in self.piece.local:
            return _LOCAL + name
        return _OWN if name in self.own or name in self.piece.attributes else self.aliases.get(name, name)


def _rows(node: ast.AST, names: _Names) -> Iterator[list[Token]]:
    """The tokens of a statement, or of the head of a compound one and then of each statement in it."""
    if _is_bare(node):
        return
    yield list(_tokens(node, names, 0))
    for inner in _nested(node):
        yield from _rows(inner, names)


def _is_bare(node: ast.AST) -> bool:
    """A docstring, `pass`, an annotation without a value: nothing that runs."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    return isinstance(node, ast.Pass | ast.Import | ast.ImportFrom) or (
        isinstance(node, ast.AnnAssign) and node.value is None
    )


def _nested(node: ast.AST) -> Iterator[ast.AST]:
    return (each for each in ast.iter_child_nodes(node) if isinstance(each, _NESTED))


def _tokens(node: ast.AST, names: _Names, line: int) -> Iterator[Token]:
    """In the order of the code, operators first; without annotations, contexts and the statements within."""
    line = getattr(node, "lineno", line)
    dotted = _dotted(node, names)
    if dotted:
        yield Token(dotted, line)
        return
    yield from (Token(text, line) for text in _own_tokens(node, names))
    for child in _children(node):
        yield from _tokens(child, names, line)


def _own_tokens(node: ast.AST, names: _Names) -> Iterator[str]:
    if isinstance(node, ast.Name):
        yield names.token(node.id)
    elif isinstance(node, ast.Attribute):
        yield "." + (_OWN if node.attr in names.piece.attributes else node.attr)
    elif isinstance(node, ast.Constant):
        yield f"{type(node.value).__name__} {_constant(node.value)}"
    elif isinstance(node, ast.keyword):
        yield f"{node.arg}="
    elif isinstance(node, ast.arg):
        yield _LOCAL + node.arg
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        yield "Assign"
    elif isinstance(node, ast.Expr | ast.arguments | ast.withitem):
        pass  # they hold others, and add nothing
    elif isinstance(node, ast.BinOp | ast.BoolOp | ast.UnaryOp):
        yield type(node.op).__name__
    elif isinstance(node, ast.AugAssign):
        yield f"Assign {type(node.op).__name__}"
    elif isinstance(node, ast.Compare):
        yield from (type(each).__name__ for each in node.ops)
    else:
        yield type(node).__name__


def _constant(value: object) -> str:
    try:
        return repr(value)[:_LONGEST_CONSTANT]
    except ValueError:  # an integer of thousands of digits, written in hexadecimal
        return "long"


def _children(node: ast.AST) -> Iterator[ast.AST]:
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "type_comment", "ctx", "op", "ops", "type_params"):
            continue
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, ast.AST) and not isinstance(each, _NESTED):
                yield each


def _dotted(node: ast.AST, names: _Names) -> str:
    """`torch.nn.functional.relu` for `F.relu`, of what is not the author's own; empty for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not parts or not isinstance(node, ast.Name):
        return ""
    root = names.token(node.id)
    return "" if root == _OWN or root.startswith(_LOCAL) else ".".join((root, *reversed(parts)))
