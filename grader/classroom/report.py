"""Verdicts by visible tests, for GitHub: the reporter's JSON, the page of a run, and its notices. Pure functions."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from typing import Any

from grader.panel import Audience, exercise_text
from grader.panel.plain import inert
from grader.panel.rows import points_of
from grader.verdict import ExerciseVerdict, Outcome, Verdict

_VERSION = 1
_PASSED, _FAILED, _ERROR = "pass", "fail", "error"


def points(verdicts: Sequence[Verdict]) -> tuple[float, float]:
    """Points, and the most there could be."""
    return round(sum(each.points for each in verdicts), 2), sum(each.max_points for each in verdicts)


def reporter(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """What GitHub Classroom's reporter reads of a step: an exercise is a test with its points."""
    exercises = [each for verdict in verdicts for each in verdict.exercises]
    tests = [_test(each) for each in exercises]
    states = {test["status"] for test in tests}
    status = _ERROR if _ERROR in states else _FAILED if _FAILED in states else _PASSED
    return {"version": _VERSION, "status": status, "max_score": points(verdicts)[1], "tests": tests}


def failed(reason: str) -> dict[str, Any]:
    """The same where the kit itself could not check."""
    test = {"name": "check", "status": _ERROR, "score": 0, "message": _harmless(reason), "test_code": "", "line_no": 0}
    return {"version": _VERSION, "status": _ERROR, "max_score": 0, "tests": [test]}


def encoded(results: dict[str, Any]) -> str:
    """The output of a step: JSON in base64, one line."""
    return base64.b64encode(json.dumps(results).encode()).decode()


def notices(verdicts: Sequence[Verdict]) -> list[str]:
    """The two commands by which the reporter told GitHub Classroom the points; people see them on the run's page."""
    got, most = points(verdicts)
    report = json.dumps({"totalPoints": got, "maxPoints": most})
    return [
        f"::notice title=Autograding complete::Points {got:g}/{most:g}",
        f"::notice title=Autograding report::{report}",
    ]


def text(verdicts: Sequence[Verdict]) -> str:
    """The panels of what lacks points, for the log."""
    lines: list[str] = []
    for verdict in verdicts:
        lines.append(f"{verdict.assignment}: {points_of(verdict.points, verdict.max_points)} of the visible tests")
        lines += [f"note      {inert(each)}" for each in (verdict.problem, *verdict.repairs) if each]
        lines += [f"\n{_panel(each)}" for each in _lacking(verdict)] if not verdict.problem else []
    return "\n".join(lines)


def page(verdicts: Sequence[Verdict]) -> str:
    """The same in Markdown, for the page of the run."""
    parts: list[str] = []
    for verdict in verdicts:
        parts.append(f"## {verdict.assignment}: {points_of(verdict.points, verdict.max_points)}")
        parts.append("By the visible tests. The points that count are given by the staff, with other tests.")
        rows = [f"| `{e.name}` | {points_of(e.points, e.max_points)} | {e.outcome} |" for e in verdict.exercises]
        parts.append("\n".join(["| exercise | points | |", "| --- | --- | --- |", *rows]))
        told = [verdict.problem] if verdict.problem else [*verdict.repairs, *map(_panel, _lacking(verdict))]
        parts += [_fenced(each) for each in told]
    return "\n\n".join(parts) + "\n"


def _lacking(verdict: Verdict) -> list[ExerciseVerdict]:
    return [each for each in verdict.exercises if each.outcome is not Outcome.PASSED]


def _panel(verdict: ExerciseVerdict) -> str:
    # visible tests hide nothing from the author
    return exercise_text(verdict, audience=Audience.AUTHOR)


def _test(verdict: ExerciseVerdict) -> dict[str, Any]:
    states = {Outcome.PASSED: _PASSED, Outcome.COULD_NOT_CHECK: _ERROR}
    return {
        "name": inert(verdict.name),
        "status": states.get(verdict.outcome, _FAILED),
        "score": verdict.points,
        "message": "" if verdict.outcome is Outcome.PASSED else _harmless(_panel(verdict)),
        "test_code": "",
        "line_no": 0,
    }


def _harmless(words: str) -> str:
    """Lines none of which a runner takes for a command: those begin with two colons, or a number sign and a bracket."""
    return re.sub(r"(?<=:)(?=:)|(?<=#)(?=#\[)", " ", words)


def _fenced(words: str) -> str:
    longest = max((len(each) for each in re.findall(r"`+", words)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{words}\n{fence}"
