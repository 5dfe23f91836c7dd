"""The ladder of an exercise's hints: a nudge, an explanation, and after full points the reference for comparison."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from grader.course import Exercise
from grader.excerpts import answer_source

POINTS_FIRST = "There is no further hint before full points: then the course's own answer is shown here, to compare."
NO_MORE = "There is no further hint: read the explanation once more."
KEPT = "You have full points, and there is no further hint: this folder does not hold the course's own answer."
COMPARE = "The course's own answer, to compare with yours. Another way that passes is as right."
REFERENCE = 2
"""The step of the ladder that shows the reference."""


@dataclass(frozen=True)
class Hint:
    """One step of the ladder. code: source that goes with the words. last: asking again shows the same."""

    words: str
    code: str = ""
    last: bool = False


def step(about: Exercise, shown: int, *, passed: bool, solution: Path | None) -> Hint:
    """The hint for someone who was shown `shown` of them before.

    passed: whether their answer has full points. solution: where the course's `solutions/NAME.py` may lie; it is
    read and never run, and a file that is missing or damaged is as none.
    """
    ladder = (about.nudge, about.explanation)
    if shown < len(ladder):
        return Hint(ladder[shown])
    code = reference(about, solution)
    if not passed:
        return Hint(POINTS_FIRST if code else NO_MORE, last=True)
    return Hint(COMPARE if code else KEPT, code, last=True)


def ladder(about: Exercise, *, passed: bool, solution: Path | None) -> tuple[Hint, ...]:
    """All steps, one after another, up to the last that there is now."""
    steps: list[Hint] = []
    while not steps or not steps[-1].last:
        steps.append(step(about, len(steps), passed=passed, solution=solution))
    return tuple(steps)


def reference(about: Exercise, solution: Path | None) -> str:
    """Source of the course's own answer; empty where it is not at hand."""
    try:
        return answer_source(solution, about.name, about.name) if solution else ""
    except (OSError, SyntaxError, ValueError):
        return ""
