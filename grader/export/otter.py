"""otter-json: what Otter-Grader writes for Gradescope (`results.json`), one document for each student.

Its keys are those of Gradescope's autograders: `tests` with `name`, `score`, `max_score`, `visibility` and `output`.
"""

from __future__ import annotations

import json
from typing import Any

from grader.export.grades import Grades, Line, Part, Status
from grader.export.selection import Selection
from grader.export.sheet import MOST_TEXT
from grader.export.written import Written
from grader.panel.plain import inert

VISIBILITY = "after_published"
"""As Otter marks hidden tests when students may see them once grades are out."""


def write(grades: Grades, chosen: Selection) -> Written:
    """For one chosen student the document itself; else all of them, by student, null for who handed in nothing."""
    if len(chosen.students) == 1 and len(grades.lines) == 1:
        return Written(_dumped(results(grades.lines[0], grades)))
    students = {inert(each.student, 300): _results_or_none(each, grades) for each in grades.lines}
    return Written(_dumped({"assignment": inert(grades.assignment, 300), "results": students}))


def results(line: Line, grades: Grades) -> dict[str, Any]:
    """Without `score` for whoever has no total: Gradescope would show a 0."""
    document: dict[str, Any] = {"tests": [], "stdout_visibility": "hidden"}
    if line.status is Status.COULD_NOT:
        why = {"output": inert(line.reason, MOST_TEXT), "status": "failed"}
        document["tests"].append({"name": "Autograder Failed", "visibility": "visible", **why})
    document["tests"] += [_test(line, each) for each in grades.parts if line.mark(each).points is not None]
    if line.score is not None:
        document["score"] = round(line.score, 5)
    document["output"] = str(line.status) + (f"; {line.penalty:g} off for being late" if line.penalty else "")
    document["extra_data"] = {
        "student": inert(line.student, 300),
        "group": inert(line.group, 300),
        "max_score": round(grades.most, 5),
        "late_penalty": round(line.penalty, 5),
        "seconds_late": line.seconds_late,
        "needs_manual_grade": line.waits,
    }
    return document


def _results_or_none(line: Line, grades: Grades) -> dict[str, Any] | None:
    return None if line.status is Status.NOTHING else results(line, grades)


def _test(line: Line, part: Part) -> dict[str, Any]:
    mark = line.mark(part)
    points = mark.points or 0.0
    return {
        "name": inert(part.name, 300),
        "score": round(points, 5),
        "max_score": round(part.most, 5),
        "visibility": VISIBILITY,
        "output": inert(mark.remark, MOST_TEXT),
    }


def _dumped(document: Any) -> str:
    return json.dumps(document, indent=1, ensure_ascii=True) + "\n"
