"""What being late costs, by nbgrader's gradebook."""

from __future__ import annotations

from typing import Any

from nbgrader.api import Assignment, SubmittedAssignment, SubmittedNotebook
from sqlalchemy import select


def late_penalties(opened: Any, assignment: str) -> dict[str, float]:
    """{student: points, over all notebooks of a submission} of everyone whom it costs some. opened: a session."""
    asked = (
        select(SubmittedAssignment.student_id, SubmittedNotebook.late_submission_penalty)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .where(Assignment.name == assignment)
    )
    found: dict[str, float] = {}
    for student, points in opened.execute(asked):
        if points:
            found[student] = found.get(student, 0.0) + points
    return found
