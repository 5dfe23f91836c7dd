"""What a class' results are in nbgrader's database, written in one transaction.

The rows are those that `Gradebook.add_submission`, `SaveAutoGrades` and `AssignLatePenalties` would leave. Columns are
asked for by name: nbgrader's objects bring sums with them that cost more than the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    new_uuid,
)
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from grader.nbgrader.released import Released

LOCK_SECONDS = 5
"""How long PostgreSQL waits for a row that another holds; SQLite's driver waits as long for the file."""

Penalty = Callable[[str, float, float], float | None]
"""What a late submission loses, from its student, its score and how many seconds it is late."""


@dataclass(frozen=True)
class Row:
    """One student's results. timestamp: when it was handed in, in UTC; None leaves what the gradebook says."""

    student: str
    timestamp: datetime | None
    scores: dict[str, float | None]
    comments: dict[str, str | None]


class Rows:
    """The results of one assignment in a gradebook that stays open."""

    def __init__(self, gradebook: Gradebook, source: Released, penalty: Penalty) -> None:
        self._engine = gradebook.engine
        self._source = source
        self._penalty = penalty

    def points(self) -> dict[str, dict[str, float | None]]:
        """{student: {cell: automatic points}} of everyone who has a submission."""
        grades = (
            select(SubmittedAssignment.student_id, BaseCell.name, Grade.auto_score)
            .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
            .join(BaseCell, BaseCell.id == Grade.cell_id)
            .where(SubmittedAssignment.assignment_id == self._source.assignment_id)
        )
        found: dict[str, dict[str, float | None]] = {}
        with Session(self._engine) as session:
            for student, cell, points in session.execute(grades):
                found.setdefault(student, {})[cell] = points
        return found

    def is_late(self, student: str, timestamp: datetime | None) -> bool:
        """Whether a student is late by what the gradebook will say once this time is in it."""
        with Session(self._engine) as session:
            known = self._submissions(session, [student])
        return self._seconds_late(known.get(student), timestamp) > 0

    def write(self, rows: Sequence[Row]) -> None:
        """Writes these in one transaction: all of them or none."""
        students = [each.student for each in rows]
        with self._transaction() as session:
            self._add_missing(session, students)
            submissions = self._submissions(session, students)
            for row in rows:
                if row.timestamp is not None:
                    session.execute(
                        update(SubmittedAssignment)
                        .where(SubmittedAssignment.id == submissions[row.student].id)
                        .values(timestamp=row.timestamp)
                    )
            by_notebook = {submissions[row.student].notebook: row for row in rows}
            self._update_grades(session, by_notebook)
            self._update_comments(session, by_notebook)
            self._update_penalties(session, by_notebook, submissions)

    @contextmanager
    def _transaction(self) -> Iterator[Session]:
        """One that has its place in the queue of writers before it reads: nobody changes what it read meanwhile."""
        with Session(self._engine) as session, session.begin():
            if self._engine.dialect.name == "sqlite":
                session.connection().exec_driver_sql("BEGIN IMMEDIATE")
            elif self._engine.dialect.name == "postgresql":
                session.connection().exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
            yield session

    def _add_missing(self, session: Session, students: Collection[str]) -> None:
        """Students and submissions that are new, with empty grades and comments, as `add_submission` makes them."""
        known = set(session.scalars(select(Student.id).where(Student.id.in_(students))))
        _insert(session, Student, [{"id": each} for each in students if each not in known])
        handed_in = self._submissions(session, students)
        new = [each for each in students if each not in handed_in]
        submissions = {student: new_uuid() for student in new}
        notebooks = {student: new_uuid() for student in new}
        _insert(
            session,
            SubmittedAssignment,
            [
                {"id": submissions[each], "assignment_id": self._source.assignment_id, "student_id": each}
                for each in new
            ],
        )
        _insert(
            session,
            SubmittedNotebook,
            [
                {"id": notebooks[each], "assignment_id": submissions[each], "notebook_id": self._source.notebook_id}
                for each in new
            ],
        )
        for kind, cells in ((Grade, self._source.grades), (Comment, self._source.comments)):
            _insert(
                session,
                kind,
                [{"cell_id": cell, "notebook_id": notebook} for notebook in notebooks.values() for cell in cells],
            )

    def _submissions(self, session: Session, students: Collection[str]) -> dict[str, Any]:
        """{student: row with id, notebook (its id), timestamp, extension} of those that are in the gradebook."""
        found = session.execute(
            select(
                SubmittedAssignment.student_id,
                SubmittedAssignment.id,
                SubmittedAssignment.timestamp,
                SubmittedAssignment.extension,
                SubmittedNotebook.id.label("notebook"),
            )
            .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .where(
                SubmittedAssignment.assignment_id == self._source.assignment_id,
                SubmittedNotebook.notebook_id == self._source.notebook_id,
                SubmittedAssignment.student_id.in_(students),
            )
        )
        return {each.student_id: each for each in found}

    def _update_grades(self, session: Session, rows: dict[str, Row]) -> None:
        found = session.execute(
            select(Grade.id, Grade.cell_id, Grade.notebook_id, Grade.manual_score)
            .where(Grade.notebook_id.in_(rows))
            .with_for_update()
        ).all()
        changes: dict[str, list[dict[str, Any]]] = {notebook: [] for notebook in rows}
        for each in found:
            scores, cell = rows[each.notebook_id].scores, self._source.grades.get(each.cell_id)
            if cell in scores:
                score = scores[cell]
                by_hand = each.manual_score is not None or score is None
                change = {"id": each.id, "auto_score": score, "needs_manual_grade": by_hand}
                changes[each.notebook_id].append(change)
        for notebook, row in rows.items():
            _require_all(row.student, len(changes[notebook]), len(row.scores), "grades")
        _update(session, Grade, [change for each in changes.values() for change in each])

    def _update_comments(self, session: Session, rows: dict[str, Row]) -> None:
        found = session.execute(
            select(Comment.id, Comment.cell_id, Comment.notebook_id).where(Comment.notebook_id.in_(rows))
        ).all()
        changes: dict[str, list[dict[str, Any]]] = {notebook: [] for notebook in rows}
        for each in found:
            comments, cell = rows[each.notebook_id].comments, self._source.comments.get(each.cell_id)
            if cell in comments:
                changes[each.notebook_id].append({"id": each.id, "auto_comment": comments[cell]})
        for notebook, row in rows.items():
            _require_all(row.student, len(changes[notebook]), len(row.comments), "comments")
        _update(session, Comment, [change for each in changes.values() for change in each])

    def _update_penalties(self, session: Session, rows: dict[str, Row], submissions: dict[str, Any]) -> None:
        late = {each: self._seconds_late(submissions[row.student], row.timestamp) for each, row in rows.items()}
        late = {notebook: seconds for notebook, seconds in late.items() if seconds > 0}
        asked = select(SubmittedNotebook.id, SubmittedNotebook.score).where(SubmittedNotebook.id.in_(late))
        penalties: dict[str, float | None] = dict.fromkeys(rows)
        for notebook, score in session.execute(asked) if late else ():
            penalties[notebook] = self._penalty(rows[notebook].student, score, late[notebook])
        changes = [{"id": each, "late_submission_penalty": points} for each, points in penalties.items()]
        _update(session, SubmittedNotebook, changes)

    def _seconds_late(self, submission: Any, timestamp: datetime | None) -> float:
        """By nbgrader's own rule, which knows extensions; submission: its row, None when there is none yet."""
        known, extension = (submission.timestamp, submission.extension) if submission else (None, None)
        assignment = Assignment(self._source.assignment, duedate=self._source.duedate)
        judged = SubmittedAssignment(assignment=assignment, timestamp=timestamp or known, extension=extension)
        seconds: float = judged.total_seconds_late
        return seconds


class IncompleteError(ValueError):
    """A submission in the gradebook that lacks cells of its notebook; the message says what to do."""


def _require_all(student: str, found: int, wanted: int, what: str) -> None:
    if found < wanted:
        raise IncompleteError(
            f"the gradebook holds {found} of {wanted} {what} for `{student}`; delete this submission in formgrader or "
            "with nbgrader's API, and grade it again"
        )


def _insert(session: Session, model: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        session.execute(insert(model), rows)


def _update(session: Session, model: Any, rows: list[dict[str, Any]]) -> None:
    """Each row names its `id` and what changes."""
    if rows:
        session.execute(update(model), rows)
