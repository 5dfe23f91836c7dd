"""Grading one submission: its cells run in the jail, the suite asks, and a verdict comes out."""

from __future__ import annotations

import platform
import time
from dataclasses import dataclass, field, replace
from typing import Any

from grader import __version__, course
from grader.device import CPU, Device
from grader.jail.answers import CELL_PREFIX
from grader.jail.gate import Gate
from grader.jail.headstart import HeadStart
from grader.jail.layers import Missing
from grader.jail.limits import Limits
from grader.jail.runs import CellRun
from grader.jail.session import Session
from grader.jail.system import JailError
from grader.judge.devices import on_a_gpu
from grader.judge.jail_world import AskedWorld, JailWorld, Question
from grader.judge.outputs import cell_outputs
from grader.judge.reading import lineage
from grader.judge.reading.plain import is_plain
from grader.judge.references import References
from grader.judge.submission import GradedSubmission, Submission
from grader.judge.suite import Graded, Suite, score
from grader.notebook.running import cells_to_run
from grader.verdict import ExerciseVerdict, ForbiddenCall, Outcome, Verdict

MAX_SUSPENSIONS = 3
"""So often is a submission graded anew when the machine, or this process, was suspended meanwhile."""


@dataclass(frozen=True)
class Worker:
    """All that grading needs besides the submission. `seed` draws the hidden inputs of the whole class.

    lesson: sources of cells whose figures need not be drawn. released: sources of all the cells that students got.
    questions: what a right answer to an exercise is asked, where that was found out already. device: where answers
    and references run. head: see `HeadStart`.
    """

    gate: Gate
    suite: Suite
    references: References
    seed: int
    limits: Limits
    lesson: frozenset[str] = frozenset()
    released: frozenset[str] = frozenset()
    questions: dict[str, tuple[Question, ...]] = field(default_factory=dict)
    device: Device = Device()
    head: HeadStart | None = None

    def grade(self, submission: Submission) -> GradedSubmission:
        """The verdict on a submission; only a failure of the jail itself raises."""
        for _ in range(MAX_SUSPENSIONS):
            before = self._suspended
            try:
                graded = self._grade(submission)
            except JailError:
                if self.head is None or not self.head.is_lost():
                    raise
                graded = self._grade(submission)  # the zygote ahead is gone, and the one behind it is there
            if self._suspended == before:
                break
            # time limits went on while the machine slept, and blamed the answers for it
        return graded

    @property
    def _suspended(self) -> float:
        return self.gate.suspended + (self.head.suspended if self.head else 0.0)

    def take_lost(self) -> tuple[Missing, ...]:
        """See `Gate.take_lost`."""
        return (*self.gate.take_lost(), *(self.head.take_lost() if self.head else ()))

    def _grade(self, submission: Submission) -> GradedSubmission:
        started = time.monotonic()
        if submission.problem:
            return GradedSubmission(self._ungraded(submission))
        session = Session(self.gate, cells_to_run(submission.notebook, self.lesson), self.limits, self.head)
        try:
            session.run_cells()
            exercises = tuple(self.grade_exercise(each, session) for each in self._exercises(submission))
            exercises = on_a_gpu(exercises, session, self.released)
        finally:
            session.close()
        verdict = replace(
            self._verdict(submission, exercises),
            flags=self._flags(submission, session),
            seconds=round(time.monotonic() - started, 3),
        )
        return GradedSubmission(verdict, {run.cell.index: cell_outputs(run) for run in session.runs})

    def _exercises(self, submission: Submission) -> tuple[course.Exercise, ...]:
        found = course.exercises(submission.assignment)
        return tuple(each for each in found if each.name in submission.only) if submission.only else found

    def grade_exercise(self, about: course.Exercise, session: Session) -> ExerciseVerdict:
        """The verdict on one exercise of a session whose cells have run."""
        reference = self.references.expected if self.references.available else None
        world = JailWorld(session, self._questions(about.name), watched=not self._is_plain(about, session))
        graded = self.suite.grade(about.name, world, reference, self.seed)
        if graded.answer.unwatched:
            session.unwatched.append(about.name)
        verdict = self._with_lineage(about, graded, session)
        if verdict.outcome is Outcome.MISSING:
            verdict = _blame_cell(verdict, session.runs)
        if verdict.outcome in (Outcome.WRONG, Outcome.CRASHED) and self.references.available:
            verdict = replace(verdict, mistake=self.references.recogniser.recognise(graded.answer))
        return verdict

    def _is_plain(self, about: course.Exercise, session: Session) -> bool:
        """Whether all that anybody could find by watching or reading is known beforehand to be nothing."""
        return is_plain(tuple(_sources(session)), self.released, about.forbidden)

    def _questions(self, exercise: str) -> tuple[Question, ...]:
        """What a right answer is asked: found out from the references, once for the whole class."""
        if exercise not in self.questions and self.references.available:
            asked = AskedWorld(self.references.expected)
            self.suite.grade(exercise, asked, self.references.expected, self.seed)
            self.questions[exercise] = asked.together
        return self.questions.get(exercise, ())

    def _with_lineage(self, about: course.Exercise, graded: Graded, session: Session) -> ExerciseVerdict:
        """Adds what only the code can show: tables made beforehand, and calls where tracing was switched off."""
        if not about.forbidden or self._is_plain(about, session):
            return graded.verdict
        found = [*graded.answer.forbidden, *_read_calls(about, session)]
        named = tuple(replace(call, cell=call.cell.removeprefix(CELL_PREFIX)) for call in found)
        return score(about, graded.verdict.cases, named) if named else graded.verdict

    def _flags(self, submission: Submission, session: Session) -> tuple[str, ...]:
        sources = _sources(session)
        about = [each for each in self._exercises(submission) if each.forbidden]
        read = [each for each in about if not self._is_plain(each, session)]
        if about and not read:
            return ()
        tracks = (lineage.hidden_tracks(sources, each.name, each.forbidden) for each in read)
        ended = (f"`{name}`: the watching of its calls was stopped while it ran." for name in session.unwatched)
        found = [*lineage.tampering_signs(sources), *(sentence for each in tracks for sentence in each), *ended]
        return tuple(dict.fromkeys(found))

    def _ungraded(self, submission: Submission) -> Verdict:
        exercises = tuple(
            ExerciseVerdict.unchecked(each.name, each.points, submission.problem)
            for each in self._exercises(submission)
        )
        return self._verdict(submission, exercises)

    def _verdict(self, submission: Submission, exercises: tuple[ExerciseVerdict, ...]) -> Verdict:
        import torch

        return Verdict(
            assignment=submission.assignment,
            student=submission.student,
            exercises=exercises,
            repairs=submission.repairs,
            problem=submission.problem,
            seed=self.seed,
            device=self.device.kind,
            digest=submission.digest,
            versions={
                "grader": __version__,
                "python": platform.python_version(),
                "torch": str(torch.__version__),
                **({} if self.device.kind == CPU else {"gpu": self.device.card, "cuda": str(torch.version.cuda)}),
            },
        )


def _sources(session: Session) -> list[tuple[str, str]]:
    return [(cell.name, cell.source) for cell in session.cells]


def _read_calls(about: course.Exercise, session: Session) -> tuple[ForbiddenCall, ...]:
    sources = _sources(session)
    prepared = lineage.prepared_calls(sources, about.name, about.forbidden)
    if about.name in session.unwatched or lineage.watching_avoided(sources, about.name):
        return (*prepared, *lineage.static_calls(sources, about.name, about.forbidden))
    return prepared


def _blame_cell(verdict: ExerciseVerdict, runs: list[CellRun]) -> ExerciseVerdict:
    """A name is missing because its cell stopped before defining it: say so, in that cell's words."""
    for run in runs:
        if run.cell.name == verdict.name and not run.ok:
            error: dict[str, Any] = next((o for o in run.outputs if o.get("output_type") == "error"), {})
            name = str(error.get("ename", ""))[:100]
            why = run.lost or ("it reached the time limit" if run.timed_out else f"it raised {name}")
            outcome = Outcome.TIMED_OUT if run.timed_out else Outcome.CRASHED
            return replace(verdict, outcome=outcome, note=f"The cell stopped before it defined the answer: {why}.")
    return verdict
