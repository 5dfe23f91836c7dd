"""How answers are disguised by whoever copies them: renamed, reordered, with other comments, annotated, padded."""

from __future__ import annotations

import ast
import random
from collections.abc import Callable

WORDS = ("alpha", "bravo", "delta", "gamma", "omega", "sigma", "theta", "kappa", "lamda", "zeta")


class _Renamed(ast.NodeTransformer):
    """Parameters, local variables and helpers under other names."""

    def __init__(self, tree: ast.AST, kept: str, rng: random.Random) -> None:
        stored = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        stored |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
        stored |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
        kept_names = {kept, "self", "forward", "__init__"}
        self.names = {name: f"{rng.choice(WORDS)}_{i}" for i, name in enumerate(sorted(stored - kept_names))}

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.copy_location(ast.Name(self.names.get(node.id, node.id), node.ctx), node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        return ast.arg(self.names.get(node.arg, node.arg))

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        node.name = self.names.get(node.name, node.name)
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        self.generic_visit(node)
        node.name = self.names.get(node.name, node.name)
        return node


def renamed(source: str, exercise: str, rng: random.Random) -> str:
    tree = ast.parse(source)
    return ast.unparse(ast.fix_missing_locations(_Renamed(tree, exercise, rng).visit(tree)))


def reordered(source: str, _exercise: str, rng: random.Random) -> str:
    """Neighbours that do not need each other change places."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            for i in range(len(node.body) - 1):
                if _independent(node.body[i], node.body[i + 1]) and rng.random() < 0.8:
                    node.body[i], node.body[i + 1] = node.body[i + 1], node.body[i]
    return ast.unparse(tree)


def _independent(one: ast.stmt, other: ast.stmt) -> bool:
    simple = ast.Assign | ast.FunctionDef
    names = [{n.id for n in ast.walk(each) if isinstance(n, ast.Name)} for each in (one, other)]
    return isinstance(one, simple) and isinstance(other, simple) and not names[0] & names[1] - {"torch", "x", "np"}


def recommented(source: str, _exercise: str, rng: random.Random) -> str:
    """Comments between the lines, another docstring, annotations."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.body.insert(0, ast.Expr(ast.Constant(f"My own {rng.choice(WORDS)} way.")))
            node.returns = ast.Name("object")
    lines = ast.unparse(ast.fix_missing_locations(tree)).split("\n")
    return "\n".join(f"{line}  # {rng.choice(WORDS)}" if line.strip() and '"""' not in line else line for line in lines)


def padded(source: str, _exercise: str, rng: random.Random) -> str:
    """A line or two more that do nothing of use."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            extra = f"checked = [{rng.random():.3f}, len('{rng.choice(WORDS)}')]\nprint('checked', checked)"
            place = rng.randrange(len(node.body))
            node.body[place:place] = ast.parse(extra).body
            break
    return ast.unparse(tree)


DISGUISES: dict[str, Callable[[str, str, random.Random], str]] = {
    "renamed": renamed,
    "reordered": reordered,
    "recommented": recommented,
    "padded": padded,
}


def disguised(source: str, exercise: str, rng: random.Random) -> str:
    """All of it."""
    for change in DISGUISES.values():
        source = change(source, exercise, rng)
    return source
