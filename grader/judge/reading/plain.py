"""Notebooks so plain that their calls need not be watched: reading alone proves that none of them is forbidden.

Watching a call costs several times what the call itself does. Most notebooks hold nothing but the lesson's own cells,
as they were released, and answers made of arithmetic and of a few functions of torch. Whatever is not on the lists
below (a class, a decorator, an import of more than torch and math, a call of what a name merely holds) proves
nothing: then the whole notebook is watched.
"""

from __future__ import annotations

import ast
from collections.abc import Collection
from functools import lru_cache

from grader.course import Family
from grader.jail.ready_made import rules_of


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FUNCTIONS = _words(
    """abs add all amax amin any arange argmax argmin argsort cat ceil clamp clamp_max clamp_min clip cos cummax cumsum
    diagonal diff div empty_like eq exp eye flatten flip floor full full_like gather ge gt index_select isfinite isinf
    isnan kthvalue le linspace log log10 log1p log2 logical_and logical_not logical_or lt masked_fill max maximum mean
    median min minimum movedim mul narrow ne neg nonzero numel ones ones_like permute pow prod ravel reciprocal reshape
    round rot90 rsqrt scatter select sigmoid sign sin sort sqrt square squeeze stack std sub sum swapaxes
    take_along_dim tensor tensor_split tile topk transpose unbind unsqueeze var where zeros zeros_like"""
)
"""Functions and methods of tensors that may be called; none calls what it is given."""

METHODS = FUNCTIONS | _words(
    """append as_strided astype bool chunk clone contiguous copy count detach dim double exp_ expand expand_as extend
    float half index int item items keys log_ long new_full new_ones new_tensor new_zeros numpy repeat requires_grad_
    scatter_ size split sub_ t to tolist type type_as unflatten unfold values view view_as"""
)
VALUES = _words(
    """T bool data device dtype e float float32 float64 indices inf int int32 int64 is_floating_point long mT ndim
    newaxis pi requires_grad shape size Tensor uint8 values"""
)
"""Attributes that may be read."""

OF_MATH = _words("ceil e exp floor inf isfinite isinf isnan log log1p log2 log10 pi pow sqrt")
BUILTINS = _words(
    """abs all any bool divmod enumerate float int isinstance len list max min print range reversed round slice sum
    tuple zip"""
)
ERRORS = _words("IndexError NotImplementedError TypeError ValueError")
CONSTANTS = BUILTINS | ERRORS | {"torch", "math"}
IMPORTS = frozenset(
    {"import torch", "import math", "import numpy as np", "import torch.nn.functional as F", "from torch import nn"}
    | {"import matplotlib.pyplot as plt"}
)
"""What may be imported: of all of them only what stands above may then be used."""

KEYWORDS = _words(
    """axis dim dims descending device dtype end fill_value index input keepdim keepdims max min other sep shape src
    start strict"""
)
_HARMLESS = (
    *(ast.Module, ast.Expr, ast.Return, ast.Pass, ast.Break, ast.Continue, ast.If, ast.For, ast.While, ast.IfExp),
    *(ast.Assign, ast.AugAssign, ast.Tuple, ast.List, ast.Dict, ast.Subscript, ast.Slice, ast.Starred, ast.Constant),
    *(ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.UAdd, ast.Invert, ast.Compare, ast.cmpop),
    *(ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow),
    *(ast.BitAnd, ast.BitOr, ast.BitXor, ast.alias),
    *(ast.ListComp, ast.GeneratorExp, ast.comprehension, ast.JoinedStr, ast.FormattedValue, ast.Raise, ast.Assert),
    *(ast.Load, ast.Store),
)
MOST_NODES = 20_000


def is_plain(cells: tuple[tuple[str, str], ...], lesson: Collection[str], families: tuple[Family, ...]) -> bool:
    """Whether a notebook's cells (name, source) can call nothing of these families.

    lesson: sources that are as they were released, which nobody need read.
    """
    own = tuple(source for _, source in cells if source not in lesson)
    return _are_plain(own, rules_of(families).names)


@lru_cache(maxsize=16)
def _are_plain(sources: tuple[str, ...], forbidden: frozenset[str]) -> bool:
    try:
        trees = [ast.parse(source) for source in sources]
        nodes = [node for tree in trees for node in ast.walk(tree)]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    if len(nodes) > MOST_NODES:
        return False
    named = {node.name for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef)}
    bound = {node.id for node in nodes if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
    bound |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    if bound & (named | CONSTANTS) or named & CONSTANTS:
        return False  # a name that is called must mean what it says
    reader = _Reader(named, forbidden)
    return all(map(reader.allows, nodes))


class _Reader:
    """One notebook's own functions, and what none of its calls may be named."""

    def __init__(self, functions: Collection[str], forbidden: frozenset[str]) -> None:
        self._functions = functions
        self._methods, self._values = METHODS - forbidden, VALUES - forbidden
        self._of_torch, self._of_math = FUNCTIONS - forbidden, OF_MATH - forbidden
        self._builtins = BUILTINS - forbidden

    def allows(self, node: ast.AST) -> bool:
        """Whether a node by itself calls nothing but what is listed; its parts are asked by themselves."""
        if isinstance(node, ast.Call):
            return self._allows_call(node)
        if isinstance(node, ast.Attribute):
            return self._allows_attribute(node)
        if isinstance(node, ast.FunctionDef):
            return not node.decorator_list and node.returns is None and not _is_private(node.name)
        if isinstance(node, ast.arguments):
            return node.kwarg is None
        if isinstance(node, ast.arg):
            return node.annotation is None and not _is_private(node.arg)
        if isinstance(node, ast.keyword):
            return node.arg in KEYWORDS
        if isinstance(node, ast.Name):
            return not _is_private(node.id)
        if isinstance(node, ast.Import | ast.ImportFrom):
            return ast.unparse(node) in IMPORTS
        return isinstance(node, _HARMLESS)

    def _allows_call(self, node: ast.Call) -> bool:
        function = node.func
        if isinstance(function, ast.Name):
            return function.id in self._functions or function.id in self._builtins or function.id in ERRORS
        return isinstance(function, ast.Attribute)  # which is asked itself

    def _allows_attribute(self, node: ast.Attribute) -> bool:
        if not isinstance(node.ctx, ast.Load):
            return False
        if isinstance(node.value, ast.Name) and node.value.id == "torch":
            return node.attr in self._of_torch or node.attr in self._values
        if isinstance(node.value, ast.Name) and node.value.id == "math":
            return node.attr in self._of_math
        return node.attr in self._methods or node.attr in self._values


def _is_private(name: str) -> bool:
    return name.startswith("_") and name != "_"
