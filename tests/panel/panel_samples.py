"""Verdicts of every kind, as the judge makes them: what the panels are shown with and held to."""

from __future__ import annotations

from typing import Any

from grader import course
from grader.achieved import Place
from grader.hints import Hint
from grader.jail.pretend.mistakes import EXPLANATIONS
from grader.panel import Onward
from grader.verdict import (
    CaseVerdict,
    DeviceMistake,
    ExerciseVerdict,
    Finding,
    ForbiddenCall,
    Grid,
    Mistake,
    Outcome,
    Plane,
    Verdict,
)

CALL = "softmax(x)  with x float32[4, 3]"
LINE = "cell softmax line 3: return e / e.sum(2, keepdim=True)"
EXPLANATION = (
    "Your values match a softmax taken over axis 0 (images). Each image's scores must sum to 1: which axis is that? "
    "`keepdim=True` keeps an axis that you sum over."
)
ONES = "cell softmax line 2: ones = torch.ones(x.shape[-1], 1)"
BATCH = "Each row of a batch becomes its own probabilities, and the input stays as it was."
AXES = "The classes are the last axis, whether there is one axis, two or three."
LARGE = "Rows with logits of ±10 000 stay finite and right."
GRADIENTS = "Gradients flow through the probabilities back to the scores."


def case(sentence: str, outcome: Outcome = Outcome.PASSED, finding: Finding | None = None) -> CaseVerdict:
    return CaseVerdict("test_something", sentence, outcome, finding=finding)


def softmax(points: float, outcome: Outcome, *cases: CaseVerdict, **rest: object) -> ExerciseVerdict:
    return ExerciseVerdict("softmax", points, 4.0, outcome, cases, **rest)


def failing(outcome: Outcome, message: str, **rest: Any) -> ExerciseVerdict:
    """Two of four cases pass; the first that fails does so with this finding, another is wrong."""
    finding = Finding(outcome, message, CALL, **rest)
    cases = (case(BATCH, outcome, finding), case(AXES), case(LARGE, Outcome.WRONG), case(GRADIENTS))
    return softmax(2.0, outcome, *cases)


WRONG = softmax(
    1.6,
    Outcome.WRONG,
    case(BATCH, Outcome.WRONG, Finding(
        Outcome.WRONG, "The values differ.", CALL, "12 of 12 values", "[image=1, class=0]", "0.2053", "0.7511"
    )),
    case(BATCH, Outcome.WRONG),
    case(AXES, Outcome.CRASHED, Finding(Outcome.CRASHED, "The call raised IndexError: 2", "softmax(x)", line=LINE)),
    case(LARGE),
    case(GRADIENTS),
    mistake=Mistake("softmax_over_axis_0", EXPLANATION),
)  # fmt: skip
MISSING = Finding(Outcome.MISSING, "The notebook does not define `softmax`.", CALL)
LOST = Finding(Outcome.COULD_NOT_CHECK, "The suite itself failed: KeyError: 'secret'")
USED = ForbiddenCall("torch.softmax", "softmax", 2, "return torch.softmax(x, -1)")

VALUES = (
    Grid("input", "x float32[2, 3]", (Plane((("1", "2", "4"), ("0.5", "-1", "inf"))),)),
    Grid("expected", "float32[2, 3]", (Plane((("0.042", "0.1142", "0.8438"), ("0.5465", "0.122", "0.3315"))),)),
    Grid(
        "yours",
        "float32[2, 3]",
        (Plane((("0.042", "1e+30", "0.8438"), ("nan", "-2", "0.3315")), "", ((0, 1), (1, 0), (1, 1))),),
    ),
)
MOVED = (
    Grid("input", "images float32[2, 2, 3]", (
        Plane((("0", "1", "2"), ("10", "11", "12")), "[0]"),
        Plane((("100", "101", "102"), ("110", "111", "112")), "[1]"),
    )),
    Grid("input", "index = 1"),
    Grid("input", "rows = (0, 2)"),
    Grid("expected", "float32[2, 1]", (Plane((("100",), ("110",)), "[row=0]"),)),
    Grid("yours", "float32[20, 9]", (Plane((("100", "101"), ("110", "111"))),), "4 of 180 values"),
)  # fmt: skip

