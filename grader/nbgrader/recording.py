"""The one writer of a class: what was judged goes into the gradebook, `autograded/` and `verdicts/`.

Students are recorded in batches: notebooks and folders are drafted first, then all rows go into the gradebook in one
short transaction, then the drafts are moved in place. So formgrader waits for milliseconds only, and whoever kills the
writer finds each student as before or as after, but for one moment: the gradebook may be ahead of the files, and since
that student does not count as recorded then, the next run does both again.

Gradebook and folders come out as nbgrader's own converter would leave them with the configuration that
`grader.nbgrader.plugin` makes. What a teacher configured beyond what is known here (other preprocessors, hooks, another
exporter, several notebooks in one assignment: `grader.nbgrader.pipeline.deviation` names it) is not ignored: then
nbgrader's converter itself records each student, twenty times as slowly. It also records those who are late, one by
one, where their penalty comes from a plugin of the course's own: that may look into the gradebook.
"""

from __future__ import annotations

import errno
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from types import TracebackType

from nbgrader.api import MissingEntry
from nbgrader.apps import NbGraderAPI
from nbgrader.converters import Autograde
from nbgrader.utils import capture_log, temp_attrs
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from grader.folder import CourseFolder
from grader.judge.submission import Finished, Submission
from grader.nbgrader.booked import by_hand
from grader.nbgrader.course import GradebookError, not_released, open_gradebook, plain_reason, require_success
from grader.nbgrader.files import AutogradedFolders
from grader.nbgrader.late import late_penalties
from grader.nbgrader.pipeline import Pipeline, deviation
from grader.nbgrader.plugin import Grade
from grader.nbgrader.released import Released, released
from grader.nbgrader.rows import Row, Rows
from grader.records import keep_verdict

__all__ = ["ExcludedError", "Finished", "Recorder"]

_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO})
_FOR_ALL_ALIKE = re.compile(
    "No space left|Disk quota exceeded|disk is full|disk I/O error|readonly database|Read-only file system|is locked"
    "|error accessing the nbgrader database|OperationalError|InterfaceError"
)
"""How nbgrader's converter, whose failures come as the words of its log, tells what hits everybody."""


class ExcludedError(ValueError):
    """A student whom the course's configuration leaves out; the message says where."""


