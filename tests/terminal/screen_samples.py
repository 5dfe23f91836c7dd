"""Verdicts and states that screens are drawn from."""

from __future__ import annotations

from grader import course
from grader.achieved import Place
from grader.verdict import CaseVerdict, ExerciseVerdict, Finding, ForbiddenCall, Mistake, Outcome, Verdict
from grader.watch.state import State

HOSTILE = "evil\x1b[2J\x07\u202e name"

PLACE = Place(5, 31, course.exercise("rank"))
DONE = Place(31, 31, None)


def case(outcome: Outcome, message: str = "", **more: str) -> CaseVerdict:
    finding = None if outcome is Outcome.PASSED else Finding(outcome, message, **more)
    return CaseVerdict("test_it", "The classes are the last axis, whatever comes before it.", outcome, 1.0, finding)


PASSED = ExerciseVerdict("nll", 2, 2, Outcome.PASSED, (case(Outcome.PASSED),))
WRONG = ExerciseVerdict(
    "softmax",
    1.5,
    4,
    Outcome.WRONG,
    (
        case(Outcome.PASSED),
        case(
            Outcome.WRONG,
            "The values differ.",
            call="softmax(x)  with x float32[4, 3]",
            wrong="12 of 12 values",
            worst="[image=1, class=0]",
            yours="0.2053",
            expected="0.7511",
        ),
    ),
    Mistake("softmax_over_axis_0", "Your values match a softmax taken over axis 0 (images). Which axis is that?"),
)
FORBIDDEN = ExerciseVerdict(
    "log_softmax", 0, 2, Outcome.FORBIDDEN, forbidden=ForbiddenCall("torch.log_softmax", "mine.py", 17, "y = 1")
)
UNTOUCHED = tuple(
    ExerciseVerdict(each.name, 0, each.points, Outcome.NOT_ATTEMPTED, (case(Outcome.NOT_ATTEMPTED, "as released"),))
    for each in course.exercises("04_softmax")
)
CRASHED = ExerciseVerdict(
    "softmax",
    0,
    4,
    Outcome.CRASHED,
    (case(Outcome.CRASHED, f"The call raised ValueError: {HOSTILE}", line=f"cell softmax line 2: {HOSTILE}"),),
)


def verdict(*exercises: ExerciseVerdict, **more: object) -> Verdict:
    return Verdict("04_softmax", "you", exercises, isolation=("tier A",), **more)  # type: ignore[arg-type]


MIXED = verdict(WRONG, FORBIDDEN, PASSED)
UNTRIED = verdict(*UNTOUCHED)
ALL = verdict(*(ExerciseVerdict(each.name, each.max_points, each.max_points, Outcome.PASSED) for each in UNTOUCHED))
HOSTILE_ONE = verdict(CRASHED, FORBIDDEN, PASSED, repairs=(f"The cell `{HOSTILE}` was restored.",))
UNREADABLE = verdict(
    *(ExerciseVerdict(each.name, 0, each.max_points, Outcome.COULD_NOT_CHECK) for each in UNTOUCHED),
    problem="`04_softmax.ipynb` is empty. Save the notebook once more and hand in again.",
)

VERDICTS = {
    "mixed": (MIXED, PLACE),
    "untouched": (UNTRIED, PLACE),
    "all_passed": (ALL, PLACE),
    "course_done": (ALL, DONE),
    "hostile": (HOSTILE_ONE, PLACE),
    "unreadable": (UNREADABLE, PLACE),
}

STARTING = State("04_softmax.ipynb", "04_softmax", PLACE)
