"""Which checks count as one's own progress."""

from __future__ import annotations

import shutil

import pytest
from screen_samples import ALL, UNTOUCHED, WRONG, verdict
from tests_support import run_grader

from grader.achieved import Achieved
from grader.learner.check import note
from grader.learner.own_work import OwnWork, find_work
from grader.verdict import ExerciseVerdict, Outcome

ALL_THREE = {"softmax", "log_softmax", "nll"}


@pytest.fixture
def own(softmax_folder) -> OwnWork:
    work = find_work(softmax_folder)
    note(ALL, work)
    assert Achieved().names == ALL_THREE
    return work


def test_what_was_not_attempted_takes_nothing_away(own):
    note(verdict(*UNTOUCHED), own)
    assert Achieved().names == ALL_THREE


@pytest.mark.parametrize("outcome", [Outcome.MISSING, Outcome.COULD_NOT_CHECK])
def test_nor_does_what_a_file_does_not_define_or_nobody_could_check(own, outcome):
    note(verdict(ExerciseVerdict("softmax", 0, 4, outcome)), own)
    assert Achieved().names == ALL_THREE


def test_an_answer_that_is_wrong_now_counts_no_more(own):
    note(verdict(WRONG, *UNTOUCHED[1:]), own)
    assert Achieved().names == ALL_THREE - {"softmax"}


@pytest.mark.parametrize("place", ["submitted/cyd", "autograded/cyd", "feedback/cyd", "downloaded"])
@pytest.mark.parametrize("linked", [False, True])
def test_a_student_s_work_is_nobody_s_own_progress(course, tmp_path, place, linked):
    work = course / place / "04_softmax"
    shutil.copytree(course / "assignments" / "04_softmax", work)
    if linked:
        (tmp_path / "cyd").symlink_to(work)
        work = tmp_path / "cyd"
    note(ALL, find_work(work / "04_softmax.ipynb"))
    note(verdict(WRONG), find_work(work / "04_softmax.ipynb"))
    assert Achieved().names == frozenset()


def test_checking_it_by_the_command_changes_no_count(course):
    folder = course / "submitted" / "cyd" / "04_softmax"
    folder.mkdir(parents=True)
    shutil.copy(course / "solutions" / "04_softmax.py", folder)
    done = run_grader(course, "check", "submitted/cyd/04_softmax")
    assert (done.returncode, done.stderr) == (0, "")
    assert "3 of 3 here · 0 of 31 in the course" in done.stdout