class Recorder:
    """The one writer of a class: gradebook, `autograded/`, `verdicts/`."""

    def __init__(self, api: NbGraderAPI, folder: CourseFolder, assignment: str) -> None:
        """Loads what all students share, and sweeps what a killed run left.

        GradebookError, with the remedy, when the gradebook or the folders cannot be used.
        """
        self._api = api
        self._folder = folder
        self._assignment = assignment
        self._recorded = 0
        self._excluded = frozenset(api.coursedir.student_id_exclude.split(","))
        self._drafts = folder.verdict(assignment, "").parent / ".drafts"
        converter = Autograde(coursedir=api.coursedir, parent=api)
        with ExitStack() as opened:
            self._book = opened.enter_context(open_gradebook(api))
            self._folders = opened.enter_context(closing(AutogradedFolders(converter, folder, assignment)))
            opened.callback(shutil.rmtree, self._drafts, ignore_errors=True)
            with self._for_everybody():
                source = self._released()
                self._folders.sweep()
            self._pipeline = Pipeline(converter, source, folder.released_notebook(assignment))
            self._rows = Rows(self._book, source, self._pipeline.penalty)
            self._only_nbgrader = source.notebooks != (assignment,) or bool(deviation(converter))
            self._opened = opened.pop_all()

    def record(self, batch: Sequence[Finished]) -> dict[str, str]:
        """Records these students, each wholly or not at all; returns {student: reason} for those it could not.

        GradebookError for what hits everybody alike, such as a full disk or a lost connection.
        """
        failed: dict[str, str] = {}
        rows: list[Row] = []
        try:
            for each in batch:
                with self._only(each.submission.student, failed):
                    row = self._drafted(each)
                    if row is not None:
                        rows.append(row)
            if rows:
                self._write(rows, failed)
        finally:
            for each in batch:
                self._folders.discard(each.submission.student)
        return failed

    def points(self) -> dict[str, dict[str, float | None]]:
        """{student: {test cell: automatic points}} of everyone whom the gradebook has for this assignment."""
        with self._for_everybody():
            return self._rows.points()

    def penalties(self) -> dict[str, float]:
        """{student: points that being late costs} of everyone whom it costs some, by the gradebook as it is now."""
        with self._for_everybody(), Session(self._book.engine) as session:
            return late_penalties(session, self._assignment)

    def by_hand(self) -> dict[str, float]:
        """{student: points} that a human added to the automatic ones or took from them, as the gradebook is now."""
        with self._for_everybody(), Session(self._book.engine) as session:
            return by_hand(session, self._assignment)

    def close(self) -> None:
        """Lets go of the gradebook, and of what was drafted."""
        self._opened.close()

    def __enter__(self) -> Recorder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _released(self) -> Released:
        try:
            return released(self._book, self._assignment)
        except MissingEntry:
            raise not_released(self._assignment) from None

    def _drafted(self, finished: Finished) -> Row | None:
        """Drafts a student's files; None when nbgrader's converter has recorded all there is instead."""
        student = finished.submission.student
        if student in self._excluded:
            raise ExcludedError(
                f"`CourseDirectory.student_id_exclude` in nbgrader_config.py leaves `{student}` out; take the name out "
                "of it to have the points recorded"
            )
        if self._only_nbgrader:
            self._convert(finished)
            return None
        with self._folders.beside(student) as (beside, timestamp):
            if not self._pipeline.plugin_is_stock and self._rows.is_late(student, timestamp):
                self._convert(finished)
                return None
            converted = self._pipeline.convert(finished)
            self._folders.write(student, converted.text, beside)
        keep_verdict(CourseFolder(self._drafts), finished.result.verdict)
        return Row(student, timestamp, converted.scores, converted.comments)

    def _write(self, rows: list[Row], failed: dict[str, str]) -> None:
        """All in one transaction, and their drafts in place; when that fails for one of them, each in his own."""
        try:
            with self._for_everybody():
                self._rows.write(rows)
        except GradebookError:
            raise
        except Exception as error:
            if len(rows) == 1:
                failed[rows[0].student] = _reason(rows[0].student, error)
                return
            for row in rows:
                self._write([row], failed)
        else:
            self._put_in_place([row.student for row in rows], failed)

    def _put_in_place(self, students: list[str], failed: dict[str, str]) -> None:
        """Moves the drafts of those who are in the gradebook now; what hits everybody is said when all were tried."""
        draft = CourseFolder(self._drafts)
        stopped: GradebookError | None = None
        for student in students:
            try:
                with self._only(student, failed):
                    self._folders.put_in_place(student)
                    draft.verdict(self._assignment, student).replace(self._folder.verdict(self._assignment, student))
                    self._recorded += 1
            except GradebookError as error:
                stopped = stopped or error
        if stopped:
            raise stopped

    @contextmanager
    def _only(self, student: str, failed: dict[str, str]) -> Iterator[None]:
        """Notes what fails here as this student's; GradebookError when it would hit the others too."""
        try:
            with self._for_everybody():
                yield
        except GradebookError:
            raise
        except Exception as error:  # nbgrader's own failure on one student must not cost the others
            failed[student] = _reason(student, error)

    @contextmanager
    def _for_everybody(self) -> Iterator[None]:
        """Turns what hits everybody alike into one sentence that stops the run."""
        try:
            yield
        except Exception as error:
            if not _hits_everybody(error):
                raise
            raise self._cannot_go_on(error) from None

    def _cannot_go_on(self, error: Exception) -> GradebookError:
        remedy = "Make room on its disk, or close what uses the gradebook"
        if isinstance(error, DBAPIError) and self._book.engine.dialect.name != "sqlite":
            remedy = "See that the gradebook's server runs and has room, or close what uses it"
        return GradebookError(
            f"the course cannot be written now: {plain_reason(error)}. {remedy}, and run the command again: "
            f"{self._recorded} students were recorded by this run, and every result is kept"
        )

    def _convert(self, finished: Finished) -> None:
        """Lets nbgrader's own converter write gradebook and `autograded/`, as `nbgrader autograde` would."""
        student = finished.submission.student
        with temp_attrs(self._api.coursedir, assignment_id=self._assignment, student_id=student):
            converter = Autograde(coursedir=self._api.coursedir, parent=self._api)
            converter.force = True
            converter.create_student = True
            judge = Grade(parent=self._api, judge=_Prepared(finished))
            converter.autograde_preprocessors = [
                judge if each is Grade else each for each in converter.autograde_preprocessors
            ]
            result = capture_log(converter)
        require_success(result, f"record the points of `{student}`")
        self._recorded += 1


class _Prepared:
    """Stands where the judge stands in nbgrader's pipeline, with a result that is already there."""

    def __init__(self, finished: Finished) -> None:
        self._finished = finished

    def grade(self, work: Submission) -> Finished:
        return self._finished


def _hits_everybody(error: Exception) -> bool:
    if isinstance(error, OSError):
        return error.errno in _DISK
    if isinstance(error, DBAPIError):
        return not isinstance(error, (DataError, IntegrityError))
    return bool(_FOR_ALL_ALIKE.search(str(error)))


def _reason(student: str, error: Exception) -> str:
    """One line; the kit's own errors are written for the user, others say where they come from."""
    words = plain_reason(error)
    ours = type(error).__module__.startswith("grader.")
    return words if ours else f"the points of `{student}` could not be recorded: {type(error).__name__}: {words}"
