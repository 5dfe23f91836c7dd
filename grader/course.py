"""The index of the course: which exercises there are, what each is worth, and what it may not lean on.

Everything is read once from `course.toml`; importing this module costs no torch.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class Family:
    """Ready-made functions that an exercise may not lean on; see `course.toml` for the three lists."""

    name: str
    names: frozenset[str]
    aten: frozenset[str]
    modules: tuple[str, ...]


@dataclass(frozen=True)
class Exercise:
    """One exercise. `call` is its signature as students see it; `axes` names the axes of its result."""

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


@cache
def _index() -> dict[str, Any]:
    return tomllib.loads((files("grader") / "course.toml").read_text(encoding="utf-8"))


def assignments() -> tuple[str, ...]:
    """The names of all assignments, in the order of the course."""
    return tuple(_index()["assignments"])


def exercises(assignment: str) -> tuple[Exercise, ...]:
    """The exercises of one assignment, in the order of its notebook; UnknownNameError for another name."""
    try:
        entries = _index()["assignments"][assignment]
    except KeyError:
        known = ", ".join(assignments())
        raise UnknownNameError(f"there is no assignment `{assignment}`; the course has {known}") from None
    return tuple(_exercise(assignment, name, entry) for name, entry in entries.items())


def exercise(name: str) -> Exercise:
    """The exercise of this name; UnknownNameError when the course has none."""
    found = _by_name().get(name)
    if found is None:
        raise UnknownNameError(f"there is no exercise `{name}`; the course has {', '.join(_by_name())}")
    return found


@cache
def _by_name() -> dict[str, Exercise]:
    return {each.name: each for assignment in assignments() for each in exercises(assignment)}


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
    )


def family(name: str) -> Family:
    """The family of ready-made functions of this name; KeyError when the index has none."""
    entry = _index()["forbidden"][name]
    return Family(name, frozenset(entry["names"]), frozenset(entry["aten"]), tuple(entry["modules"]))
