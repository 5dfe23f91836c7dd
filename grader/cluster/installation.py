"""What a result may depend on besides the submission and the course, and where two machines differ in it."""

from __future__ import annotations

import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from grader.fingerprint import code_fingerprint

PACKAGES = ("grader", "torch", "numpy", "scikit-learn", "matplotlib", "ipython")
_CODE_NAME = "grader's code"
_NONE = "none"


@cache
def installation() -> dict[str, str]:
    """The versions here by name. Of torch 2.13.0+cpu and 2.13.0+cu126 it tells 2.13.0: builds for other devices."""
    versions = {name: _version(name) for name in PACKAGES}
    return {
        "Python": platform.python_version(),
        "machine": platform.machine(),
        **versions,
        _CODE_NAME: code_fingerprint()[:12],
    }


def difference(ours: dict[str, str], theirs: dict[str, str]) -> str:
    """The first thing in which they differ, with both versions: `torch 2.12.0 where this command has 2.13.0`.

    Empty when they agree in all that both know of.
    """
    for name, here in ours.items():
        there = theirs.get(name, here)
        if there != here:
            return f"{name} {there} where this command has {here}"
    return ""


def told(python: str, packages: dict[str, str | None]) -> dict[str, str]:
    """The same from another's words: Python as `3.11.7.final.0`, and None for a package that it lacks."""
    versions = {name: _public(packages[name]) for name in PACKAGES if name in packages}
    return {"Python": ".".join(python.split(".")[:3]), **versions}


def _version(package: str) -> str:
    try:
        return _public(version(package))
    except PackageNotFoundError:
        return _NONE


def _public(version: str | None) -> str:
    return version.partition("+")[0] if version else _NONE
