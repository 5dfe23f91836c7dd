"""What a probe may use, in the jail and out of it, and how its code becomes a function again."""

from __future__ import annotations

import builtins
import marshal
from collections.abc import Callable
from functools import cache
from types import CodeType, FunctionType
from typing import Any

PROBE_FILE = "<probe>"
"""The file name that a probe's frames bear, in tracebacks and for the tracer."""

MODULES = frozenset({"torch", "np", "F", "nn", "math"})
"""The names, besides builtins, that a probe may use."""


@cache
def _modules() -> dict[str, Any]:
    import math

    import numpy as np
    import torch
    import torch.nn.functional as F
    from torch import nn

    return {"torch": torch, "np": np, "F": F, "nn": nn, "math": math}


def probe_function(code: CodeType | bytes) -> Callable[..., Any]:
    """A probe's code as something to call, with globals of its own.

    Bytes come from the trusted side only: code that left a jail is never read.
    """
    loaded = marshal.loads(code) if isinstance(code, bytes) else code
    return FunctionType(loaded, {"__builtins__": builtins, **_modules()}, "probe")
