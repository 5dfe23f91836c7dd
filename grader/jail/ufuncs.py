"""Recording wrappers for the few ufuncs of NumPy and SciPy that are forbidden somewhere.

Python tells a profile function about calls of functions, not about calls of ufuncs. A wrapped ufunc calls
`used_ufunc` first, whose only purpose is to be seen.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any

import numpy as np

from grader import course

MARK = "used_ufunc"
METHODS = ("reduce", "accumulate", "reduceat", "outer", "at")


def used_ufunc(name: str) -> None:
    """Does nothing: the tracer sees that it is called, and with which name."""


class WatchedUfunc:
    """A ufunc that says when it is used, and is otherwise as it was."""

    def __init__(self, ufunc: Any, name: str) -> None:
        self._ufunc, self._label = ufunc, name
        self.__doc__ = ufunc.__doc__

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        used_ufunc(self._label)
        return self._ufunc(*args, **kwargs)

    def reduce(self, *args: Any, **kwargs: Any) -> Any:
        used_ufunc(self._label)
        return self._ufunc.reduce(*args, **kwargs)

    def accumulate(self, *args: Any, **kwargs: Any) -> Any:
        used_ufunc(self._label)
        return self._ufunc.accumulate(*args, **kwargs)

    def reduceat(self, *args: Any, **kwargs: Any) -> Any:
        used_ufunc(self._label)
        return self._ufunc.reduceat(*args, **kwargs)

    def outer(self, *args: Any, **kwargs: Any) -> Any:
        used_ufunc(self._label)
        return self._ufunc.outer(*args, **kwargs)

    def at(self, *args: Any, **kwargs: Any) -> Any:
        used_ufunc(self._label)
        return self._ufunc.at(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        # the two own names are missing while an instance is being copied or unpickled
        if name in ("_ufunc", "_label"):
            raise AttributeError(name)
        return getattr(self._ufunc, name)

    def __repr__(self) -> str:
        return repr(self._ufunc)


def watch_ufuncs() -> None:
    """Wraps the forbidden ufuncs wherever a module holds them. Once, before any student code; twice does no harm.

    Imports scipy.special, because a wrapper can only stand where the ufunc is already loaded.
    """
    exercises = (each for assignment in course.assignments() for each in course.exercises(assignment))
    names = {name for exercise in exercises for family in exercise.forbidden for name in family.names}
    for module in (np, importlib.import_module("scipy.special")):
        for name in names & vars(module).keys():
            found = vars(module)[name]
            if isinstance(found, np.ufunc):
                _replace(name, found, WatchedUfunc(found, f"{module.__name__}.{name}"))


def _replace(name: str, ufunc: Any, watched: WatchedUfunc) -> None:
    for module in list(sys.modules.values()):
        if isinstance(module, ModuleType) and vars(module).get(name) is ufunc:
            setattr(module, name, watched)
