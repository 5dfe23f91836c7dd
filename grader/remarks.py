"""What is worth a word about one student's result: pure functions from a standing to lines that are safe to show."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum

from grader.jail.notice import MEANING
from grader.panel.plain import inert
from grader.standing import ExerciseStanding, Standing
from grader.verdict import Outcome

HEAVY_REPAIRS = 3
"""One cell lost or copied makes one repair or two; from here on the notebook is another than was handed out."""

MAX_NAME = 100
"""Characters of a name that are shown: as many as the course folder leaves of one that it refuses, and its remark."""


class Kind(StrEnum):
    """What can be the matter with a student's result; each in the order of its weight."""

    NOT_GRADED = "not graded"
    FLAGGED = "flagged"
    WEAKER_WALLS = "behind weaker walls"
    COULD_NOT = "could not be graded"
    COULD_NOT_CHECK = "could not be checked"
    TIMED_OUT = "timed out"
    REPAIRED = "repaired heavily"
    LATE = "late"


def shown_name(student: str) -> str:
    """A student's name as text that is safe on a terminal."""
    return inert(student, MAX_NAME)


def few(names: Iterable[str], most: int) -> str:
    """`ada, bob and 7 more`: at most so many names, each safe to show."""
    names = list(names)
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(map(shown_name, names[:most])) + more


def not_graded(student: str, reason: str) -> str:
    """One line for a student who has no points, with the remedy that the reason names."""
    return f"{Kind.NOT_GRADED}: {shown_name(student)}: {inert(reason)}"


def troubles(standing: Standing, tier: str = "A") -> Iterator[tuple[Kind, str]]:
    """What a teacher should know of this result, a line each.

    tier: of the walls that this run has told of already; weaker ones are worth a line only where they differ.
    """
    for kind, tell in _TELL.items():
        words = tell(standing)
        if words and not (kind is Kind.WEAKER_WALLS and standing.tier == tier):
            yield kind, f"{kind}: {shown_name(standing.student)}: {words}"


def remark(standing: Standing) -> str:
    """The most telling thing about a submission, in a few words."""
    if standing.problem:
        return f"{Kind.COULD_NOT}: {inert(standing.problem)}"
    lost = [f"{each.name}: {_kind(each)}" for each in standing.exercises if each.outcome is not Outcome.PASSED]
    untouched = all(each.outcome is Outcome.NOT_ATTEMPTED for each in standing.exercises)
    late = f"{Kind.LATE} {_late(standing)}" if standing.late_penalty else ""
    counted = [late, _by_hand(standing), _count(standing.repairs, "repair"), _count(standing.flags, "flag")]
    return "; ".join([*filter(None, counted), *(["not attempted"] if untouched else lost)])


def _kind(exercise: ExerciseStanding) -> str:
    more = exercise.mistake or exercise.forbidden
    return f"{exercise.outcome} ({inert(more, MAX_NAME)})" if more else str(exercise.outcome)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' if number > 1 else ''}" if number else ""


def _flags(standing: Standing) -> str:
    if not standing.flags:
        return ""
    return f"its code needs a human's look ({_count(standing.flags, 'flag')}); its file in verdicts/ says where"


def _walls(standing: Standing) -> str:
    return f"tier {standing.tier}, {MEANING[standing.tier]}" if standing.weak else ""


def _repairs(standing: Standing) -> str:
    return f"{standing.repairs} things were restored before it ran" if standing.repairs >= HEAVY_REPAIRS else ""


def _late(standing: Standing) -> str:
    return f"\N{MINUS SIGN}{standing.late_penalty:g}" if standing.late_penalty else ""


def _by_hand(standing: Standing) -> str:
    points = round(standing.by_hand, 2)
    return f"{points:+g} by hand".replace("-", "\N{MINUS SIGN}") if points else ""


def _with(outcome: Outcome) -> Callable[[Standing], str]:
    def tell(standing: Standing) -> str:
        # a file that is no notebook is told as that, and not once more for each exercise
        return (
            "" if standing.problem else ", ".join(each.name for each in standing.exercises if each.outcome is outcome)
        )

    return tell


_TELL: dict[Kind, Callable[[Standing], str]] = {
    Kind.FLAGGED: _flags,
    Kind.WEAKER_WALLS: _walls,
    Kind.COULD_NOT: lambda standing: inert(standing.problem),
    Kind.COULD_NOT_CHECK: _with(Outcome.COULD_NOT_CHECK),
    Kind.TIMED_OUT: _with(Outcome.TIMED_OUT),
    Kind.REPAIRED: _repairs,
    Kind.LATE: _late,
}
