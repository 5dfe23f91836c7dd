"""Grading a class: every submission is judged first, in parallel; only then is anything written."""

from __future__ import annotations

import difflib
import glob
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from nbgrader.apps import NbGraderAPI
from nbgrader.converters import Autograde
from nbgrader.utils import capture_log, temp_attrs

from grader.folder import CourseFolder
from grader.jail.limits import Limits
from grader.jail.proofs import Protection
from grader.judge.pool import JudgeError, Pool
from grader.judge.submission import GradedSubmission, Submission, read_submission
from grader.nbgrader_course import course_api, require_success, require_writable
from grader.nbgrader_plugin import Grade
from grader.verdict import Verdict


class NothingToGradeError(LookupError):
    """No such student, or nobody handed in; the message names the remedy."""


@dataclass(frozen=True)
class ClassResult:
    """What a run came to: a verdict for everyone graded, a reason for everyone not, and the walls around it."""

    verdicts: tuple[Verdict, ...]
    failures: dict[str, str]
    protection: Protection


Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many are done, and how many there are."""


def autograde(
    folder: CourseFolder,
    assignment: str,
    students: tuple[str, ...] = (),
    *,
    jobs: int = 1,
    policy: str = "require",
    limits: Limits = Limits(),
    progress: Progress = lambda what, done, total: None,
) -> ClassResult:
    """Grades `submitted/*/ASSIGNMENT` into the gradebook and `autograded/`.

    All judging happens before the first write: a run that is interrupted or fails meanwhile leaves the gradebook
    as it was. A student whose submission cannot be recorded does not stop the others.
    """
    folder.require(assignment)
    chosen = _chosen(folder, assignment, students)
    with course_api(folder) as api:
        require_writable(api, assignment)
        with Pool(folder, assignment, jobs=min(jobs, len(chosen)), policy=policy, limits=limits) as pool:
            protection = pool.wait_until_ready()
            graded, failures = _judge(pool, list(_submissions(folder, assignment, chosen)), progress)
        for done, (student, result) in enumerate(sorted(graded.items())):
            progress("recording", done, len(graded))
            try:
                _record(api, assignment, student, result)
            except Exception as error:  # nbgrader's own failure on one student must not cost the others
                failures[student] = str(error)
    verdicts = tuple(result.verdict for student, result in sorted(graded.items()) if student not in failures)
    return ClassResult(verdicts, failures, protection)


def _chosen(folder: CourseFolder, assignment: str, students: tuple[str, ...]) -> tuple[str, ...]:
    present = folder.students(assignment)
    if not present:
        raise NothingToGradeError(
            f"nobody handed in `{assignment}`: {folder.root / 'submitted'} holds no STUDENT/{assignment} folder"
        )
    for student in students:
        if student not in present:
            near = difflib.get_close_matches(student, present, 1)
            hint = f"did you mean `{near[0]}`?" if near else f"{len(present)} others did"
            raise NothingToGradeError(f"student `{student}` did not hand in `{assignment}`; {hint}")
    return students or present


def _submissions(folder: CourseFolder, assignment: str, students: tuple[str, ...]) -> Iterator[Submission]:
    released = folder.released_notebook(assignment)
    for student in students:
        yield read_submission(folder.submission(assignment, student), student, assignment, released)


def _judge(
    pool: Pool, submissions: list[Submission], progress: Progress
) -> tuple[dict[str, GradedSubmission], dict[str, str]]:
    graded: dict[str, GradedSubmission] = {}
    failures: dict[str, str] = {}
    progress("grading", 0, len(submissions))
    for submission, result in pool.grade_all(submissions):
        if isinstance(result, JudgeError):
            failures[submission.student] = str(result)
        else:
            graded[submission.student] = result
        progress("grading", len(graded) + len(failures), len(submissions))
    return graded, failures


@dataclass(frozen=True)
class _Prepared:
    """Stands where the judge stands in nbgrader's pipeline, with a result that is already there."""

    result: GradedSubmission

    def grade(self, submission: Submission) -> GradedSubmission:
        return self.result


def _record(api: NbGraderAPI, assignment: str, student: str, result: GradedSubmission) -> None:
    """Lets nbgrader's own converter write the gradebook and `autograded/`, as `nbgrader autograde` would."""
    # nbgrader takes a student's name for a pattern
    with temp_attrs(api.coursedir, assignment_id=assignment, student_id=glob.escape(student)):
        converter = Autograde(coursedir=api.coursedir, parent=api)
        converter.force = True
        converter.create_student = True
        converter.autograde_preprocessors = [
            _grade_with(result, api) if each is Grade else each for each in converter.autograde_preprocessors
        ]
        require_success(capture_log(converter), f"record the points of `{student}`")


def _grade_with(result: GradedSubmission, api: NbGraderAPI) -> Any:
    return Grade(parent=api, judge=_Prepared(result))
