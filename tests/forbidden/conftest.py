"""Runs an attempt as the jail would: every cell compiled under its own name, then one traced probe."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType

import pytest

from grader.jail.tracer import watch_ufuncs
from grader.jail.ufuncs import WatchedUfunc


@pytest.fixture(scope="session", autouse=True)
def watched_ufuncs() -> Iterator[None]:
    """As in the zygote; put back afterwards, for the tests of other folders."""
    watch_ufuncs()
    yield
    for module in [each for each in sys.modules.values() if isinstance(each, ModuleType)]:
        for name, value in list(vars(module).items()):
            if type(value) is WatchedUfunc:
                setattr(module, name, value._ufunc)
