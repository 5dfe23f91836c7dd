"""The frozen data that the whole kit speaks: what a case, an exercise and a submission came to.

Nothing here judges, prints or reads: the judge makes these values, the panels, the gradebook and the
JSON files show them.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

SCHEMA = 1
"""Version of the JSON that `Verdict.to_json` writes."""


class Outcome(StrEnum):
    """What became of a case or an exercise; each word means one thing, on screen and in JSON."""

    PASSED = "passed"
    WRONG = "wrong"
    FORBIDDEN = "forbidden"
    NOT_ATTEMPTED = "not attempted"
    MISSING = "missing"
    CRASHED = "crashed"
    TIMED_OUT = "timed out"
    COULD_NOT_CHECK = "could not check"


@dataclass(frozen=True)
class Plane:
    """A table of numbers out of an array: its last two axes, at one place of the axes before them.

    place: `[image=0]`, empty where there are no axes before. wrong: (row, column) of each cell that is not as expected.
    """

    cells: tuple[tuple[str, ...], ...]
    place: str = ""
    wrong: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Grid:
    """One array in a drawing, or a plain value without planes.

    role: `input`, `expected` or `yours`. title: `x float32[4, 3]` or `index = 2`. crop: what is shown of it
    (`64 of 784 values`), empty when all of it is.
    """

    role: str
    title: str
    planes: tuple[Plane, ...] = ()
    crop: str = ""


@dataclass(frozen=True)
class Finding:
    """The first broken clause of one call: what is shown to the author of the answer.

    message: one sentence. call: `softmax(x)  with x float32[4, 3]`. yours, expected: the two values that
    differ (a type, a shape or the worst element). wrong: `12 of 12 values`. worst: `[image=1, class=0]`.
    line: the author's own line of an exception. drawing: inputs, expected and yours as small tables; empty for
    hidden cases, and where nothing small was compared.
    """

    outcome: Outcome
    message: str
    call: str = ""
    wrong: str = ""
    worst: str = ""
    yours: str = ""
    expected: str = ""
    line: str = ""
    drawing: tuple[Grid, ...] = ()


@dataclass(frozen=True)
class ForbiddenCall:
    """A call that the exercise may not lean on: what was called, in which cell and line (1-based)."""

    call: str
    cell: str
    line: int
    text: str = ""


@dataclass(frozen=True)
class CaseVerdict:
    """One case of a suite; `sentence` is the one line that the student may read.

    mistake: the name of a known mistake whose value the answer gave, where the case itself can tell.
    """

    name: str
    sentence: str
    outcome: Outcome
    weight: float = 1.0
    finding: Finding | None = None
    mistake: str = ""


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that is known by name, and the explanation for whoever made it."""

    name: str
    explanation: str


@dataclass(frozen=True)
class DeviceMistake:
    """What would break on a GPU, by name and explained; made, used: the author's lines of the tensor that is astray."""

    name: str
    explanation: str
    made: str = ""
    used: str = ""


@dataclass(frozen=True)
class ExerciseVerdict:
    """Points (0 … max_points, two decimals) of one exercise and why. on_gpu: what would break there; it costs none."""

    name: str
    points: float
    max_points: float
    outcome: Outcome
    cases: tuple[CaseVerdict, ...] = ()
    mistake: Mistake | None = None
    forbidden: ForbiddenCall | None = None
    note: str = ""
    on_gpu: DeviceMistake | None = None

    @classmethod
    def unchecked(cls, name: str, max_points: float, why: str) -> ExerciseVerdict:
        """What could not be checked, for a reason that is not its author's answer."""
        return cls(name, 0.0, max_points, Outcome.COULD_NOT_CHECK, note=why)

    @property
    def failed(self) -> tuple[CaseVerdict, ...]:
        return tuple(case for case in self.cases if case.outcome is not Outcome.PASSED)


@dataclass(frozen=True)
class Verdict:
    """One submission, graded.

    repairs: what was restored in the notebook before it ran, a sentence each. problem: why nothing could be
    graded at all, empty otherwise. seed: draws the hidden inputs; the same seed gives the same points.
    isolation: the layers that were active. digest: SHA-256 of the submitted file.
    """

    assignment: str
    student: str
    exercises: tuple[ExerciseVerdict, ...]
    repairs: tuple[str, ...] = ()
    problem: str = ""
    flags: tuple[str, ...] = ()
    seed: int = 0
    device: str = "cpu"
    isolation: tuple[str, ...] = ()
    digest: str = ""
    seconds: float = 0.0
    versions: dict[str, str] = field(default_factory=dict)

    @property
    def points(self) -> float:
        return round(sum(exercise.points for exercise in self.exercises), 2)

    @property
    def max_points(self) -> float:
        return sum(exercise.max_points for exercise in self.exercises)

    def exercise(self, name: str) -> ExerciseVerdict:
        """The verdict on one exercise; KeyError when the assignment has none of that name."""
        for exercise in self.exercises:
            if exercise.name == name:
                return exercise
        raise KeyError(name)

    def to_json(self) -> dict[str, Any]:
        """Plain data for `json.dumps`; the schema is described in docs/verdict.md."""
        return {
            "schema": SCHEMA,
            "points": self.points,
            "max_points": self.max_points,
            **dataclasses.asdict(self),
        }


def verdict_from_json(data: dict[str, Any]) -> Verdict:
    """The inverse of `Verdict.to_json`; ValueError names an unknown schema."""
    if data.get("schema") != SCHEMA:
        raise ValueError(f"verdict schema {data.get('schema')!r} is not {SCHEMA}; grade again with this version")
    rest = {key: value for key, value in data.items() if key not in ("schema", "points", "max_points")}
    rest["exercises"] = tuple(_exercise(each) for each in rest["exercises"])
    for key in ("repairs", "flags", "isolation"):
        rest[key] = tuple(rest[key])
    return Verdict(**rest)


def _exercise(data: dict[str, Any]) -> ExerciseVerdict:
    return ExerciseVerdict(
        **{
            **data,
            "outcome": Outcome(data["outcome"]),
            "cases": tuple(_case(case) for case in data["cases"]),
            "mistake": Mistake(**data["mistake"]) if data["mistake"] else None,
            "forbidden": ForbiddenCall(**data["forbidden"]) if data["forbidden"] else None,
            "on_gpu": DeviceMistake(**data["on_gpu"]) if data.get("on_gpu") else None,
        }
    )


def _case(data: dict[str, Any]) -> CaseVerdict:
    finding = data["finding"]
    if finding is not None:
        drawing = tuple(_grid(each) for each in finding.get("drawing", ()))
        finding = Finding(**{**finding, "outcome": Outcome(finding["outcome"]), "drawing": drawing})
    return CaseVerdict(**{**data, "outcome": Outcome(data["outcome"]), "finding": finding})


def _grid(data: dict[str, Any]) -> Grid:
    return Grid(**{**data, "planes": tuple(_plane(plane) for plane in data["planes"])})


def _plane(data: dict[str, Any]) -> Plane:
    cells = tuple(tuple(row) for row in data["cells"])
    return Plane(**{**data, "cells": cells, "wrong": tuple((row, column) for row, column in data["wrong"])})
