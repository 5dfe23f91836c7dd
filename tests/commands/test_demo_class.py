"""The demonstration's students get what they deserve: each loses just what the name of the maker says."""

from __future__ import annotations

import copy
import json

import pytest

from grader import course as index
from grader.demo import GRADED
from grader.demo_class import students
from grader.folder import CourseFolder
from grader.judge.pool import Pool
from grader.judge.submission import HandedIn
from grader.verdict import Outcome

NAMES = ("ada", "emmy", "alan", "leonhard", "ursula", "vera", "rosalind", "mangled", "mallory", "torsten")


@pytest.fixture(scope="module", params=GRADED)
def verdicts(request, released_course, tmp_path_factory):
    """{student: verdict} for one assignment."""
    assignment, folder = request.param, CourseFolder(released_course)
    released, scratch = folder.released_notebook(assignment), tmp_path_factory.mktemp(assignment)
    found = {}
    with Pool(folder, assignment, policy="warn") as pool:
        for name in NAMES:
            path = scratch / f"{name}.ipynb"
            path.write_text(json.dumps(students()[name](folder, assignment, copy.deepcopy(released))), encoding="utf-8")
            found[name] = pool.grade(HandedIn.at(path, name, assignment)).result.verdict
    return found


def lost(verdict) -> dict[str, Outcome]:
    return {each.name: each.outcome for each in verdict.exercises if each.points < each.max_points}


@pytest.mark.parametrize("name", ["ada", "emmy", "rosalind", "mangled"])
def test_right_answers_keep_their_points_whatever_happened_around_them(name, verdicts):
    assert lost(verdicts[name]) == {}


def test_the_references_get_all_points_and_nothing_is_said_of_them(verdicts):
    solved = verdicts["ada"]
    assert [each.points for each in solved.exercises] == [each.max_points for each in solved.exercises]
    assert (solved.flags, solved.repairs) == ((), ())


def test_an_untouched_notebook_gets_nothing_and_is_called_so(verdicts):
    found = {(each.points, each.outcome) for each in verdicts["ursula"].exercises}
    assert found == {(0.0, Outcome.NOT_ATTEMPTED)}


def test_a_wrong_answer_costs_its_exercise_and_is_named(verdicts):
    exercises = index.exercises(verdicts["alan"].assignment)
    for name, exercise in (("alan", exercises[0]), ("leonhard", exercises[-1])):
        assert exercise.name in lost(verdicts[name])
        assert verdicts[name].exercise(exercise.name).mistake is not None


def test_what_does_not_parse_and_what_is_left_out_cost_their_own_exercise(verdicts):
    first = index.exercises(verdicts["vera"].assignment)[0].name
    assert lost(verdicts["vera"])[first] is Outcome.CRASHED
    assert lost(verdicts["mallory"])[first] is Outcome.NOT_ATTEMPTED


def test_a_ready_made_function_is_forbidden(verdicts):
    assert Outcome.FORBIDDEN in lost(verdicts["torsten"]).values()
