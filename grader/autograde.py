"""Grading a class: every submission is judged first, in parallel; only then is anything recorded.

What the judge has finished is kept in the course's ledger at once: a run that is killed, or finds the disk full or
the gradebook locked, loses nothing that was finished, and the next run does not do it again.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.converters import Autograde
from nbgrader.utils import capture_log, temp_attrs
from sqlalchemy.exc import SQLAlchemyError

from grader import course
from grader.folder import CourseFolder
from grader.jail.limits import Limits
from grader.jail.proofs import Protection
from grader.judge.pool import JudgeError, JudgeLostError, Pool
from grader.judge.submission import GradedSubmission, Submission, read_handed_in
from grader.ledger import Ledger
from grader.nbgrader_course import GradebookError, course_api, require_success, require_writable
from grader.nbgrader_plugin import Grade
from grader.verdict import Verdict

MAX_JUDGES = 3
"""A judge that is lost is started again this often; a submission that was there each time is given up."""

_FOR_ALL_ALIKE = re.compile(
    "No space left|Disk quota exceeded|disk is full|disk I/O error|readonly database|Read-only file system|is locked"
)


class NothingToGradeError(LookupError):
    """No such student, or nobody handed in; the message names the remedy."""


@dataclass(frozen=True)
class ClassResult:
    """What a run came to.

    verdicts: of everyone who has points now. failures: why the others have none. unchanged: whose result was there
    from an earlier run. protection: the walls around what ran now; None when nothing had to run.
    """

    verdicts: tuple[Verdict, ...]
    failures: dict[str, str]
    protection: Protection | None
    unchanged: frozenset[str] = frozenset()


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
    force: bool = False,
    progress: Progress = lambda what, done, total: None,
    told: Callable[[Protection], None] = lambda protection: None,
) -> ClassResult:
    """Grades `submitted/*/ASSIGNMENT` into the gradebook and `autograded/`.

    A submission that was graded before, and from the same notebook, suite and versions, keeps its result, unless
    `force` or its student is named in `students`. All judging happens before the first write to the gradebook. A
    student whose submission cannot be recorded does not stop the others. `told` hears which walls stand before
    anybody's code runs.
    """
    folder.require(assignment)
    chosen = _chosen(folder, assignment, students)
    ledger = Ledger.of(folder, assignment, limits, policy)
    with course_api(folder) as api, ledger.held():
        require_writable(api, assignment)
        run = _Run(ledger, list(_submissions(folder, assignment, chosen)), progress)
        run.failures.update({} if students else folder.refused(assignment))
        run.reuse(nothing=force or bool(students))
        protection = _judge_rest(run, folder, assignment, jobs, policy, limits, told) if run.waiting else None
        _record_all(api, assignment, run)
    verdicts = tuple(run.results[student].verdict for student in sorted(run.results) if student not in run.failures)
    return ClassResult(verdicts, run.failures, protection, frozenset(run.unchanged))


@dataclass
class _Run:
    """Where one run stands: whose result is there, who still waits, and who failed."""

    ledger: Ledger
    submissions: list[Submission]
    progress: Progress
    results: dict[str, GradedSubmission] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    unchanged: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.keys = {each.student: self.ledger.key(each) for each in self.submissions}

    @property
    def waiting(self) -> list[Submission]:
        settled = self.results.keys() | self.failures.keys()
        return [each for each in self.submissions if each.student not in settled]

    def reuse(self, *, nothing: bool) -> None:
        """Takes from the ledger what an earlier run had finished."""
        for student, key in {} if nothing else self.keys.items():
            kept = self.ledger.result(student, key)
            if kept is not None:
                self.results[student] = kept
                self.unchanged.add(student)

    def finished(self, student: str, result: GradedSubmission) -> None:
        self.ledger.keep(student, self.keys[student], result)
        self.results[student] = result
        self.show_graded()

    def show_graded(self) -> None:
        self.progress("grading", len(self.results) + len(self.failures), len(self.submissions))


def _chosen(folder: CourseFolder, assignment: str, students: tuple[str, ...]) -> tuple[str, ...]:
    present = folder.students(assignment)
    if not present and (refused := folder.refused(assignment)):
        raise NothingToGradeError(f"nobody's `{assignment}` can be graded: {'; '.join(refused.values())}")
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
        yield read_handed_in(folder, student, assignment, released)


def _judge_rest(
    run: _Run,
    folder: CourseFolder,
    assignment: str,
    jobs: int,
    policy: str,
    limits: Limits,
    told: Callable[[Protection], None],
) -> Protection | None:
    """Judges who waits, with a fresh judge when one is lost on the way; returns the walls of the last."""
    protection: Protection | None = None
    lost: dict[str, str] = {}
    for _ in range(MAX_JUDGES):
        waiting = run.waiting
        if not waiting:
            break
        with Pool(folder, assignment, jobs=min(jobs, len(waiting)), policy=policy, limits=limits) as pool:
            before, protection = protection, pool.wait_until_ready()
            if protection != before:
                told(protection)
            run.show_graded()
            lost = _judge(run, pool, waiting)
    run.failures.update({student: reason for student, reason in lost.items() if student not in run.results})
    return protection


def _judge(run: _Run, pool: Pool, waiting: list[Submission]) -> dict[str, str]:
    """Judges with one pool; returns who was not graded since the judge itself was lost, and what it said."""
    lost: dict[str, str] = {}
    for submission, result in pool.grade_all(waiting):
        if isinstance(result, JudgeLostError):
            lost[submission.student] = str(result)
        elif isinstance(result, JudgeError):
            run.failures[submission.student] = str(result)
            run.show_graded()
        else:
            run.finished(submission.student, result)
    return lost


def _record_all(api: NbGraderAPI, assignment: str, run: _Run) -> None:
    """Brings gradebook and `autograded/` up to the results; what they hold already is not written again."""
    try:
        in_book = _points_in_gradebook(api, assignment)
    except SQLAlchemyError as error:
        raise _cannot_go_on(str(error), 0) from None
    recorded = 0
    for done, (student, result) in enumerate(sorted(run.results.items())):
        run.progress("recording", done, len(run.results))
        if not _is_recorded(api, assignment, run, student, in_book):
            try:
                _record(api, assignment, student, result)
                run.ledger.record(student, run.keys[student])
            except Exception as error:  # nbgrader's own failure on one student must not cost the others
                if _FOR_ALL_ALIKE.search(str(error)):
                    raise _cannot_go_on(str(error), recorded) from None
                run.failures[student] = str(error)
                continue
        recorded += 1


def _is_recorded(
    api: NbGraderAPI, assignment: str, run: _Run, student: str, in_book: dict[str, dict[str, float | None]]
) -> bool:
    """Whether an earlier run recorded this very result, and all of it is still there."""
    folder = api.coursedir.format_path(api.coursedir.autograded_directory, student, assignment)
    return (
        student in run.unchanged
        and run.ledger.recorded(student) == run.keys[student]
        and in_book.get(student) == _points_of(run.results[student])
        and Path(folder, f"{assignment}.ipynb").is_file()
    )


def _points_of(result: GradedSubmission) -> dict[str, float]:
    return {course.exercise(each.name).test_cell: each.points for each in result.verdict.exercises}


def _points_in_gradebook(api: NbGraderAPI, assignment: str) -> dict[str, dict[str, float | None]]:
    """{student: {test cell: automatic points}} of everyone whom the gradebook knows."""
    with Gradebook(api.coursedir.db_url, api.coursedir.course_id) as gradebook:
        return {
            submission.student_id: {
                grade.name: grade.auto_score for notebook in submission.notebooks for grade in notebook.grades
            }
            for submission in gradebook.assignment_submissions(assignment)
        }


def _cannot_go_on(reason: str, recorded: int) -> GradebookError:
    """What fails for everyone alike stops the run with one sentence instead of one for each student."""
    reason = reason.splitlines()[0]
    return GradebookError(
        f"the course folder cannot be written now: {reason}. Make room on its disk, or close what uses the gradebook, "
        f"and run the command again: {recorded} students are recorded, and every result is kept"
    )


@dataclass(frozen=True)
class _Prepared:
    """Stands where the judge stands in nbgrader's pipeline, with a result that is already there."""

    result: GradedSubmission

    def grade(self, submission: Submission) -> GradedSubmission:
        return self.result


def _record(api: NbGraderAPI, assignment: str, student: str, result: GradedSubmission) -> None:
    """Lets nbgrader's own converter write the gradebook and `autograded/`, as `nbgrader autograde` would."""
    with temp_attrs(api.coursedir, assignment_id=assignment, student_id=student):
        converter = Autograde(coursedir=api.coursedir, parent=api)
        converter.force = True
        converter.create_student = True
        converter.autograde_preprocessors = [
            _grade_with(result, api) if each is Grade else each for each in converter.autograde_preprocessors
        ]
        require_success(capture_log(converter), f"record the points of `{student}`")


def _grade_with(result: GradedSubmission, api: NbGraderAPI) -> Any:
    return Grade(parent=api, judge=_Prepared(result))
