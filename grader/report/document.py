"""The report as plain data for `json.dumps`; docs/report.md describes it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from grader.report.facts import Bin, Facts, Group
from grader.report.likeness import Likenesses
from grader.report.report import Report
from grader.report.students import Student

SCHEMA = 1
"""Version of the JSON."""


def document(report: Report) -> dict[str, Any]:
    """The facts of the page, without the students' code. Names and reasons are text from strangers."""
    facts = report.facts
    return {
        "schema": SCHEMA,
        "assignment": report.assignment,
        "gradebook_problem": report.book,
        "points": _points(facts),
        "exercises": [{**vars(each), "mean": round(each.mean, 4), "n": each.n} for each in facts.exercises],
        "mistakes": [_group(each, "mistake") | {"explanation": each.words} for each in facts.mistakes],
        "unexplained": facts.unexplained,
        "did_not_run": [_group(each, "why") for each in facts.did_not_run],
        "cases": [vars(each) for each in facts.cases],
        "similar": _similar(report.likenesses),
        "forbidden": [_group(each, "call") for each in facts.forbidden],
        "weaker_walls": {each.what: _ids(each.students) for each in facts.walls},
        "changed_points": {student: list(sentences) for student, sentences in report.changes.items()},
        "waiting_for_a_grade_by_hand": _ids(report.waiting),
        "handed_in_anew": _ids(report.changed),
        "damaged_verdicts": report.damaged,
        "could_not_be_graded": _ids(facts.could_not),
        "handed_in_nothing": _ids(facts.absent),
        "seconds": {
            "median": facts.median_seconds,
            "slowest": _ids(facts.slowest),
            "distribution": _bins(facts.seconds),
        },
        "students": [_student(each) for each in report.students],
    }


def _points(facts: Facts) -> dict[str, Any]:
    points = facts.points
    return {
        "students": points.n,
        "max_points": points.most,
        "mean": round(points.mean, 4),
        "median": round(points.median, 4),
        "full_marks": points.full,
        "distribution": _bins(points.bins),
    }


def _bins(bins: Iterable[Bin]) -> dict[str, int]:
    return {each.label: len(each.students) for each in bins}


def _group(group: Group, key: str) -> dict[str, Any]:
    return {"exercise": group.exercise, key: group.what, "students": _ids(group.students)}


def _ids(students: Iterable[Student]) -> list[str]:
    return [each.id for each in students]


def _similar(found: Likenesses) -> dict[str, Any]:
    pairs = [
        {
            "students": [each.left, each.right],
            "evidence": each.evidence,
            "exercises": [
                {"exercise": c.exercise, "shared": c.shared, "of": c.of, "only": c.only} for c in each.comparisons
            ],
        }
        for each in found.pairs
    ]
    return {"compared": found.compared, "in_all": found.in_all, "too_long": list(found.too_long), "pairs": pairs}


def _student(student: Student) -> dict[str, Any]:
    told: dict[str, Any] = {"student": student.id, "first_name": student.person.first, "last_name": student.person.last}
    if student.judged is None:
        return told | {"points": None, "reason": student.reason}
    standing = student.judged.standing
    return told | {
        "points": student.points,
        "judged_points": standing.points,
        "exercises": {
            each.name: None if student.is_open(each) else student.points_in(each.name) for each in standing.exercises
        },
        "problem": standing.problem,
        "flags": list(student.judged.flags),
        "repairs": list(student.judged.repairs),
        "seconds": standing.seconds,
    }