EXERCISES = {
    "passed": softmax(4.0, Outcome.PASSED, case(BATCH), case(AXES)),
    "wrong_values": WRONG,
    "wrong_shape": failing(
        Outcome.WRONG,
        "The result has the wrong size along axis `class`.",
        yours="float32[4, 2]",
        expected="float32[4, 3]",
    ),
    "not_finite": failing(
        Outcome.WRONG, "The result holds nan or infinity.", wrong="3 of 12 values", worst="[image=0, class=2]",
        yours="nan", expected="1",
    ),
    "drawn_values": failing(
        Outcome.WRONG, "The values differ.", wrong="3 of 6 values", worst="[image=0, class=1]", yours="1e+30",
        expected="0.1142", drawing=VALUES,
    ),
    "drawn_shape": failing(
        Outcome.WRONG, "The result has the wrong size along axis `row`.", yours="float32[20, 9]",
        expected="float32[2, 1]", drawing=MOVED,
    ),
    "crashed": failing(
        Outcome.CRASHED, "The call raised IndexError: Dimension out of range (expected -2 to 1, got 2)", line=LINE
    ),
    "died": failing(Outcome.CRASHED, "The call ended the whole process: the memory limit was reached."),
    "timed_out": failing(Outcome.TIMED_OUT, "The call did not return: the time limit was reached."),
    "missing": softmax(0.0, Outcome.MISSING, *(case(each, Outcome.MISSING, MISSING) for each in (BATCH, AXES))),
    "not_attempted": softmax(0.0, Outcome.NOT_ATTEMPTED, case(BATCH, Outcome.NOT_ATTEMPTED)),
    "forbidden": softmax(0.0, Outcome.FORBIDDEN, case(BATCH), forbidden=USED),
    "could_not_check": softmax(0.0, Outcome.COULD_NOT_CHECK, case(BATCH, Outcome.COULD_NOT_CHECK, LOST)),
    "stopped_cell": softmax(
        0.0,
        Outcome.CRASHED,
        case(BATCH, Outcome.MISSING, MISSING),
        note="The cell stopped before it defined the answer: it raised NameError.",
    ),
    "on_a_gpu": softmax(
        4.0, Outcome.PASSED, case(BATCH), case(AXES),
        on_gpu=DeviceMistake("made_on_cpu", EXPLANATIONS["made_on_cpu"], ONES, LINE),
    ),
    "many_failures": softmax(0.0, Outcome.WRONG, *(case(f"Case {i} holds.", Outcome.WRONG) for i in range(9))),
}  # fmt: skip
SUBMISSION = Verdict(
    "04_softmax",
    "ada",
    (
        WRONG,
        ExerciseVerdict("log_softmax", 2.0, 2.0, Outcome.PASSED),
        ExerciseVerdict("nll", 0.0, 1.0, Outcome.NOT_ATTEMPTED),
    ),
    repairs=("The cell `test_nll` was missing and was put back.",),
    flags=("`softmax` compiles code while it runs.",),
    isolation=("tier A", "namespaces", "landlock", "seccomp"),
)
UNREADABLE = Verdict("04_softmax", "bob", (), problem="The file is no notebook: it is not JSON.")
NEXT = course.exercise("log_softmax")
ONWARD = {
    "stuck": (EXERCISES["wrong_shape"], Onward('`hint("softmax")` gives a nudge.')),
    "next": (EXERCISES["passed"], Onward("", Place(7, 31, NEXT), "04_softmax")),
    "next_elsewhere": (EXERCISES["passed"], Onward('`hint("softmax")` compares.', Place(7, 31, NEXT), "03_losses")),
    "not_counted": (EXERCISES["passed"], Onward("", Place(0, 31, NEXT), "04_softmax")),
    "all_done": (EXERCISES["passed"], Onward("", Place(31, 31))),
}
HINTS = {
    "hint": Hint("Which axis do you divide along? Try `x.sum(-1)`."),
    "hint_last": Hint("There is no further hint.", last=True),
    "hint_reference": Hint("The course's own answer.", "import torch\n\ndef softmax(x):\n    return x < 1", last=True),
}
