"""What saves, verdicts and keys make of a watcher's state."""

from __future__ import annotations

from dataclasses import replace

import pytest
from screen_samples import ALL, HOSTILE, MIXED, PASSED, PLACE, STARTING, UNTOUCHED, UNTRIED, WRONG, case, verdict

from grader.verdict import ExerciseVerdict, Outcome
from grader.watch.judges import Judged
from grader.watch.keys import DOWN, PAGE_DOWN, PAGE_UP, UP
from grader.watch.pruned import Changed
from grader.watch.state import View, judged, keys, pressed, saved, troubled, unchanged

MIXED_NOW = judged(STARTING, Judged(0, MIXED, True, 1.0), PLACE)
RIGHT_SOFTMAX = ExerciseVerdict("softmax", 4, 4, Outcome.PASSED, (case(Outcome.PASSED),))


def letters(state) -> str:
    return "".join(key for key, _ in keys(state))


def test_at_first_there_is_only_quitting():
    assert letters(STARTING) == "q"


def test_what_was_tried_and_is_wrong_is_looked_at_first():
    assert MIXED_NOW.current == "softmax"
    assert judged(STARTING, Judged(0, verdict(PASSED, *UNTOUCHED[:2]), True, 1.0), PLACE).current == "softmax"


def test_hints_are_for_what_lacks_points_and_the_answer_for_what_passed(tmp_path):
    state = replace(MIXED_NOW, solution=tmp_path)
    assert letters(state) == "hnlq"
    assert letters(replace(state, current="nll")) == "snlq"


def test_without_the_course_s_answers_there_is_none_to_show():
    assert letters(replace(MIXED_NOW, current="nll")) == "nlq"
    assert pressed(replace(MIXED_NOW, current="nll"), "s") == replace(MIXED_NOW, current="nll")


def test_when_all_pass_there_is_no_next():
    assert letters(judged(STARTING, Judged(0, ALL, True, 1.0), PLACE)) == "lq"


def test_next_goes_round_what_lacks_points():
    state = pressed(MIXED_NOW, "n")
    assert state.current == "log_softmax"
    assert pressed(state, "n").current == "softmax"


@pytest.mark.parametrize("key", ["x", "s", "é", "H"])
def test_other_keys_do_nothing(key):
    assert pressed(MIXED_NOW, key) == MIXED_NOW


def test_the_hints_climb_and_begin_anew():
    seen, state = [], MIXED_NOW
    for _ in range(4):
        state = pressed(state, "h")
        seen.append(state.hint.words[:25])
    assert seen[0].startswith("The scores of one image")
    assert seen[1].startswith("Softmax turns scores into")
    assert seen[2].startswith("There is no further hint")
    assert seen[3] == seen[0]


def test_each_exercise_has_hints_of_its_own():
    state = pressed(pressed(pressed(MIXED_NOW, "h"), "n"), "h")
    assert state.hint.words.startswith("Do not take the log")


def test_whoever_saves_an_exercise_sees_that_one():
    state = saved(pressed(MIXED_NOW, "h"), 1, Changed(("nll",), ("softmax",)))
    assert (state.current, state.view) == ("nll", View.RESULT)
    assert state.running == "checking nll"


def test_a_hint_stays_while_its_exercise_is_worked_on():
    state = saved(pressed(MIXED_NOW, "h"), 1, Changed(("softmax",)))
    assert state.view is View.HINT
    assert judged(state, Judged(1, MIXED, True, 0.1), PLACE).view is View.HINT


def test_a_hint_goes_when_the_exercise_passes():
    state = saved(pressed(MIXED_NOW, "h"), 1, Changed(("softmax",)))
    assert judged(state, Judged(1, verdict(RIGHT_SOFTMAX), False, 0.1), PLACE).view is View.RESULT


def test_a_quick_word_changes_its_exercise_and_no_other():
    state = judged(saved(MIXED_NOW, 1, Changed(("softmax",))), Judged(1, verdict(RIGHT_SOFTMAX), False, 0.1), PLACE)
    assert [each.points for each in state.verdict.exercises] == [4, 0, 2]
    assert state.running == "checking the whole file"


