"""The verdicts of a class, read one after another: what is kept of each is small, and a damaged one stops nothing."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from grader import course
from grader.folder import CourseFolder
from grader.panel.plain import inert
from grader.standing import Standing
from grader.verdict import ExerciseVerdict, Outcome, Verdict, verdict_from_json

MAX_BYTES = 16 * 2**20
"""Of a verdict's file; the largest that the kit writes has some hundred thousand."""

MAX_SENTENCES = 20
"""Repairs or flags of one student that are kept; there is one for each cell at most."""

_UNREADABLE = (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError)


@dataclass(frozen=True)
class Judged:
    """What is kept of one verdict. digest: of the file that was judged. repairs, flags: a sentence each."""

    standing: Standing
    digest: str
    repairs: tuple[str, ...]
    flags: tuple[str, ...]


@dataclass
class Case:
    """What one sentence asks, over the class: cases of the same sentence are one, which fails when one of them does.

    asked: students whose exercise was attempted, ran, and could be checked.
    """

    exercise: str
    sentence: str
    asked: int = 0
    failed: int = 0


@dataclass
class ClassVerdicts:
    """What is kept of all of them.

    judged: by student. damaged: {student: why the file cannot be used}. explanations: by exercise and mistake.
    did_not_run: {(exercise, why): students}, whose answer was there, and came to an end in no case.
    """

    judged: dict[str, Judged] = field(default_factory=dict)
    damaged: dict[str, str] = field(default_factory=dict)
    cases: dict[tuple[str, str], Case] = field(default_factory=dict)
    explanations: dict[tuple[str, str], str] = field(default_factory=dict)
    did_not_run: dict[tuple[str, str], set[str]] = field(default_factory=dict)

    def add(self, verdict: Verdict) -> None:
        repairs, flags = (
            tuple(inert(each) for each in some[:MAX_SENTENCES]) for some in (verdict.repairs, verdict.flags)
        )
        self.judged[verdict.student] = Judged(Standing.of(verdict), verdict.digest, repairs, flags)
        for exercise in verdict.exercises:
            self._add_exercise(exercise, verdict.student)

    def _add_exercise(self, exercise: ExerciseVerdict, student: str) -> None:
        if exercise.mistake:
            key = (exercise.name, exercise.mistake.name)
            self.explanations.setdefault(key, inert(exercise.mistake.explanation, 2000))
        if exercise.outcome in (Outcome.NOT_ATTEMPTED, Outcome.MISSING, Outcome.COULD_NOT_CHECK, Outcome.FORBIDDEN):
            return  # every case fails for one reason, which says nothing of the case
        if why := _did_not_run(exercise):
            self.did_not_run.setdefault((exercise.name, why), set()).add(student)
            return
        outcomes: dict[str, set[Outcome]] = {}
        for each in exercise.cases:
            outcomes.setdefault(each.sentence, set()).add(each.outcome)
        for sentence, found in outcomes.items():
            case = self.cases.setdefault((exercise.name, sentence), Case(exercise.name, inert(sentence)))
            case.asked += found != {Outcome.COULD_NOT_CHECK}
            case.failed += bool(found - {Outcome.PASSED, Outcome.COULD_NOT_CHECK})


def _did_not_run(exercise: ExerciseVerdict) -> str:
    """Why an answer came to an end in no case, a sentence: its cell stopped, or no call returned; else empty."""
    found = {each.outcome for each in exercise.cases}
    if not found or exercise.outcome not in (Outcome.CRASHED, Outcome.TIMED_OUT):
        return ""
    if found == {Outcome.MISSING}:
        return inert(exercise.note) or "The cell stopped before it defined the answer."
    return "No call returned before the time limit." if found == {Outcome.TIMED_OUT} else ""


def class_verdicts(folder: CourseFolder, assignment: str) -> ClassVerdicts:
    """All of `verdicts/ASSIGNMENT/*.json`."""
    found = ClassVerdicts()
    for path in _files(folder, assignment):
        try:
            found.add(_sound(_read(path), assignment, path.stem))
        except _UNREADABLE as error:
            found.damaged[path.stem] = _reason(error)
    return found


def _files(folder: CourseFolder, assignment: str) -> Iterator[Path]:
    place = folder.verdict(assignment, "student").parent
    if place.is_dir():
        yield from (each for each in sorted(place.iterdir()) if each.suffix == ".json" and each.name[0] != ".")


def _read(path: Path) -> Verdict:
    if not path.is_file():
        raise ValueError("it is no file")
    if path.stat().st_size > MAX_BYTES:
        raise ValueError(f"it is larger than {MAX_BYTES // 2**20} MiB")
    data = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(data, dict):
        raise ValueError("it is no verdict")
    return verdict_from_json(data)


def _sound(verdict: Verdict, assignment: str, student: str) -> Verdict:
    """The verdict itself; ValueError unless it is about this work, and its numbers are numbers."""
    if (verdict.assignment, verdict.student) != (assignment, student):
        raise ValueError("it is about another submission")
    if tuple(each.name for each in verdict.exercises) != tuple(each.name for each in course.exercises(assignment)):
        raise ValueError("its exercises are those of another version of the course")
    numbers = [verdict.seconds, *(number for each in verdict.exercises for number in (each.points, each.max_points))]
    if not all(isinstance(each, int | float) and math.isfinite(each) for each in numbers):
        raise ValueError("it holds points or seconds that are no numbers")
    return verdict


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"it cannot be read ({error.strerror})"
    if isinstance(error, json.JSONDecodeError | UnicodeDecodeError | RecursionError):
        return "it is not the JSON that the kit writes"
    if isinstance(error, ValueError):
        return inert(str(error))
    return "parts of it are missing, or of another kind than they should be"
