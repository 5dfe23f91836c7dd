"""Where the gradebook's points are others than the judge gave, and why: by hand, for lateness, or since an old run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader import course
from grader.report.students import Student


def changes(student: Student, assignment: str) -> tuple[str, ...]:
    """A sentence for each thing that makes a difference; nothing where the gradebook has the judge's points."""
    if student.judged is None or student.booked is None:
        return ()
    return tuple(_changes(student, assignment))


def _changes(student: Student, assignment: str) -> Iterator[str]:
    assert student.judged is not None
    assert student.booked is not None
    cells = {course.exercise(each.name).test_cell: each for each in student.judged.standing.exercises}
    for cell, score in student.booked.scores.items():
        exercise = cells.get(cell)
        name = exercise.name if exercise else cell
        judged = exercise.points if exercise else None
        if score.manual is not None:
            instead = f" instead of {judged:g}" if judged is not None else ""
            yield f"`{name}`: {score.manual:g} by hand{instead}"
        elif judged is not None and score.auto is not None and abs(score.auto - judged) > _ROUNDING:
            found = f"`{name}`: {score.auto:g} in the gradebook, {judged:g} in the verdict"
            yield f"{found}; run `grader autograde {assignment}`"
        if score.extra and score.is_given:
            yield f"`{name}`: {score.extra:+g} extra credit"
    if student.booked.penalty:
        yield f"\N{MINUS SIGN}{student.booked.penalty:g} for being late"


def waiting(students: Sequence[Student]) -> tuple[Student, ...]:
    """Those of whom a cell waits to be graded by hand."""
    return tuple(
        each
        for each in students
        if each.booked and each.judged and any(score.waits for score in each.booked.scores.values())
    )


_ROUNDING = 0.005
"""Points have two decimals."""