def test_the_whole_has_the_last_word():
    state = judged(saved(MIXED_NOW, 1, Changed(("softmax",))), Judged(1, verdict(RIGHT_SOFTMAX), False, 0.1), PLACE)
    assert judged(state, Judged(1, MIXED, True, 0.5), PLACE).verdict.exercises[0] == WRONG


def test_a_late_word_on_an_older_version_does_not_hide_the_newer_one():
    state = saved(saved(MIXED_NOW, 1, Changed(("softmax",))), 2, Changed(("softmax",)))
    state = judged(state, Judged(2, verdict(RIGHT_SOFTMAX), False, 0.1), PLACE)
    state = judged(state, Judged(1, MIXED, True, 9.0), PLACE)
    assert state.verdict.exercises[0] == RIGHT_SOFTMAX
    assert state.running == "checking the whole file"


@pytest.mark.parametrize(
    "doubtful",
    [
        ExerciseVerdict("softmax", 0, 4, Outcome.MISSING, (case(Outcome.MISSING, "not there"),)),
        ExerciseVerdict("softmax", 0, 4, Outcome.CRASHED, (case(Outcome.CRASHED, "The call raised NameError: p"),)),
    ],
)
def test_a_quick_word_that_may_be_due_to_left_out_cells_is_not_shown(doubtful):
    state = saved(MIXED_NOW, 1, Changed(("softmax",)))
    assert judged(state, Judged(1, verdict(doubtful), False, 0.1), PLACE).verdict.exercises[0] == WRONG
    assert judged(state, Judged(1, verdict(doubtful), True, 0.1), PLACE).verdict.exercises[0] == doubtful


def test_trouble_stands_until_the_next_save_that_can_be_read():
    state = troubled(MIXED_NOW, "`x` is gone")
    assert judged(state, Judged(0, MIXED, True, 1.0), PLACE).trouble == "`x` is gone"
    assert saved(state, 1, Changed()).trouble == ""
    assert unchanged(state).trouble == ""


def test_trouble_cannot_move_the_cursor():
    assert "\x1b" not in troubled(MIXED_NOW, f"`x` is not valid Python ({HOSTILE})").trouble


def test_a_new_result_of_the_current_exercise_comes_before_the_list():
    state = saved(pressed(MIXED_NOW, "l"), 1, Changed(("nll",)))
    assert (state.current, state.view) == ("nll", View.LIST)
    same = judged(state, Judged(1, MIXED, True, 0.1), PLACE)
    assert same.view is View.LIST
    wrong = replace(PASSED, points=0, outcome=Outcome.WRONG, cases=(case(Outcome.WRONG, "The values differ."),))
    assert judged(state, Judged(1, verdict(wrong), False, 0.1), PLACE).view is View.RESULT


def test_a_new_result_of_another_exercise_leaves_the_list_open():
    state = saved(pressed(MIXED_NOW, "l"), 1, Changed(("softmax",)))
    other = verdict(WRONG, UNTOUCHED[1], PASSED)
    assert judged(state, Judged(1, other, True, 0.1), PLACE).view is View.LIST


def test_a_page_is_scrolled_at_once():
    assert pressed(MIXED_NOW, PAGE_DOWN, 7).scroll == 7
    assert pressed(pressed(MIXED_NOW, PAGE_DOWN, 7), PAGE_UP, 6).scroll == 1
    assert pressed(pressed(MIXED_NOW, PAGE_DOWN, 7), PAGE_UP, 9).scroll == 0


def test_scrolling_ends_at_the_top():
    assert pressed(MIXED_NOW, UP).scroll == 0
    assert pressed(pressed(MIXED_NOW, DOWN), UP).scroll == 0
    assert pressed(pressed(MIXED_NOW, DOWN), "n").scroll == 0


def test_untouched_exercises_are_looked_at_in_order():
    state = judged(STARTING, Judged(0, UNTRIED, True, 1.0), PLACE)
    assert [state.current, pressed(state, "n").current] == ["softmax", "log_softmax"]
