"""What a class' run tells of its students while it goes, and keeps of them when it has ended."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from grader.jail.notice import is_weak, tier_of
from grader.verdict import ExerciseVerdict, Outcome, Verdict

if TYPE_CHECKING:
    from grader.jail.proofs import Protection


@dataclass(frozen=True)
class ExerciseStanding:
    """One exercise of one student. mistake: the name of a recognised one. forbidden: the call that may not be used."""

    name: str
    points: float
    max_points: float
    outcome: Outcome
    mistake: str = ""
    forbidden: str = ""

    @classmethod
    def of(cls, verdict: ExerciseVerdict) -> ExerciseStanding:
        return cls(
            verdict.name,
            verdict.points,
            verdict.max_points,
            verdict.outcome,
            verdict.mistake.name if verdict.mistake else "",
            verdict.forbidden.call if verdict.forbidden else "",
        )


@dataclass(frozen=True)
class Standing:
    """What a class' table tells of one student; small, so that ten thousand of them are nothing.

    problem: why nothing could be graded, empty otherwise. repairs, flags: how many. tier, weak: the walls around it,
    as `grader.jail.notice` tells them. seconds: how long judging took. unchanged: the result is an earlier run's.
    late_penalty: what the gradebook takes off for being late, known once a run has ended; `points` are before it.
    by_hand: what a human added to the judge's points in the gradebook, or took from them; `points` are without.
    """

    student: str
    exercises: tuple[ExerciseStanding, ...]
    problem: str
    repairs: int
    flags: int
    tier: str
    weak: bool
    seconds: float
    unchanged: bool = False
    late_penalty: float = 0.0
    by_hand: float = 0.0

    @property
    def points(self) -> float:
        return round(sum(exercise.points for exercise in self.exercises), 2)

    @property
    def max_points(self) -> float:
        return sum(exercise.max_points for exercise in self.exercises)

    @property
    def could_not_be_graded(self) -> bool:
        """Whether the judge could check nothing, or not all: then there is no total, as in `grader export`."""
        return bool(self.problem) or any(each.outcome is Outcome.COULD_NOT_CHECK for each in self.exercises)

    @classmethod
    def of(cls, verdict: Verdict, *, unchanged: bool = False) -> Standing:
        return cls(
            verdict.student,
            tuple(ExerciseStanding.of(each) for each in verdict.exercises),
            verdict.problem,
            len(verdict.repairs),
            len(verdict.flags),
            tier_of(verdict),
            is_weak(verdict),
            verdict.seconds,
            unchanged,
        )

    def to_json(self) -> dict[str, Any]:
        """Plain data for `json.dumps`; described in docs/run.md."""
        return {"points": self.points, "max_points": self.max_points, **dataclasses.asdict(self)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Standing:
        """The inverse of `to_json`; KeyError, TypeError or ValueError for anything else."""
        rest = {key: value for key, value in data.items() if key not in ("points", "max_points")}
        exercises = tuple(
            ExerciseStanding(**{**each, "outcome": Outcome(each["outcome"])}) for each in rest["exercises"]
        )
        return cls(**{**rest, "exercises": exercises})


class Watcher:
    """Hears how a run goes; every method does nothing here. Called by one thread at a time."""

    def begins(self, students: int) -> None:
        """So many students are going to be graded, or are found graded already."""

    def walls(self, protection: Protection) -> None:
        """These walls stand around whatever runs from now on; said before any of it runs."""

    def started(self, student: str) -> None:
        """A judge has taken this student's work; again, after a judge was lost."""

    def judged(self, standing: Standing) -> None:
        """A student has a result, from a judge or from an earlier run."""

    def failed(self, student: str, reason: str) -> None:
        """A student has none, and why."""

    def recorded(self, students: Sequence[str]) -> None:
        """These are in the gradebook and in `autograded/`."""
