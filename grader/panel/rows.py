"""What a panel says, as labelled rows: the one place that decides who may read what."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterator
from enum import Enum

from grader.panel.drawing import key_of
from grader.panel.plain import inert
from grader.panel.row import Row as Row
from grader.verdict import CaseVerdict, DeviceMistake, ExerciseVerdict, Finding, ForbiddenCall, Outcome, Verdict

MAX_CASES = 5
"""Failed cases that a panel lists; it says how many more there are."""

MAX_EXPLANATION = 2000
"""Characters of an explanation: instructors write it, so the bound only guards against an accident."""

UNTOUCHED = "The cell is as it was released: write your answer in the place of the last line."
NOT_YOURS = "The kit could not check this. It says nothing about your answer: show it to whoever runs the course."
IN_NO_CELL = "It is called by code that stands in no cell of the notebook: made from text, or in a file."
_UNCOUNTED = frozenset({Outcome.FORBIDDEN, Outcome.NOT_ATTEMPTED, Outcome.COULD_NOT_CHECK})
_LABELS = {
    Outcome.WRONG: "wrong",
    Outcome.CRASHED: "crashed",
    Outcome.TIMED_OUT: "timed out",
    Outcome.MISSING: "missing",
}
_DISCREET = {
    Outcome.CRASHED: "The call ended the whole process.",
    Outcome.TIMED_OUT: "The call did not return.",
    Outcome.MISSING: "The notebook does not define what this case calls.",
}


class Audience(Enum):
    """AUTHOR sees the whole finding; STUDENT reads results of hidden cases: sentences, no inputs, no values."""

    AUTHOR = "author"
    STUDENT = "student"


def points_of(points: float, max_points: float) -> str:
    """`2.5 of 4 points`."""
    return f"{points:g} of {max_points:g} {'point' if max_points == 1 else 'points'}"


def more_of(name: str) -> str:
    """How the next hint is asked for."""
    return f'`hint("{inert(name)}")` again says more.'


def cases_of(verdict: ExerciseVerdict) -> str:
    """`5 of 7 cases pass`; empty where their number would say nothing about the points."""
    if not verdict.cases or verdict.outcome in _UNCOUNTED or _never_defined(verdict):
        return ""
    return f"{len(verdict.cases) - len(verdict.failed)} of {len(verdict.cases)} cases pass"


def rows(verdict: ExerciseVerdict, audience: Audience) -> tuple[Row, ...]:
    """The body of an exercise's panel; empty when there is nothing to say."""
    return tuple(_rows(verdict, audience))


def _rows(verdict: ExerciseVerdict, audience: Audience) -> Iterator[Row]:
    if verdict.note:
        yield Row("note", verdict.note)
    if verdict.outcome is Outcome.NOT_ATTEMPTED:
        yield Row("note", UNTOUCHED)
    elif verdict.forbidden:
        yield from _not_allowed(verdict.forbidden)
    else:
        yield from _failures(verdict, audience)
    if verdict.outcome is Outcome.COULD_NOT_CHECK and not verdict.note:
        yield Row("note", NOT_YOURS)
    if verdict.mistake:
        yield Row("hint", verdict.mistake.explanation, most=MAX_EXPLANATION)
    if verdict.on_gpu:
        yield from _on_gpu(verdict.on_gpu)


def _on_gpu(found: DeviceMistake) -> Iterator[Row]:
    yield Row("on a GPU", found.explanation, most=MAX_EXPLANATION)
    if found.made:
        yield Row("made", found.made, code=True)
    if found.used:
        yield Row("used", found.used, code=True)


def _not_allowed(found: ForbiddenCall) -> Iterator[Row]:
    yield Row("forbidden", found.call, code=True)
    # a file's name tells that it is no cell of the notebook
    place = found.cell if found.cell.endswith(".py") else f"cell {found.cell}"
    where = f"{place} line {found.line}" if found.cell and found.line else ""
    text = ": ".join(part for part in (where, found.text) if part)
    yield Row("line", text, code=True) if text else Row("line", IN_NO_CELL)
    yield Row("note", "The exercise is to write this yourself: remove the call to get points.")


