"""What the gradebook holds of a released assignment, read once for all students."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nbgrader.api import (
    Assignment,
    Gradebook,
    GradeCell,
    MissingEntry,
    Notebook,
    SolutionCell,
    SourceCell,
    TaskCell,
)
from sqlalchemy import select
from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Released:
    """What the gradebook holds of an assignment's notebook, the same for all students.

    notebooks: the names of all its notebooks. source_cells, graded_cells: rows by their name. grades, comments: names
    by the id of the cell for which every submission has such a row.
    """

    assignment: str
    assignment_id: str
    notebook_id: str
    duedate: datetime | None
    kernelspec: dict[str, Any]
    notebooks: tuple[str, ...]
    source_cells: dict[str, Any]
    graded_cells: dict[str, Any]
    grades: dict[str, str]
    comments: dict[str, str]


def released(gradebook: Gradebook, assignment: str) -> Released:
    """Reads it; MissingEntry unless the gradebook holds the assignment with a notebook of its name."""
    with Session(gradebook.engine) as session:
        held = session.execute(
            select(Notebook.id, Notebook.kernelspec, Assignment.id.label("assignment_id"), Assignment.duedate)
            .join(Assignment, Assignment.id == Notebook.assignment_id)
            .where(Notebook.name == assignment, Assignment.name == assignment)
        ).one_or_none()
        if held is None:
            raise MissingEntry(f"No such notebook: {assignment}/{assignment}")
        return _released(session, assignment, held)


def _released(session: Session, assignment: str, held: Any) -> Released:
    notebook = held.id
    source = select(
        SourceCell.name, SourceCell.cell_type, SourceCell.locked, SourceCell.source, SourceCell.checksum
    ).where(SourceCell.notebook_id == notebook)
    grade, task = (
        session.execute(select(kind.id, kind.name, kind.max_score).where(kind.notebook_id == notebook)).all()
        for kind in (GradeCell, TaskCell)
    )
    solution = session.execute(select(SolutionCell.id, SolutionCell.name).where(SolutionCell.notebook_id == notebook))
    return Released(
        assignment,
        held.assignment_id,
        notebook,
        held.duedate,
        json.loads(held.kernelspec or "{}"),
        tuple(session.scalars(select(Notebook.name).where(Notebook.assignment_id == held.assignment_id))),
        {each.name: each for each in session.execute(source)},
        {each.name: each for each in (*task, *grade)},
        {each.id: each.name for each in (*grade, *task)},
        {each.id: each.name for each in (*solution, *task)},
    )
