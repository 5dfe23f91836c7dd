"""What a class came to, counted: pure functions from its students and cases to frozen facts."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import mean, median

from grader import course
from grader.report.students import NOTHING, Student
from grader.report.verdicts import Case, ClassVerdicts
from grader.standing import ExerciseStanding
from grader.verdict import Outcome

BINS = 10
SLOWEST = 10


@dataclass(frozen=True)
class Bin:
    """A part of a distribution: from where to where, in which unit, and who is in it."""

    low: float
    high: float
    unit: str
    students: tuple[Student, ...]

    @property
    def label(self) -> str:
        """`10–20 %`"""
        return f"{self.low:g}\N{EN DASH}{self.high:g} {self.unit}"


@dataclass(frozen=True)
class Points:
    """Of everybody who has some: how many, in the middle, how many have all, and how they are spread."""

    n: int
    most: float
    mean: float
    median: float
    full: int
    bins: tuple[Bin, ...]


@dataclass(frozen=True)
class ExerciseFacts:
    """One exercise over the class: mean points, and how many students are in each of the parts that make up all."""

    name: str
    most: float
    mean: float
    full: int
    part: int
    zero: int
    untouched: int
    unchecked: int

    @property
    def n(self) -> int:
        return self.full + self.part + self.zero + self.untouched + self.unchecked


@dataclass(frozen=True)
class Group:
    """Students who have one thing in common: a named mistake, a call that is not allowed, weaker walls."""

    exercise: str
    what: str
    students: tuple[Student, ...]
    words: str = ""


@dataclass(frozen=True)
class Facts:
    """All that is counted over a class; sequences are in the order in which they are to be read.

    unexplained: answers that are wrong without a name. did_not_run: those that no case could ask anything; they count
    in neither. could_not: who could not be graded, and has no points. unknown: students of whom only the gradebook
    has points.
    """

    points: Points
    exercises: tuple[ExerciseFacts, ...]
    mistakes: tuple[Group, ...]
    unexplained: int
    did_not_run: tuple[Group, ...]
    cases: tuple[Case, ...]
    forbidden: tuple[Group, ...]
    walls: tuple[Group, ...]
    flagged: tuple[Student, ...]
    repaired: tuple[Student, ...]
    could_not: tuple[Student, ...]
    not_graded: tuple[Student, ...]
    unknown: tuple[Student, ...]
    absent: tuple[Student, ...]
    seconds: tuple[Bin, ...]
    median_seconds: float
    slowest: tuple[Student, ...]

    @property
    def hardest(self) -> Case | None:
        """The case that most fail; None where there is none, or more than one of which that is true."""
        first, *others = self.cases[:2] or (None,)
        return None if first and others and others[0].failed == first.failed else first


def facts(assignment: str, students: Sequence[Student], verdicts: ClassVerdicts, other: float = 0.0) -> Facts:
    """other: points of cells that are graded by hand, beside the exercises."""
    judged = [each for each in students if each.judged]
    readable = [each for each in judged if each.judged and not each.judged.standing.problem]
    ran = [each for each in readable if _seconds(each) > 0]
    without = [each for each in students if each.reason]
    stopped = {(student, exercise) for (exercise, _), some in verdicts.did_not_run.items() for student in some}
    return Facts(
        points=_points(
            [each for each in students if each.points is not None],
            sum(each.points for each in course.exercises(assignment)) + other,
        ),
        exercises=tuple(_exercise(each.name, each.points, judged) for each in course.exercises(assignment)),
        mistakes=_grouped(readable, lambda each: each.mistake, verdicts.explanations),
        unexplained=sum(
            _is_unexplained(each) and (student.id, each.name) not in stopped for student, each in _standings(readable)
        ),
        did_not_run=_stopped(readable, verdicts.did_not_run),
        cases=tuple(sorted((each for each in verdicts.cases.values() if each.failed), key=_by_failures)),
        forbidden=_grouped(readable, lambda each: each.forbidden, {}),
        walls=_walls(readable),
        flagged=tuple(each for each in judged if each.judged and each.judged.flags),
        repaired=tuple(each for each in judged if each.judged and each.judged.repairs),
        could_not=tuple(each for each in judged if each.could_not_be_graded),
        not_graded=tuple(each for each in without if each.reason != NOTHING and each.points is None),
        unknown=tuple(each for each in without if each.points is not None),
        absent=tuple(each for each in without if each.reason == NOTHING and each.points is None),
        seconds=_spread(ran),
        median_seconds=median(map(_seconds, ran)) if ran else 0.0,
        slowest=tuple(sorted(ran, key=lambda each: (-_seconds(each), each.order))[:SLOWEST]),
    )


def _points(students: Sequence[Student], most: float) -> Points:
    found = [each.points for each in students if each.points is not None]
    if not found:
        return Points(0, most, 0.0, 0.0, 0, ())
    full = sum(points >= most for points in found)
    return Points(len(found), most, mean(found), median(found), full, _shares(students, most))


def _shares(students: Sequence[Student], most: float) -> tuple[Bin, ...]:
    """Tenths of all points, 0 and full marks in the first and the last; extra credit is in the last, too."""
    parts: list[list[Student]] = [[] for _ in range(BINS)]
    for each in students:
        share = (each.points or 0.0) / most if most else 0.0
        parts[max(0, min(int(share * BINS), BINS - 1))].append(each)
    step = 100 // BINS
    return tuple(Bin(i * step, (i + 1) * step, "%", tuple(part)) for i, part in enumerate(parts))


def _exercise(name: str, most: float, judged: Sequence[Student]) -> ExerciseFacts:
    outcomes, points = Counter[str](), list[float]()
    for student, exercise in _standings(judged):
        if exercise.name == name:
            outcomes[_part(student.points_in(name), most, exercise.outcome)] += 1
            points += [] if student.is_open(exercise) else [student.points_in(name)]
    parts = (outcomes[part] for part in ("full", "part", "zero", "untouched", "unchecked"))
    return ExerciseFacts(name, most, mean(points) if points else 0.0, *parts)


def _part(points: float, most: float, outcome: Outcome) -> str:
    if points >= most:
        return "full"
    if points > 0:
        return "part"
    if outcome in (Outcome.NOT_ATTEMPTED, Outcome.MISSING):
        return "untouched"
    return "unchecked" if outcome is Outcome.COULD_NOT_CHECK else "zero"


def _standings(students: Iterable[Student]) -> Iterator[tuple[Student, ExerciseStanding]]:
    for each in students:
        for exercise in each.judged.standing.exercises if each.judged else ():
            yield each, exercise


def _grouped(
    students: Iterable[Student], key: Callable[[ExerciseStanding], str], words: dict[tuple[str, str], str]
) -> tuple[Group, ...]:
    """The largest group first."""
    found: dict[tuple[str, str], list[Student]] = {}
    for student, exercise in _standings(students):
        if key(exercise):
            found.setdefault((exercise.name, key(exercise)), []).append(student)
    groups = [Group(*about, tuple(some), words.get(about, "")) for about, some in found.items()]
    return tuple(sorted(groups, key=lambda each: (-len(each.students), each.exercise, each.what)))


def _stopped(students: Sequence[Student], found: dict[tuple[str, str], set[str]]) -> tuple[Group, ...]:
    """The largest group first."""
    groups = [Group(*about, tuple(each for each in students if each.id in some)) for about, some in found.items()]
    return tuple(sorted(groups, key=lambda each: (-len(each.students), each.exercise, each.what)))


def _is_unexplained(exercise: ExerciseStanding) -> bool:
    return exercise.outcome in (Outcome.WRONG, Outcome.CRASHED) and not exercise.mistake


def _by_failures(case: Case) -> tuple[float, float, str, str]:
    return -case.failed, -case.failed / max(case.asked, 1), case.exercise, case.sentence


def _walls(students: Iterable[Student]) -> tuple[Group, ...]:
    found: dict[str, list[Student]] = {}
    for each in students:
        if each.judged and each.judged.standing.weak:
            found.setdefault(each.judged.standing.tier, []).append(each)
    return tuple(Group("", tier, tuple(some)) for tier, some in sorted(found.items()))


def _seconds(student: Student) -> float:
    return student.judged.standing.seconds if student.judged else 0.0


def _spread(students: Sequence[Student]) -> tuple[Bin, ...]:
    """By doublings of the time, from the quickest to the slowest, without a gap."""
    parts: dict[int, list[Student]] = {}
    for each in students:
        parts.setdefault(max(0, math.ceil(math.log2(_seconds(each) / _QUICK))), []).append(each)
    doublings = range(min(parts), max(parts) + 1) if parts else ()
    ends = ((_QUICK * 2.0 ** (i - 1) if i else 0.0, _QUICK * 2.0**i, tuple(parts.get(i, ()))) for i in doublings)
    return tuple(Bin(low, high, "s", some) for low, high, some in ends)


_QUICK = 0.125
"""Seconds; what takes less is told together."""
