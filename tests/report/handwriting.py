"""One answer in the hands of many students: the same idea, each written in its author's own way."""

from __future__ import annotations

import ast
import random

METHODS = {
    "exp",
    "log",
    "sum",
    "mean",
    "amax",
    "max",
    "reshape",
    "permute",
    "gather",
    "where",
    "argmax",
    "log1p",
    "stack",
}
SHAPES = ("{x}.shape[0]", "len({x})", "{x}.size(0)", "tuple({x}.shape)[0]", "{x}.shape[:1].numel()")
CHECKS = (
    "assert {x} is not None",
    "assert {n} >= {k}",
    "if {n} < {k}:\n    raise ValueError('too small: ' + str({n}))",
    "if not {n}:\n    print('empty', {n})",
    "print('size', {n}, {k})",
)
NOTES = ("todo", "first try", "version", "works for", "checked with", "see lecture", "as in the book", "hope so")


class _Styled(ast.NodeTransformer):
    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """`x.exp()` for `torch.exp(x)`, or the other way round; keywords in another order."""
        self.generic_visit(node)
        self.rng.shuffle(node.keywords)
        function = node.func
        if not isinstance(function, ast.Attribute) or function.attr not in METHODS or self.rng.random() < 0.6:
            return node
        if isinstance(function.value, ast.Name) and function.value.id == "torch":
            if node.args and function.attr != "stack" and not isinstance(node.args[0], ast.Starred):
                return ast.Call(ast.Attribute(node.args[0], function.attr), node.args[1:], node.keywords)
            return node
        torch = ast.Attribute(ast.Name("torch"), function.attr)
        return ast.Call(torch, [function.value, *node.args], node.keywords)

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, ast.Mult | ast.Add) and self.rng.random() < 0.4:
            return ast.BinOp(node.right, node.op, node.left)
        if isinstance(node.op, ast.Sub) and self.rng.random() < 0.3:
            return ast.BinOp(ast.UnaryOp(ast.USub(), node.right), ast.Add(), node.left)
        if isinstance(node.op, ast.Div) and self.rng.random() < 0.3:
            return ast.BinOp(node.left, ast.Mult(), ast.BinOp(ast.Constant(1), ast.Div(), node.right))
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        node.body = [each for statement in node.body for each in self._in_steps(statement)]
        if node.args.args and not node.name.startswith("_") and self.rng.random() < 0.7:
            node.body[:0] = self._own_lines(node.args.args[-1].arg)
        return node

    def _in_steps(self, node: ast.stmt) -> list[ast.stmt]:
        """`return f(a, b)` in two or three steps."""
        value = getattr(node, "value", None)
        if not isinstance(node, ast.Return | ast.Assign) or not isinstance(value, ast.BinOp | ast.Call):
            return [node]
        steps: list[ast.stmt] = []
        for field in ("left", "right") if isinstance(value, ast.BinOp) else ():
            part = getattr(value, field)
            if isinstance(part, ast.Call | ast.BinOp) and self.rng.random() < 0.5:
                name = f"{self.rng.choice('abcdefgh')}{self.rng.randrange(99)}"
                steps.append(ast.Assign([ast.Name(name, ast.Store())], part))
                setattr(value, field, ast.Name(name, ast.Load()))
        if isinstance(node, ast.Return) and self.rng.random() < 0.4:
            return [
                *steps,
                ast.Assign([ast.Name("result", ast.Store())], value),
                ast.Return(ast.Name("result", ast.Load())),
            ]
        return [*steps, node]

    def _own_lines(self, name: str) -> list[ast.stmt]:
        lines = [f"n = {self.rng.choice(SHAPES).format(x=name)}"]
        lines += [self.rng.choice(CHECKS).format(x=name, n="n", k=self.rng.randrange(9)) for _ in range(2)]
        lines.append(f"note = '{self.rng.choice(NOTES)} {self.rng.randrange(50)}'")
        return ast.parse("\n".join(self.rng.sample(lines[1:], self.rng.randrange(3)) and lines)).body


def styled(source: str, rng: random.Random) -> str:
    """The answer in a way of its own."""
    return ast.unparse(ast.fix_missing_locations(_Styled(rng).visit(ast.parse(source))))
