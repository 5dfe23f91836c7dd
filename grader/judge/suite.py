"""A suite: the cases of one file, by exercise, and how an exercise is graded with them.

A case is a pytest function marked `@pytest.mark.exercise("softmax", weight=2)` that takes `answer`, and `draw`
and its own parameters if it likes. pytest collects the hidden suites; a notebook's `check` collects its
visible ones from the module. Either way a case is called here, as the plain function it is: that makes one
engine serve thousands of submissions in one pytest session.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import ModuleType
from typing import Any

from grader.course import Exercise, exercise
from grader.jail.system import JailError
from grader.judge.answer import Answer, CaseFailedError
from grader.judge.draw import Draw
from grader.judge.world import World
from grader.verdict import CaseVerdict, ExerciseVerdict, Finding, ForbiddenCall, Outcome

FIXTURES = ("answer", "draw")
MAX_TIMEOUTS = 2
"""After this many cases of one exercise did not return, the others are not tried."""


class BrokenSuiteError(ValueError):
    """A suite that cannot be used; the message names the case and the remedy."""


@dataclass(frozen=True)
class Case:
    """One case: a function, its parameters, and the sentence (its docstring) that students may read."""

    name: str
    exercise: str
    function: Callable[..., None]
    weight: float = 1.0
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.sentence:
            raise BrokenSuiteError(f"case `{self.name}` has no docstring; students read it when the case fails")
        if not self.weight > 0:
            raise BrokenSuiteError(f"case `{self.name}` has weight {self.weight}; it must be above 0")
        unknown = set(self._wanted) - {*FIXTURES, *self.parameters}
        if unknown:
            raise BrokenSuiteError(f"case `{self.name}` takes {sorted(unknown)}; only {FIXTURES} are fixtures here")

    @cached_property
    def _wanted(self) -> tuple[str, ...]:
        return tuple(inspect.signature(self.function).parameters)

    @cached_property
    def sentence(self) -> str:
        return " ".join((self.function.__doc__ or "").split())

    def run(self, answer: Answer, seed: int) -> CaseVerdict:
        """The case's verdict; an error of the suite's own becomes `could not check`. JailError: the jail failed."""
        offered = {"answer": answer, "draw": Draw(seed, self.name), **self.parameters}
        try:
            self.function(**{name: value for name, value in offered.items() if name in self._wanted})
        except CaseFailedError as error:
            return self._verdict(error.finding.outcome, error.finding, error.mistake)
        except JailError:
            raise  # it says nothing of suite or answer: a jail that stands may yet do it
        except Exception as error:
            message = f"The suite itself failed: {type(error).__name__}: {error}"
            return self._verdict(Outcome.COULD_NOT_CHECK, Finding(Outcome.COULD_NOT_CHECK, message))
        return self._verdict(Outcome.PASSED, None)

    def _verdict(self, outcome: Outcome, finding: Finding | None, mistake: str = "") -> CaseVerdict:
        return CaseVerdict(self.name, self.sentence, outcome, self.weight, finding, mistake)


@dataclass(frozen=True)
class Graded:
    """An exercise's verdict, and the answer with all that it was asked, for recognising mistakes."""

    verdict: ExerciseVerdict
    answer: Answer


@dataclass(frozen=True)
class Suite:
    """The cases of one file, in its order."""

    cases: tuple[Case, ...]

    def of(self, name: str) -> tuple[Case, ...]:
        """The cases of one exercise."""
        return tuple(case for case in self.cases if case.exercise == name)

    @property
    def exercises(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(case.exercise for case in self.cases))

    def grade(self, name: str, world: World, reference: World | None, seed: int) -> Graded:
        """Runs all cases of one exercise in a world and scores them."""
        about = exercise(name)
        answer = Answer(about, world, reference)
        verdicts: list[CaseVerdict] = []
        for case in self.of(name):
            if sum(each.outcome is Outcome.TIMED_OUT for each in verdicts) >= MAX_TIMEOUTS:
                verdicts.append(case._verdict(Outcome.TIMED_OUT, _not_tried()))
                continue
            verdicts.append(case.run(answer, seed))
        return Graded(score(about, tuple(verdicts), tuple(answer.forbidden)), answer)


def _not_tried() -> Finding:
    return Finding(Outcome.TIMED_OUT, "Not tried, since earlier cases of this exercise did not return.")


def score(about: Exercise, cases: tuple[CaseVerdict, ...], forbidden: tuple[ForbiddenCall, ...]) -> ExerciseVerdict:
    """Points by the weighted share of the cases that passed; a wrong answer never rounds up to full points."""
    if forbidden:
        return ExerciseVerdict(about.name, 0.0, about.points, Outcome.FORBIDDEN, cases, forbidden=forbidden[0])
    if not cases:
        return ExerciseVerdict.unchecked(about.name, about.points, "The suite has no case for this exercise.")
    total = sum(case.weight for case in cases)
    earned = sum(case.weight for case in cases if case.outcome is Outcome.PASSED)
    failed = [case for case in cases if case.outcome is not Outcome.PASSED]
    if not failed:
        return ExerciseVerdict(about.name, about.points, about.points, Outcome.PASSED, cases)
    if any(case.outcome is Outcome.NOT_ATTEMPTED for case in cases) and len(failed) == len(cases):
        return ExerciseVerdict(about.name, 0.0, about.points, Outcome.NOT_ATTEMPTED, cases)
    points = min(round(about.points * earned / total, 2), about.points - 0.01)
    return ExerciseVerdict(about.name, points, about.points, failed[0].outcome, cases)


def suite_of_module(module: ModuleType) -> Suite:
    """The suite in an imported module, without pytest's collector: no parametrized cases here."""
    functions = [f for name, f in vars(module).items() if name.startswith("test_") and inspect.isfunction(f)]
    return Suite(tuple(_case_of_function(function) for function in functions))


def _case_of_function(function: Callable[..., None]) -> Case:
    marks = {mark.name: mark for mark in getattr(function, "pytestmark", [])}
    if "parametrize" in marks:
        raise BrokenSuiteError(f"visible case `{function.__name__}` is parametrized; write it out")
    return make_case(function.__name__, function, marks.get("exercise"), {})


def make_case(name: str, function: Callable[..., None], mark: Any, parameters: Mapping[str, Any]) -> Case:
    """A case from a function and its `exercise` mark; BrokenSuiteError when the mark is missing or wrong."""
    if mark is None or len(mark.args) != 1:
        raise BrokenSuiteError(f'case `{name}` needs the mark @pytest.mark.exercise("NAME")')
    return Case(name, exercise(mark.args[0]).name, function, float(mark.kwargs.get("weight", 1.0)), parameters)
