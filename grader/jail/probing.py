"""What a probe may use, in the jail and out of it, and how its code becomes a function again."""

from __future__ import annotations

import builtins
import importlib
import marshal
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from types import CodeType, FunctionType
from typing import Any

PROBE_FILE = "<probe>"
"""The file name that a probe's frames bear in tracebacks."""

MODULES = {
    "torch": "torch",
    "nn": "torch.nn",
    "F": "torch.nn.functional",
    "np": "numpy",
    "plt": "matplotlib.pyplot",
    "math": "math",
    "pathlib": "pathlib",
    "tempfile": "tempfile",
}
"""The names, besides builtins, that a probe may use, and the modules for which they stand."""


_MARK, _MARK_NAME = object(), "__probe__"


def is_probes(names: Mapping[str, Any]) -> bool:
    """Whether these are the globals of a probe; a file name alone could be anybody's."""
    return names.get(_MARK_NAME) is _MARK


@cache
def module(name: str) -> Any:
    """The module for which a probe's name stands; loaded when it is first asked for, and kept."""
    return importlib.import_module(MODULES[name])


def probe_function(code: CodeType | bytes) -> Callable[..., Any]:
    """A probe's code as something to call, with globals of its own.

    Bytes come from the trusted side only: code that left a jail is never read.
    """
    loaded = marshal.loads(code) if isinstance(code, bytes) else code
    used = {name: module(name) for name in MODULES.keys() & set(_names(loaded))}
    return FunctionType(loaded, {"__builtins__": builtins, _MARK_NAME: _MARK, **used}, "probe")


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
