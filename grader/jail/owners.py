"""Whose code runs: an installed library's, or somebody's own, wherever it was written.

An answer's code need not stand in a cell: `%%time` compiles it under another name, `exec` under none, a helper
file under its own. So whatever is not installed counts as the author's.
"""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from types import CodeType
from typing import Any, TypeAlias

IsOwn: TypeAlias = Callable[[CodeType, Mapping[str, Any]], bool]
"""Takes a code object and the globals that it runs with; tells whether it is the author's own. Must not raise."""

_SCHEMES = ("stdlib", "platstdlib", "purelib", "platlib")


def is_own(code: CodeType, names: Mapping[str, Any]) -> bool:
    """Whether code with these globals belongs to no installed library and not to this kit."""
    file = code.co_filename
    if _is_installed(file):
        return False
    # `<string>` and its like: libraries make functions out of text too, with their modules' own globals
    return not (file.startswith("<") and _of_library(names))


def _of_library(names: Mapping[str, Any]) -> bool:
    module = sys.modules.get(str(names.get("__name__")))
    return module is not None and vars(module) is names and _is_installed(str(names.get("__file__")))


@lru_cache(maxsize=4096)
def _is_installed(file: str) -> bool:
    return file.startswith(("<frozen ", *_folders()))


@lru_cache(maxsize=1)
def _folders() -> tuple[str, ...]:
    """The folders of installed code, as file names begin with them: as they are written, and with links followed."""
    found = {sysconfig.get_path(scheme) for scheme in _SCHEMES}
    found |= {sysconfig.get_path(scheme, vars={"base": sys.base_prefix}) for scheme in _SCHEMES}
    found |= {each for each in sys.path if Path(each).name in ("site-packages", "dist-packages")}
    found.add(str(Path(__file__).parents[1]))
    real = {str(Path(folder).resolve()) for folder in found}
    return tuple(f"{folder}/" for folder in sorted(found | real))
