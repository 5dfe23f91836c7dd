"""Points follow from the cases that passed, by weight, and never round up to full."""

from __future__ import annotations

import pytest

from grader.course import exercise
from grader.judge.suite import BrokenSuiteError, Case, Suite, score, suite_of_module
from grader.judge.world import LocalWorld
from grader.verdict import CaseVerdict, ForbiddenCall, Outcome

SOFTMAX = exercise("softmax")


def case(outcome: Outcome, weight: float = 1.0) -> CaseVerdict:
    return CaseVerdict("c", "It holds.", outcome, weight)


def test_all_cases_passed_gives_all_points():
    verdict = score(SOFTMAX, (case(Outcome.PASSED), case(Outcome.PASSED)), ())
    assert (verdict.points, verdict.outcome) == (4.0, Outcome.PASSED)


def test_points_are_the_weighted_share():
    verdict = score(SOFTMAX, (case(Outcome.PASSED, 3), case(Outcome.WRONG, 1)), ())
    assert (verdict.points, verdict.outcome) == (3.0, Outcome.WRONG)


def test_a_wrong_answer_never_rounds_up_to_full_points():
    verdict = score(SOFTMAX, (case(Outcome.PASSED, 100000), case(Outcome.WRONG, 1)), ())
    assert verdict.points == 3.99


def test_a_forbidden_call_costs_the_exercise():
    call = ForbiddenCall("torch.softmax", "softmax", 2)
    verdict = score(SOFTMAX, (case(Outcome.PASSED),), (call,))
    assert (verdict.points, verdict.outcome, verdict.forbidden) == (0.0, Outcome.FORBIDDEN, call)


def test_an_exercise_as_released_is_not_attempted():
    verdict = score(SOFTMAX, (case(Outcome.NOT_ATTEMPTED), case(Outcome.NOT_ATTEMPTED)), ())
    assert (verdict.points, verdict.outcome) == (0.0, Outcome.NOT_ATTEMPTED)


def test_an_exercise_without_cases_could_not_be_checked():
    assert score(SOFTMAX, (), ()).outcome is Outcome.COULD_NOT_CHECK


def _broken(answer):
    """A suite at fault."""
    raise ZeroDivisionError


def test_a_fault_of_the_suite_is_never_the_students():
    suite = Suite((Case("broken", "softmax", _broken),))
    verdict = suite.grade("softmax", LocalWorld({}, lambda file: False), None, seed=1).verdict
    assert verdict.cases[0].outcome is Outcome.COULD_NOT_CHECK
    assert "suite itself" in verdict.cases[0].finding.message


def _hangs(answer, number):
    """It returns."""
    answer.value(lambda m, number: m.softmax(number), number)


class _Hanging:
    def __init__(self) -> None:
        self.asked = 0

    def call(self, probe, payload, forbidden, *, seconds=None):
        from grader.judge.world import Reply

        self.asked += 1
        return Reply("timed out")


def test_after_two_cases_that_hang_the_others_are_not_tried():
    world = _Hanging()
    suite = Suite(tuple(Case(f"c{i}", "softmax", _hangs, parameters={"number": i}) for i in range(9)))
    verdict = suite.grade("softmax", world, None, seed=1).verdict
    assert (world.asked, verdict.outcome) == (2, Outcome.TIMED_OUT)


def _wants_more(answer, tmp_path):
    """It holds."""


def _wordless(answer):
    pass


@pytest.mark.parametrize(("function", "words"), [(_wants_more, "fixtures"), (_wordless, "docstring")])
def test_a_case_that_cannot_be_used_is_refused_by_name(function, words):
    with pytest.raises(BrokenSuiteError, match=words):
        Case("odd", "softmax", function)


def test_visible_suites_are_collected_from_their_module(tmp_path):
    from grader.judge.world import load_module

    path = tmp_path / "visible.py"
    path.write_text('import pytest\n@pytest.mark.exercise("nll")\ndef test_it(answer):\n    """It holds."""\n')
    suite = suite_of_module(load_module(path, "visible_for_test"))
    assert [(c.name, c.exercise, c.sentence) for c in suite.cases] == [("test_it", "nll", "It holds.")]
