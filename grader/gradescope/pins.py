"""What grading needs of other packages, in the versions that are installed here: others may round otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, requires, version

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from grader.gradescope.wheel import installed

UNNEEDED = frozenset({"jupyterlab", "nbgrader", "requests", "watchfiles"})
"""Packages of the kit that have no part in judging: notebooks are read as plain JSON, and nothing is fetched."""


def needed() -> tuple[str, ...]:
    """The kit's own requirements without those that grading has no use for, sorted."""
    wanted = (Requirement(each) for each in installed().requires or ())
    return tuple(sorted(str(each) for each in wanted if _applies(each) and each.name not in UNNEEDED))


def pins() -> tuple[str, ...]:
    """`name==version` of all that the needed packages lead to, sorted.

    Of `2.13.0+cpu` it tells 2.13.0, so that a build for another device of the same version will do.
    """
    found: dict[str, str] = {}
    for name in _closure(Requirement(each).name for each in needed()):
        try:
            found[name] = version(name).partition("+")[0]
        except PackageNotFoundError:
            continue  # for another system or Python than this one
    return tuple(f"{name}=={found[name]}" for name in sorted(found))


def _closure(names: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    waiting = [canonicalize_name(name) for name in names]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        yield name
        try:
            wanted = [Requirement(each) for each in requires(name) or ()]
        except PackageNotFoundError:
            continue
        waiting += [canonicalize_name(each.name) for each in wanted if _applies(each)]


def _applies(wanted: Requirement) -> bool:
    return wanted.marker is None or wanted.marker.evaluate({"extra": ""})
