"""What someone has finished is kept from one session to the next, and losing it costs the count alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from live_suite import AXIS_0, RIGHT

from grader import check, course
from grader.achieved import Achieved, Place

NAMES = [each.name for name in course.assignments() for each in course.exercises(name)]


@pytest.fixture
def achieved(tmp_path):
    return Achieved(tmp_path / "achieved")


def test_nothing_is_finished_at_first(achieved):
    assert achieved.names == frozenset()
    assert achieved.place() == Place(0, len(NAMES), course.exercise(NAMES[0]))


def test_the_latest_check_counts_in_every_session(achieved, tmp_path):
    for name, done in [("softmax", True), ("nll", True), ("softmax", False), ("softmax", False), ("nll", True)]:
        achieved.mark(name, done)
    assert Achieved(tmp_path / "achieved").names == {"nll"}


def test_sessions_that_mark_at_once_lose_nothing(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: Achieved(tmp_path / "deep" / "er").mark(name, True), NAMES))
    assert Achieved(tmp_path / "deep" / "er").names == set(NAMES)


@pytest.mark.parametrize(
    ("done", "after", "ahead"),
    [
        ([], "softmax", "log_softmax"),
        (["log_softmax"], "softmax", "nll"),
        (["softmax", "log_softmax", "nll"], "nll", "predicted_classes"),
        (["softmax"], "", NAMES[0]),
        ([], NAMES[-1], NAMES[0]),
        (NAMES[1:], NAMES[-1], NAMES[0]),
    ],
)
def test_what_comes_next_is_not_done_yet(achieved, done, after, ahead):
    for name in done:
        achieved.mark(name, True)
    assert achieved.place(after) == Place(len(done), len(NAMES), course.exercise(ahead))


def test_when_all_is_done_nothing_is_next(achieved):
    for name in NAMES:
        achieved.mark(name, True)
    assert achieved.place("softmax") == Place(len(NAMES), len(NAMES), None)


def test_what_others_left_in_the_folder_does_not_count(achieved, tmp_path):
    achieved.mark("nll", True)
    for name in ("README", "Softmax.bak", "softmaxx"):
        (tmp_path / "achieved" / name).touch()
    assert achieved.names == {"nll"}


def test_a_name_that_the_course_does_not_have_is_refused(achieved):
    with pytest.raises(course.UnknownNameError, match="no exercise"):
        achieved.mark("../softmax", True)


@pytest.mark.parametrize("done", [True, False])
def test_a_folder_that_cannot_be_had_costs_the_count_alone(tmp_path, done):
    (tmp_path / "file").write_text("in the way")
    achieved = Achieved(tmp_path / "file" / "achieved")
    achieved.mark("softmax", done)
    assert achieved.names == frozenset()


def test_no_two_exercises_share_a_file_where_letters_have_no_case():
    assert len({name.casefold() for name in NAMES}) == len(NAMES)


def shown_by_check(source, capsys):
    check("softmax", source)
    return capsys.readouterr().out


def test_check_says_what_is_next_and_how_far_one_is(answer, capsys):
    shown = shown_by_check(answer(RIGHT), capsys)
    assert "\nnext      `log_softmax(x)` · ★★★ · 15 min\n" in shown
    assert f"\ncourse    █{'░' * (len(NAMES) - 1)} 1 of {len(NAMES)} done" in shown
    assert "help" not in shown


def test_a_wrong_answer_takes_an_exercise_back_and_shows_where_help_is(answer, capsys):
    shown_by_check(answer(RIGHT), capsys)
    shown = shown_by_check(answer(AXIS_0), capsys)
    assert '\nhelp      `hint("softmax")` gives a nudge.' in shown
    assert "next" not in shown
    assert Achieved().names == frozenset()


def test_a_student_s_notebook_in_a_course_changes_nobody_s_count(folder, answer, capsys, monkeypatch):
    handed_in = folder / "submitted" / "cyd" / "04_softmax"
    handed_in.mkdir(parents=True)
    (folder / "nbgrader_config.py").touch()
    (handed_in / "test_visible.py").write_bytes((folder / "test_visible.py").read_bytes())
    monkeypatch.chdir(handed_in)
    shown_by_check(answer(RIGHT), capsys)
    assert Achieved().names == frozenset()


def test_an_answer_that_was_not_attempted_takes_nothing_back(answer, capsys):
    shown_by_check(answer(RIGHT), capsys)
    assert "not attempted" in shown_by_check(answer("def softmax(x):\n    raise NotImplementedError\n"), capsys)
    assert Achieved().names == {"softmax"}


def test_a_check_that_failed_itself_takes_nothing_back(folder, capsys):
    Achieved().mark("log_softmax", True)
    check("log_softmax", lambda x: x)
    assert "could not check" in capsys.readouterr().out
    assert Achieved().names == {"log_softmax"}


def test_an_unwritable_home_changes_no_points(folder, answer, capsys, monkeypatch):
    (folder / "home").write_text("in the way")
    assert check("softmax", answer(RIGHT)) == 4.0
    shown = capsys.readouterr().out
    assert "\nnext      `log_softmax(x)`" in shown
    assert "course" not in shown
