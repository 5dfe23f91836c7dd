"""What students get back, written by nbgrader."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator

from grader.autograde import NothingToGradeError
from grader.folder import CourseFolder
from grader.nbgrader.course import course_api, require_success, require_writable
from grader.tables import show_weaker
from grader.verdict import Verdict, verdict_from_json


def feedback(folder: CourseFolder, assignment: str) -> int:
    """Writes `feedback/STUDENT/ASSIGNMENT` for everyone who was graded; returns how many that are.

    Says on stderr who of them was graded behind less than all walls. GradebookError before any page is touched.
    """
    folder.require_ours(assignment, "`nbgrader generate_feedback {}` writes its feedback")
    graded = [each for each in (folder.root / "autograded").glob(f"*/{assignment}") if each.is_dir()]
    if not graded:
        raise NothingToGradeError(f"nothing of `{assignment}` is graded yet; run `grader autograde {assignment}`")
    with course_api(folder) as api:
        require_writable(api, assignment)  # nbgrader takes the old pages away before it looks
        require_success(api.generate_feedback(assignment), f"write the feedback for `{assignment}`")
    show_weaker(_verdicts(folder, assignment, sorted(path.parent.name for path in graded)))
    return len(graded)


def _verdicts(folder: CourseFolder, assignment: str, students: Iterable[str]) -> Iterator[Verdict]:
    """What is kept of these; no file, one of another version, or one that is none, says nothing of its walls."""
    for student in students:
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
            yield verdict_from_json(json.loads(folder.verdict(assignment, student).read_text(encoding="utf-8")))
