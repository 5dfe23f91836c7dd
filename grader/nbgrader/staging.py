"""nbgrader's own reading of `submitted/`, led to what is safe to read.

nbgrader has no hook between finding a submission's files and copying them: `pre_convert_hook` is told neither the
student nor the converter, and its exceptions are swallowed. But a converter asks its `coursedir` for every path and
gives itself to the exporter before it converts anything. So the exporter (`SubmissionExporter`) gives the converter a
course directory in which a submission's path is a folder with copies of what `grader.beside` lets through.
"""

from __future__ import annotations

import shutil
import tempfile
import weakref
from pathlib import Path
from typing import Any

from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import parse_utc

from grader.beside import copy_beside, ours, submitted_time
from grader.folder import CourseFolder


class StagedCourse(CourseDirectory):  # type: ignore[misc] # its base class is untyped
    """A converter's course directory; what is read of a submission, but for its notebook, are copies."""

    @classmethod
    def of(cls, original: Any) -> StagedCourse:
        """One with all settings of the original, which may serve other converters and stays as it is."""
        staged = cls(parent=original.parent, root=original.root)
        for name in original.trait_names(config=True):
            setattr(staged, name, getattr(original, name))
        return staged

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._stage = Path(tempfile.mkdtemp(prefix="grader-beside-"))
        self._staged = ("", "")
        weakref.finalize(self, shutil.rmtree, self._stage, ignore_errors=True)

    def format_path(self, nbgrader_step: str, student_id: str, assignment_id: str, escape: bool = False) -> str:
        path: str = super().format_path(nbgrader_step, student_id, assignment_id, escape=escape)
        if escape or nbgrader_step != self.submitted_directory or student_id in ("*", "."):
            return path
        if student_id.startswith(REFUSED):
            raise NotGradedError(student_id)
        return str(self._copied(Path(path), student_id, assignment_id))

    def _copied(self, submission: Path, student: str, assignment: str) -> Path:
        folder = self._stage / "submission"
        if self._staged != (student, assignment):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            copy_beside(submission, folder, ours(CourseFolder(Path(self.root)).source(assignment).parent, assignment))
            (folder / f"{assignment}.ipynb").touch()  # nbgrader asks whether there is one; it is read by our exporter
            self._staged = (student, assignment)
        return folder

    def get_existing_timestamp(self, dest_path: str) -> Any:
        return safe_timestamp(self, dest_path)


REFUSED = "(not graded) "
"""Begins the name under which nbgrader reports a folder that cannot be graded; no student's name begins like this."""


class NotGradedError(ValueError):
    """A folder that is nobody's submission; the message says why and what to do."""


def stage(converter: Any) -> None:
    """Readies a converter that is about to autograde: no link, no foreign notebook, no name that would stop the class.

    A refused folder stays on its list under a name that nbgrader can report: it fails alone, and the exit code tells.
    """
    assignment = converter.coursedir.assignment_id
    folder = CourseFolder(Path(converter.coursedir.root))
    chosen = {Path(path).parent.name: path for path in converter.assignments}
    accepted = set(folder.students(assignment))
    found = {path: [str(Path(path) / f"{assignment}.ipynb")] for name, path in chosen.items() if name in accepted}
    if set(chosen) - accepted:
        for shown, reason in folder.refused(assignment).items():
            words = REFUSED + _flat(f"{shown}: {reason}")
            found[converter.coursedir.format_path(converter.coursedir.submitted_directory, words, assignment)] = []
    converter.assignments = found
    converter.coursedir = StagedCourse.of(converter.coursedir)


def _flat(words: str) -> str:
    """Words as one part of a path: nbgrader matches its paths with regular expressions and globs."""
    return "".join(sign if sign.isalnum() or sign in " .,:_-+" else "" for sign in words)[:200]


def safe_timestamp(_course: Any, path: str) -> Any:
    """When a submission was handed in, or None; whatever `timestamp.txt` is, this neither blocks nor raises."""
    words = submitted_time(Path(path))
    return parse_utc(words) if words else None


def read_times_safely() -> None:
    """Replaces the two places where nbgrader opens whatever is called timestamp.txt.

    A pipe of that name stops formgrader's list of submissions, for which there is no setting and no hook.
    """

    def submitted(api: Any, assignment_id: str, student_id: str) -> Any:
        course = api.coursedir
        return safe_timestamp(course, course.format_path(course.submitted_directory, student_id, assignment_id))

    CourseDirectory.get_existing_timestamp = safe_timestamp
    NbGraderAPI.get_submitted_timestamp = submitted
