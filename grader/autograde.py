"""Grading a class: a stream of submissions, each judged, kept, and recorded as it comes.

What the judge has finished is kept in the course's ledger at once: a run that is killed or stopped, or finds the disk
full or the gradebook locked, loses nothing that was finished, and the next run does not do it again. Nothing of the
class stays in memory but a `Standing` for each student.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any, Protocol

from nbgrader.apps import NbGraderAPI

from grader import course
from grader.beside import submitted_time
from grader.device import Device
from grader.folder import CourseFolder
from grader.jail.limits import Limits
from grader.jail.proofs import Protection
from grader.judge.pool import JudgeError, JudgeLostError, Pool
from grader.judge.submission import Finished, HandedIn, Work, handed_in
from grader.ledger import Ledger
from grader.nbgrader.course import course_api, require_writable
from grader.nbgrader.recording import Recorder
from grader.nearest import nearest
from grader.standing import Standing, Watcher
from grader.verdict import Verdict

MAX_JUDGES = 3
"""A submission that was there this often when a judge was lost is given up; so are all after as many vain starts."""

BATCH = 16
BATCH_SECONDS = 2.0
"""What is recorded together: so many students, or those of so long a time."""


class NothingToGradeError(LookupError):
    """No such student, or nobody handed in; the message names the remedy."""


class Judges(Protocol):
    """Whoever judges a class: processes of this machine, or a cluster."""

    def wait_until_ready(self) -> Protection: ...

    def grade_all(
        self, works: Iterable[Work], started: Callable[[str], None], stop: threading.Event
    ) -> Iterator[tuple[Work, Finished | JudgeError]]: ...


@dataclass(frozen=True)
class ClassResult:
    """What a run came to.

    standings: of everyone who has points now, by name. failures: why the others have none. protection: the walls
    around what ran now; None when nothing had to run. seconds: how long it took. interrupted: it was stopped before
    its end. device: where answers ran.
    """

    assignment: str
    standings: tuple[Standing, ...]
    failures: dict[str, str] = field(default_factory=dict)
    protection: Protection | None = None
    seconds: float = 0.0
    interrupted: bool = False
    device: Device = Device()

    @property
    def unchanged(self) -> frozenset[str]:
        """Whose result was there from an earlier run."""
        return frozenset(each.student for each in self.standings if each.unchanged)


def autograde(
    folder: CourseFolder,
    assignment: str,
    students: tuple[str, ...] = (),
    *,
    jobs: int = 1,
    policy: str = "require",
    limits: Limits = Limits(),
    force: bool = False,
    judges: Callable[[], AbstractContextManager[Judges]] | None = None,
    watcher: Watcher | None = None,
    stop: threading.Event | None = None,
    device: Device = Device(),
) -> ClassResult:
    """Grades `submitted/*/ASSIGNMENT` into the gradebook and `autograded/`.

    A submission that was graded before, and from the same file, suite and versions, keeps its result, unless `force`
    or its student is named in `students`. A student whose submission cannot be judged or recorded does not stop the
    others. judges: who judges instead of `jobs` workers of this machine. `watcher` hears which walls stand before
    anybody's code runs, and how it goes. stop: set, it ends the run after what was judged is recorded. device: where
    answers run; a result of another device is none.
    """
    folder.require(assignment)
    chosen = _chosen(folder, assignment, students)
    ledger = Ledger.of(folder, assignment, limits, policy, device.kind)
    how: dict[str, Any] = {"policy": policy, "limits": limits, "device": device}
    pool = judges or (lambda: Pool(folder, assignment, jobs=min(jobs, len(chosen)), **how))
    with course_api(folder) as api, ledger.held():
        require_writable(api, assignment)
        left_out = set() if students else {*api.coursedir.student_id_exclude.split(",")}
        chosen = tuple(student for student in chosen if student not in left_out)
        with Recorder(api, folder, assignment) as recorder:
            run = _Run(folder, assignment, ledger, recorder, api, watcher or Watcher(), stop or threading.Event())
            refused = {} if students else folder.refused(assignment)
            return replace(run.all_of(chosen, refused, pool, anew=force or bool(students)), device=device)


@dataclass
class _Run:
    """Where one run stands: who has a result, who failed, and what waits to be recorded."""

    folder: CourseFolder
    assignment: str
    ledger: Ledger
    recorder: Recorder
    api: NbGraderAPI
    watcher: Watcher
    stop: threading.Event
    standings: dict[str, Standing] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    batch: dict[str, tuple[Finished, str]] = field(default_factory=dict)
    protection: Protection | None = None
    _batch_began: float = 0.0

    def all_of(
        self,
        students: tuple[str, ...],
        refused: dict[str, str],
        pool: Callable[[], AbstractContextManager[Judges]],
        *,
        anew: bool,
    ) -> ClassResult:
        began = time.monotonic()
        self.watcher.begins(len(students) + len(refused))
        for shown, reason in refused.items():
            self._fail(shown, reason)
        waiting = self._waiting(students, anew=anew)
        try:
            self._judge(waiting, pool)
        except BaseException:
            with contextlib.suppress(Exception):  # what it was is still to be said
                self._record()
            raise
        self._record()
        late, by_hand = self.recorder.penalties(), self.recorder.by_hand()
        return ClassResult(
            self.assignment,
            tuple(
                replace(each, late_penalty=late.get(name, 0.0), by_hand=by_hand.get(name, 0.0))
                for name, each in sorted(self.standings.items())
            ),
            self.failures,
            self.protection,
            round(time.monotonic() - began, 3),
            len(self.standings) + len(self.failures) < len(students) + len(refused),
        )

    def _waiting(self, students: tuple[str, ...], *, anew: bool) -> Iterator[HandedIn]:
        """Those that must be judged; the results of the others are taken from the ledger on the way."""
        for student in students:
            if self.stop.is_set():
                return
            submission = handed_in(self.folder, student, self.assignment)
            if anew or not self._reused(submission, self.ledger.key(submission)):
                yield submission

    def _reused(self, submission: HandedIn, key: str) -> bool:
        """Whether an earlier run had judged this very submission; what of it is not recorded will be."""
        student = submission.student
        verdict = self.ledger.verdict(student, key)
        if verdict is None:
            return False
        if not self._is_recorded(verdict, key):
            result = self.ledger.result(student, key)
            if result is None:
                return False
            self._add(Finished(submission.opened(self._released), result), key)
        self._stands(Standing.of(verdict, unchanged=True))
        return True

    @cached_property
    def _released(self) -> dict[str, Any]:
        return self.folder.released_notebook(self.assignment)

    @cached_property
    def _in_book(self) -> dict[str, dict[str, float | None]]:
        return self.recorder.points()

    def _is_recorded(self, verdict: Verdict, key: str) -> bool:
        """Whether an earlier run recorded this very result, and all of it is still there."""
        place = self.api.coursedir.format_path(
            self.api.coursedir.autograded_directory, verdict.student, self.assignment
        )
        points = {course.exercise(each.name).test_cell: each.points for each in verdict.exercises}
        return (
            self.ledger.recorded(verdict.student) == self._note(verdict.student, key)
            and points.items() <= self._in_book.get(verdict.student, {}).items()
            and Path(place, f"{self.assignment}.ipynb").is_file()
        )

    def _note(self, student: str, key: str) -> str:
        """What is noted as recorded: the result, and when it was handed in, on which nbgrader's penalty depends."""
        time = submitted_time(self.folder.submission(self.assignment, student).parent)
        return f"{key} {time}" if time else key

    def _judge(self, waiting: Iterator[HandedIn], pool: Callable[[], AbstractContextManager[Judges]]) -> None:
        """Judges who waits, with a fresh judge when one is lost on the way."""
        lost: dict[str, int] = {}
        again: list[HandedIn] = []
        vain, why = 0, ""
        while vain < MAX_JUDGES and not self.stop.is_set():
            first = next(chain(again, waiting), None)
            if first is None:
                return
            source, again = chain([first], again[1:], waiting), []
            done = len(self.standings) + len(self.failures)
            with pool() as judges:
                self._tell(judges.wait_until_ready())
                for work, result in judges.grade_all(source, self.watcher.started, self.stop):
                    assert isinstance(work, HandedIn)
                    if isinstance(result, JudgeLostError):
                        why = str(result)
                        lost[work.student] = lost.get(work.student, 0) + 1
                        if lost[work.student] < MAX_JUDGES:
                            again.append(work)
                        else:
                            self._fail(work.student, why)
                    elif isinstance(result, JudgeError):
                        self._fail(work.student, str(result))
                    else:
                        self._finished(work, result)
            vain = 0 if len(self.standings) + len(self.failures) > done else vain + 1
        if not self.stop.is_set():
            for work in chain(again, waiting):
                self._fail(work.student, why)

    def _tell(self, protection: Protection) -> None:
        if protection != self.protection:
            self.watcher.walls(protection)
        self.protection = protection

    def _finished(self, work: HandedIn, result: Finished) -> None:
        key = self.ledger.key(work)
        self.ledger.keep(work.student, key, result.result)
        self._stands(Standing.of(result.result.verdict))
        self._add(result, key)

    def _stands(self, standing: Standing) -> None:
        self.standings[standing.student] = standing
        self.watcher.judged(standing)

    def _fail(self, student: str, reason: str) -> None:
        self.standings.pop(student, None)
        self.failures[student] = reason
        self.watcher.failed(student, reason)

    def _add(self, result: Finished, key: str) -> None:
        now = time.monotonic()
        if not self.batch:
            self._batch_began = now
        self.batch[result.submission.student] = (result, key)
        if len(self.batch) >= BATCH or now - self._batch_began >= BATCH_SECONDS:
            self._record()

    def _record(self) -> None:
        batch, self.batch = self.batch, {}
        if not batch:
            return
        notes = {student: self._note(student, key) for student, (_, key) in batch.items()}
        failed = self.recorder.record([result for result, _ in batch.values()])
        for student, note in notes.items():
            if student not in failed:
                self.ledger.record(student, note)
        self.watcher.recorded([student for student in batch if student not in failed])
        for student, reason in failed.items():
            self._fail(student, reason)


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
            near = nearest(student, present)
            hint = f"did you mean `{near}`?" if near else f"{len(present)} others did"
            raise NothingToGradeError(f"student `{student}` did not hand in `{assignment}`; {hint}")
    return students or present
