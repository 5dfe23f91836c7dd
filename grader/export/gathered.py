"""All of a class for an export: the gradebook, the verdicts, and who handed in, put together."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from grader import course
from grader.export.booked import Booked, booked, parts, require
from grader.export.grades import Grades, Line, Mark, Part, Status
from grader.export.grouped import read_groups, shared
from grader.export.selection import ExportError, Selection
from grader.folder import CourseFolder
from grader.nbgrader.booked import Person, people
from grader.nearest import nearest
from grader.panel.plain import inert
from grader.report.verdicts import ClassVerdicts, Judged, class_verdicts
from grader.standing import ExerciseStanding
from grader.verdict import Outcome


def gathered(folder: CourseFolder, opened: Any, chosen: Selection) -> Grades:
    """ExportError when there is nothing to export, or when what was chosen is not there. opened: a session."""
    assignment = chosen.assignment
    require(opened, assignment)
    known, entries, found = people(opened), booked(opened, assignment), parts(opened, assignment)
    ours = assignment in course.assignments()
    verdicts = class_verdicts(folder, assignment) if ours else ClassVerdicts()
    handed_in = set(folder.students(assignment))
    everybody = {
        student: _line(student, known, entries.get(student), verdicts, found, student in handed_in)
        for student in known.keys() | entries.keys() | handed_in
    }
    if not any(entry.is_graded for entry in entries.values()):
        command = "grader" if ours else "nbgrader"
        raise ExportError(f"nobody's `{assignment}` is graded yet; run `{command} autograde {assignment}`")
    if chosen.groups:
        everybody = shared(everybody, read_groups(chosen.groups), known)
    lines = _only(everybody, chosen.students)
    return Grades(assignment, found, tuple(sorted(lines, key=lambda each: each.order)))


def _only(everybody: dict[str, Line], students: tuple[str, ...]) -> Iterable[Line]:
    for student in students:
        if student not in everybody:
            near = nearest(student, everybody)
            hint = f"did you mean `{inert(near, 60)}`?" if near else f"{len(everybody)} others are"
            raise ExportError(f"student `{inert(student, 60)}` is neither in the gradebook nor in submitted/; {hint}")
    return [everybody[each] for each in dict.fromkeys(students)] if students else everybody.values()


def _line(
    student: str,
    known: dict[str, Person],
    entry: Booked | None,
    verdicts: ClassVerdicts,
    found: tuple[Part, ...],
    handed_in: bool,
) -> Line:
    person = known.get(student, Person())
    if entry is None:
        return Line(student, person, Status.NOT_YET if handed_in else Status.NOTHING)
    marks = dict(entry.marks)
    judged = verdicts.judged.get(student)
    if judged:
        marks = _explained(marks, judged, verdicts, found)
    status, reason = _status(entry, marks, judged, found)
    late = (entry.timestamp, entry.seconds_late, entry.penalty)
    return Line(student, person, status, marks, *late, reason)


def _status(
    entry: Booked, marks: dict[tuple[str, str], Mark], judged: Judged | None, found: tuple[Part, ...]
) -> tuple[Status, str]:
    if not entry.is_graded:
        return Status.NOT_YET, ""
    by_hand = any(each.by_hand for each in marks.values())
    if judged and judged.standing.problem and not by_hand:
        return Status.COULD_NOT, judged.standing.problem
    unchecked = [each.name for each in found if marks.get((each.notebook, each.cell), Mark(None)).remark == _UNCHECKED]
    if unchecked:
        return Status.COULD_NOT, f"could not be checked: {', '.join(unchecked)}"
    waits = any(each.waits and each.points is None for each in marks.values())
    return (Status.WAITS if waits else Status.GRADED), ""


def _explained(
    marks: dict[tuple[str, str], Mark], judged: Judged, verdicts: ClassVerdicts, found: tuple[Part, ...]
) -> dict[tuple[str, str], Mark]:
    """The marks with the judge's words; what it could not check, and nobody graded by hand, has no points."""
    exercises = {course.exercise(each.name).test_cell: each for each in judged.standing.exercises}
    worth = {(each.notebook, each.cell): each.most for each in found}
    explained = dict(marks)
    for key, mark in marks.items():
        exercise = exercises.get(key[1])
        lost = bool(judged.standing.problem) or (exercise and exercise.outcome is Outcome.COULD_NOT_CHECK)
        if mark.by_hand or (mark.points or 0.0) >= worth.get(key, 0.0) or not (exercise or lost):
            continue
        if lost or exercise is None:
            explained[key] = dataclasses.replace(mark, points=None, remark=_UNCHECKED)
        else:
            explained[key] = dataclasses.replace(mark, remark=_words(exercise, verdicts))
    return explained


def _words(exercise: ExerciseStanding, verdicts: ClassVerdicts) -> str:
    if exercise.outcome is Outcome.PASSED:  # the gradebook is older than the verdict, or younger
        return ""
    if exercise.mistake:
        return f"{exercise.outcome}: {verdicts.explanations.get((exercise.name, exercise.mistake), exercise.mistake)}"
    return f"{exercise.outcome}: {exercise.forbidden}" if exercise.forbidden else str(exercise.outcome)


_UNCHECKED = str(Outcome.COULD_NOT_CHECK)
