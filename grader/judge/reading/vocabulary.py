"""What may stand in code that is proved plain: names of which none calls what it is given, nor leads to what does."""

from __future__ import annotations

import ast
from functools import cache


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FUNCTIONS = _words(
    """abs add addmm all amax amin any arange argmax argmin argsort bmm cat ceil clamp clamp_max clamp_min clip cos
    cummax cumsum diagonal diff div dot einsum empty empty_like eq erfinv exp eye flatten flip floor full
    full_like gather ge gt index_select isfinite isinf isnan kthvalue le linspace log log10 log1p log2
    logical_and logical_not logical_or lt masked_fill matmul max maximum mean median min minimum mm movedim mul
    mv narrow ne neg nonzero normal numel ones ones_like outer permute pow prod rand randn ravel reciprocal relu
    reshape round rot90 rsqrt scatter select sigmoid sign sin sort sqrt square squeeze stack std sub sum
    swapaxes take_along_dim tensor tensor_split tile topk transpose unbind unsqueeze var where zeros zeros_like"""
)
"""Functions and methods of tensors that may be called."""

METHODS = FUNCTIONS | _words(
    """add_ append as_strided astype bool chunk clone contiguous copy copy_ count detach dim div_ double exp_ expand
    expand_as extend fill_ float half index int item items keys log_ long mul_ new_full new_ones new_tensor
    new_zeros normal_ numpy parameters register_parameter repeat requires_grad_ scatter_ size split sub_ t to
    tolist type type_as unflatten unfold uniform_ values view view_as zero_"""
)
VALUES = _words(
    """T bool data device dtype e float float32 float64 indices inf int int32 int64 is_floating_point long mT ndim
    newaxis pi requires_grad shape size Tensor uint8 values"""
)
"""Attributes that may be read."""

SETTABLE = _words("data requires_grad")
"""Those of tensors that may be set."""

OF_MATH = _words("ceil e exp floor inf isfinite isinf isnan log log1p log2 log10 pi pow prod sqrt")
OF_NN = _words("Module Parameter")
SWITCHES = _words("enable_grad no_grad")
"""Functions of torch for a `with` statement."""

BUILTINS = _words(
    """abs all any bool divmod enumerate float int isinstance len list max min print range reversed round slice sum
    super tuple zip"""
)
ERRORS = _words("IndexError NotImplementedError TypeError ValueError")
MODULES = _words("torch math nn np F plt")
"""Names of modules: they may only stand before a dot."""

CONSTANTS = BUILTINS | ERRORS | MODULES | {"object"}
"""Names that must keep their meaning."""

IMPORTS = frozenset(
    {"import torch", "import math", "import numpy as np", "import torch.nn.functional as F", "from torch import nn"}
    | {"import matplotlib.pyplot as plt", "import torch.nn as nn"}
)
"""What may be imported: of all of them only what stands above may then be used."""

KEYWORDS = _words(
    """axis dim dims descending device dtype end end_dim fill_value index input keepdim keepdims max mean min other
    requires_grad sep shape size src start start_dim std strict"""
)
SPECIAL_METHODS = _words("__init__ __call__")
"""Methods with two underscores that a class may define."""

HOOKS = _words("forward extra_repr")
"""Methods of modules that an author's class may define; nobody may ask for them by name."""

OBJECTLESS = _words("linear softmax")
"""Exercises under these families alone are given numbers and tensors, by lesson and suites; others are given models."""

HARMLESS = (
    *(ast.Module, ast.Expr, ast.Return, ast.Pass, ast.Break, ast.Continue, ast.If, ast.For, ast.While, ast.IfExp),
    *(ast.Assign, ast.AugAssign, ast.Tuple, ast.List, ast.Dict, ast.Subscript, ast.Slice, ast.Starred, ast.Constant),
    *(ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.UAdd, ast.Invert, ast.Compare, ast.cmpop),
    *(ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow),
    *(ast.BitAnd, ast.BitOr, ast.BitXor, ast.alias, ast.With, ast.withitem),
    *(ast.ListComp, ast.GeneratorExp, ast.comprehension, ast.JoinedStr, ast.FormattedValue, ast.Raise, ast.Assert),
    *(ast.Load, ast.Store),
)


@cache
def of_ready_made() -> frozenset[str]:
    """Attributes of whatever plain code can get hold of and has not defined itself.

    An attribute that an author sets or defines must not be among them: its name alone then says that it is theirs.
    """
    import types

    import numpy as np
    import torch

    made = torch.zeros(2).max(0)
    things: tuple[object, ...] = (
        *(torch.Tensor, torch.nn.Parameter(made.values), torch.nn.Module(), torch.Size(), torch.float32, made),
        *(torch.device("cpu"), torch.no_grad(), np.zeros(1), np.float64(1), memoryview(b""), zip(), enumerate(())),
        *(
            0,
            0.5,
            1j,
            "",
            b"",
            (),
            [],
            {},
            set(),
            range(0),
            slice(0),
            None,
            ...,
            NotImplemented,
            ValueError(),
            {}.items(),
        ),
        *(type, types.FunctionType, types.MethodType, types.BuiltinFunctionType, types.GeneratorType, object),
        *(torch.exp, torch.Tensor.exp, torch.Tensor.T, reversed([]), iter([]), super(int, 1), property()),
    )
    return frozenset[str]().union(*map(dir, things))
