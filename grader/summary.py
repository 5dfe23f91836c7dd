"""What a class' run came to, in numbers and as plain data: pure functions on its result."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from grader.jail.proofs import Protection
from grader.remarks import Kind, troubles
from grader.standing import ExerciseStanding, Standing
from grader.verdict import Outcome

if TYPE_CHECKING:
    from grader.autograde import ClassResult

SCHEMA = 1
"""Version of the JSON that `document` makes; docs/run.md describes it."""

SLOWEST = 5
BINS = 10

_WEIGHT = {kind: weight for weight, kind in enumerate(Kind)}


@dataclass(frozen=True)
class ExerciseSummary:
    """One exercise over a class. mean: points. common: what most of those who lost points share, and how many."""

    name: str
    mean: float
    max_points: float
    full_marks: int
    students: int
    common: str
    how_many: int


def slowest(standings: Iterable[Standing], most: int = SLOWEST) -> tuple[Standing, ...]:
    """Those whose judging took longest in this very run, the longest first."""
    ran = (each for each in standings if not each.unchanged)
    return tuple(sorted(ran, key=lambda each: (-each.seconds, each.student))[:most])


def standing_out(standings: Iterable[Standing], tier: str = "A") -> list[Standing]:
    """Whose result a teacher should look at, the weightiest trouble first; wrong answers alone are none.

    tier: of the walls that are told of for the whole class, so that they are nobody's own trouble.
    """
    weighed = [(min((_WEIGHT[kind] for kind, _ in troubles(each, tier)), default=None), each) for each in standings]
    found = [(weight, each) for weight, each in weighed if weight is not None]
    return [each for _, each in sorted(found, key=lambda pair: (pair[0], pair[1].student))]


def kinds(standings: Iterable[Standing], tier: str = "A") -> dict[Kind, int]:
    """How many students have each kind of trouble, the weightiest first."""
    found = Counter(kind for each in standings for kind, _ in troubles(each, tier))
    return {kind: found[kind] for kind in Kind if found[kind]}


def histogram(standings: Iterable[Standing], bins: int = BINS) -> list[int]:
    """How many have 0–10 %, 10–20 %, … of their points; full marks are in the last; without who could not be graded."""
    counts = [0] * bins
    for each in (each for each in standings if not each.could_not_be_graded):
        share = each.points / each.max_points if each.max_points else 0.0
        counts[min(int(share * bins), bins - 1)] += 1
    return counts


def by_exercise(standings: Sequence[Standing]) -> list[ExerciseSummary]:
    """Each exercise over the whole class, in the order of the notebook; its mean is of the checked."""
    found: dict[str, list[ExerciseStanding]] = {}
    for each in (exercise for standing in standings for exercise in standing.exercises):
        found.setdefault(each.name, []).append(each)
    return [_summed(name, exercises) for name, exercises in found.items()]


def _summed(name: str, exercises: list[ExerciseStanding]) -> ExerciseSummary:
    reasons = Counter(_reason(each) for each in exercises if each.outcome is not Outcome.PASSED)
    common, how_many = reasons.most_common(1)[0] if reasons else ("", 0)
    checked = [each.points for each in exercises if each.outcome is not Outcome.COULD_NOT_CHECK]
    mean = sum(checked) / max(len(checked), 1)
    full = sum(each.points == each.max_points for each in exercises)
    return ExerciseSummary(name, mean, exercises[0].max_points, full, len(exercises), common, how_many)


def _reason(exercise: ExerciseStanding) -> str:
    return exercise.mistake or exercise.forbidden or str(exercise.outcome)


def alike(failures: dict[str, str]) -> dict[str, list[str]]:
    """{reason: students}, so that one reason that hit many is said once; in the order of the first of each."""
    found: dict[str, list[str]] = {}
    for student, reason in sorted(failures.items()):
        found.setdefault(reason, []).append(student)
    return found


def document(result: ClassResult) -> dict[str, Any]:
    """A run as plain data for `json.dumps`; docs/run.md describes it."""
    return {
        "schema": SCHEMA,
        "assignment": result.assignment,
        "interrupted": result.interrupted,
        "standings": [each.to_json() for each in result.standings],
        "failures": dict(sorted(result.failures.items())),
        "unchanged": sorted(result.unchanged),
        "device": result.device.kind,
        "gpu": result.device.card,
        "protection": _walls(result.protection) if result.protection else None,
        "slowest": [{"student": each.student, "seconds": each.seconds} for each in slowest(result.standings)],
        "seconds": result.seconds,
    }


def error_document(assignment: str, error: str) -> dict[str, Any]:
    """A run that could not be done, or was ended, as plain data."""
    return {"schema": SCHEMA, "assignment": assignment, "error": error}


def _walls(protection: Protection) -> dict[str, Any]:
    return {
        "tier": protection.tier,
        "layers": list(protection.layers),
        "missing": [dataclasses.asdict(each) for each in protection.missing],
        "open": list(protection.open),
    }
