"""The index of the course: which exercises there are, what each is worth, and what it may not lean on.

Everything is read once from the files in `index/`, one an assignment; importing this module costs no torch.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from grader.nearest import nearest


@dataclass(frozen=True)
class Family:
    """Ready-made functions that an exercise may not lean on; see `index/forbidden.toml` for the lists."""

    name: str
    names: frozenset[str]
    aten: frozenset[str]
    modules: tuple[str, ...]
    built: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Exercise:
    """One exercise. `call` is its signature as students see it; `axes` names the axes of its result.

    seconds: how long one call of it may take while it is graded (wall time); None for what is usual.
    """

    name: str
    assignment: str
    points: float
    call: str
    axes: tuple[str, ...]
    forbidden: tuple[Family, ...]
    difficulty: int
    minutes: int
    nudge: str
    explanation: str
    seconds: float | None = None

    @property
    def solution_cell(self) -> str:
        """`grade_id` of the cell that holds the student's answer."""
        return self.name

    @property
    def test_cell(self) -> str:
        """`grade_id` of the cell that carries the points."""
        return f"test_{self.name}"


class UnknownNameError(LookupError):
    """An assignment or an exercise that the index does not hold; the message lists those it does."""


_INDEX = files("grader") / "index"
_FORBIDDEN = "forbidden.toml"


@cache
def assignments() -> tuple[str, ...]:
    """The names of all assignments, in the order of the course."""
    names = sorted(each.name for each in _INDEX.iterdir())
    return tuple(name.removesuffix(".toml") for name in names if name.endswith(".toml") and name != _FORBIDDEN)


def exercises(assignment: str) -> tuple[Exercise, ...]:
    """The exercises of one assignment, in the order of its notebook; UnknownNameError for another name."""
    if assignment not in assignments():
        raise UnknownNameError(f"there is no assignment `{assignment}`; {_meant(assignment, assignments())}")
    return _exercises(assignment)


def exercise(name: str) -> Exercise:
    """The exercise of this name; UnknownNameError when the course has none."""
    found = _by_name().get(name)
    if found is None:
        raise UnknownNameError(f"there is no exercise `{name}`; {_meant(name, tuple(_by_name()))}")
    return found


def family(name: str) -> Family:
    """The family of ready-made functions of this name; KeyError when the index has none."""
    entry = _read(_FORBIDDEN)[name]
    names, aten, modules, built = (entry.get(key, ()) for key in ("names", "aten", "modules", "built"))
    return Family(name, frozenset(names), frozenset(aten), tuple(modules), frozenset(built))


def _meant(name: str, known: tuple[str, ...]) -> str:
    """The name that was probably meant, else all there are."""
    near = nearest(name, known)
    return f"did you mean `{near}`?" if near else f"the course has {', '.join(known)}"


@cache
def _by_name() -> dict[str, Exercise]:
    return {each.name: each for assignment in assignments() for each in exercises(assignment)}


@cache
def _exercises(assignment: str) -> tuple[Exercise, ...]:
    return tuple(_exercise(assignment, name, entry) for name, entry in _read(f"{assignment}.toml").items())


@cache
def _read(file: str) -> dict[str, Any]:
    return tomllib.loads((_INDEX / file).read_text(encoding="utf-8"))


def _exercise(assignment: str, name: str, entry: dict[str, Any]) -> Exercise:
    return Exercise(
        name=name,
        assignment=assignment,
        points=float(entry["points"]),
        call=entry["call"],
        axes=tuple(entry["axes"]),
        forbidden=tuple(family(each) for each in entry["forbidden"]),
        difficulty=entry["difficulty"],
        minutes=entry["minutes"],
        nudge=entry["nudge"].strip(),
        explanation=entry["explanation"].strip(),
        seconds=entry.get("seconds"),
    )