def _failures(verdict: ExerciseVerdict, audience: Audience) -> Iterator[Row]:
    if _never_defined(verdict):
        if not verdict.note:  # the note says why it is missing, which is better
            yield from _details(verdict.failed[0], audience)
        return
    listed = _one_for_each_sentence(verdict.failed)
    detailed = _detailed(listed, audience)
    for position, case in enumerate(listed[:MAX_CASES]):
        other = "" if case.outcome is verdict.outcome else f" ({case.outcome})"
        yield Row(_label(case, position), case.sentence + other)
        if case in detailed:
            yield from _details(case, audience)
    if len(listed) > MAX_CASES:
        yield Row("also", f"… and {len(listed) - MAX_CASES} more")


def _detailed(listed: tuple[CaseVerdict, ...], audience: Audience) -> tuple[CaseVerdict, ...]:
    """The first case; and since a hidden one tells so little, the first that crashed, for its line."""
    crashed = [case for case in listed if case.outcome is Outcome.CRASHED and audience is Audience.STUDENT]
    return (*listed[:1], *crashed[:1])


def _label(case: CaseVerdict, position: int) -> str:
    if case.outcome is Outcome.COULD_NOT_CHECK:
        return "case"  # it did not fail: nobody knows
    return "also" if position else "fails"


def _never_defined(verdict: ExerciseVerdict) -> bool:
    """One cause, one line: where nothing was defined, every case fails for that reason alone."""
    return bool(verdict.cases) and all(case.outcome is Outcome.MISSING for case in verdict.cases)


def _one_for_each_sentence(cases: tuple[CaseVerdict, ...]) -> tuple[CaseVerdict, ...]:
    first: dict[str, CaseVerdict] = {}
    for case in cases:
        first.setdefault(case.sentence, case)
    return tuple(first.values())


def _details(case: CaseVerdict, audience: Audience) -> Iterator[Row]:
    if case.finding is not None:
        yield from (_full if audience is Audience.AUTHOR else _discreet)(case.finding)


def _full(finding: Finding) -> Iterator[Row]:
    if finding.call:
        yield Row("called", finding.call, code=True)
    yield Row(_LABELS.get(finding.outcome, "note"), _what(finding))
    if finding.worst:
        yield Row("worst", f"{finding.worst} yours {finding.yours}, expected {finding.expected}", code=True)
    elif finding.yours or finding.expected:
        yield Row("yours", finding.yours, code=True)
        yield Row("expected", finding.expected, code=True)
    if finding.line:
        yield Row("line", finding.line, code=True)
    if finding.drawing:
        yield Row("picture", key_of(finding.drawing), drawing=finding.drawing)


def _what(finding: Finding) -> str:
    """`12 of 12 values`, and the message where it says more than that they differ."""
    if not finding.wrong:
        return finding.message
    return finding.wrong if finding.message == "The values differ." else f"{finding.wrong}. {finding.message}"


def _discreet(finding: Finding) -> Iterator[Row]:
    """For hidden cases: an exception's type and the author's own line, never a text that could carry inputs."""
    kind = re.match(r"The call raised (\w+)", finding.message)
    if kind:
        yield _raised(kind[1])
    elif finding.outcome in _DISCREET:
        yield Row(_LABELS[finding.outcome], _DISCREET[finding.outcome])
    if finding.line:
        yield Row("line", finding.line, code=True)


def _raised(name: str) -> Row:
    """An exception of Python's by its name; a class made while the answer ran may bear an input as its name."""
    known = getattr(builtins, name, None)
    if isinstance(known, type) and issubclass(known, BaseException):
        return Row("raised", name, code=True)
    return Row("raised", "an exception that is none of Python's own")


def submission_rows(verdict: Verdict, audience: Audience) -> tuple[Row, ...]:
    """What there is to say about a submission as a whole, besides its exercises; flags are for staff only."""
    flags = verdict.flags if audience is Audience.AUTHOR else ()
    walls = ", ".join(verdict.isolation) or ("" if verdict.problem else "none: this code ran unprotected")
    return (
        *((Row("problem", verdict.problem),) if verdict.problem else ()),
        *(Row("repaired", sentence) for sentence in verdict.repairs),
        *(Row("look at", sentence) for sentence in flags),
        *((Row("isolation", walls),) if walls else ()),
    )
