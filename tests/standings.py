"""Results of a class that nobody had to judge, for tests of how they are shown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from grader.autograde import ClassResult
from grader.jail.layers import Missing
from grader.jail.proofs import Protection
from grader.standing import ExerciseStanding, Standing, Watcher
from grader.verdict import Outcome

ASSIGNMENT = "04_softmax"

A = Protection(("namespaces", "landlock"), ("network closed",), ())
B = Protection(("landlock",), ("network closed",), ("other processes out of sight",), (Missing("namespaces", "no"),))
D = Protection((), (), ("file system closed", "network closed"), (Missing("namespaces", "no"),))


def exercise(name: str, outcome: Outcome = Outcome.PASSED, **more: Any) -> ExerciseStanding:
    return ExerciseStanding(name, 2.0 if outcome is Outcome.PASSED else 0.0, 2.0, outcome, **more)


def standing(student: str, softmax: Outcome = Outcome.PASSED, nll: Outcome = Outcome.PASSED, **more: Any) -> Standing:
    """One student with two exercises of two points; `more` replaces any other field."""
    usual = {"problem": "", "repairs": 0, "flags": 0, "tier": "A", "weak": False, "seconds": 0.1}
    return Standing(student, (exercise("softmax", softmax), exercise("nll", nll)), **{**usual, **more})


def class_of(number: int, **more: Any) -> list[Standing]:
    return [standing(f"student{index:03}", **more) for index in range(number)]


def result(standings: Iterable[Standing] = (), **more: Any) -> ClassResult:
    found = tuple(sorted(standings, key=lambda each: each.student))
    return ClassResult(ASSIGNMENT, found, **{"protection": A, "seconds": 2.0, **more})


def tell(watcher: Watcher, standings: Iterable[Standing], protection: Protection = A) -> None:
    """A run as its watcher hears of it, from the first to the last."""
    standings = list(standings)
    watcher.begins(len(standings))
    watcher.walls(protection)
    for each in standings:
        watcher.started(each.student)
        watcher.judged(each)
        watcher.recorded([each.student])
