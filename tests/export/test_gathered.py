"""What is exported is what nbgrader counts; what has no points is told apart from a zero."""

from __future__ import annotations

import pytest
from exported_class import EXPLANATION, NAME, OTHER, gradebook, line, read
from nbgrader.api import MissingEntry

from grader.export.grades import Status
from grader.export.selection import ExportError


@pytest.mark.parametrize("assignment", [NAME, OTHER])
def test_every_total_is_the_one_that_nbgrader_has(class_root, assignment):
    grades = read(class_root, assignment)
    compared = 0
    with gradebook(class_root) as book:
        assert grades.most == book.find_assignment(assignment).max_score
        for each in grades.lines:
            try:
                theirs = book.find_submission(assignment, each.student)
            except MissingEntry:
                assert each.raw is None
                continue
            if each.raw is not None:
                assert each.raw == pytest.approx(theirs.score)
                assert each.penalty == theirs.late_submission_penalty
                assert each.score == pytest.approx(max(0.0, theirs.score - theirs.late_submission_penalty))
                compared += 1
            assert each.timestamp == theirs.timestamp
            assert each.seconds_late == theirs.total_seconds_late
            assert each.waits == theirs.needs_manual_grade
    assert compared == {NAME: 7, OTHER: 1}[assignment]


def test_how_each_student_stands(grades):
    found = {each.student: each.status for each in grades.lines}
    assert found == {
        "ada": Status.GRADED,
        "bob": Status.GRADED,
        "cleo": Status.GRADED,
        "dora": Status.GRADED,
        "emil": Status.NOTHING,
        "finn": Status.NOT_YET,
        "gwen": Status.COULD_NOT,
        "hugo": Status.GRADED,
        "iris": Status.WAITS,
        "jon": Status.COULD_NOT,
        "kim": Status.GRADED,
    }


def test_only_who_was_graded_has_a_total_and_a_zero_is_one(grades):
    scores = {each.student: each.score for each in grades.lines}
    assert scores["kim"] == 0.0
    assert {student for student, score in scores.items() if score is None} == {"emil", "finn", "gwen", "jon"}


def test_points_by_hand_win_extra_credit_comes_on_top_and_lateness_goes_off(grades):
    scores = {each.student: each.score for each in grades.lines}
    assert scores["bob"] == 3.5 + 2 + 2 + 3 - 0.75
    assert scores["cleo"] == pytest.approx(2 + 0.1 + 0.2 + 0.5 + 3)
    assert scores["hugo"] == 0.0  # 1 point, 5 off
    assert scores["iris"] == 8.0


def test_lateness_follows_the_extension(grades):
    assert line(grades, "bob").seconds_late == 30 * 60
    assert line(grades, "hugo").seconds_late == 2 * 86400 + 1
    assert line(grades, "ada").seconds_late == 0


def test_the_exercises_are_called_and_ordered_as_the_course_has_them(grades):
    assert [(each.name, each.most) for each in grades.parts] == [
        ("softmax", 4),
        ("log_softmax", 2),
        ("nll", 2),
        ("essay", 3),
    ]


def test_cells_of_another_course_are_parts_and_told_apart_by_their_notebook(class_root):
    grades = read(class_root, OTHER)
    assert [each.name for each in grades.parts] == ["p1/part_a", "part_b", "drawing", "p2/part_a"]
    ada = line(grades, "ada")
    assert [ada.mark(each).points for each in grades.parts] == [5, 1.25, None, 2]
    assert (ada.status, ada.score) == (Status.WAITS, 6.75)
    assert line(grades, "bob").status is Status.NOT_YET


def test_what_could_not_be_checked_has_no_points_and_the_reason_is_told(grades):
    jon, softmax = line(grades, "jon"), grades.parts[0]
    assert jon.mark(softmax).points is None
    assert jon.mark(grades.parts[1]).points == 2
    assert jon.reason == "could not be checked: softmax"
    assert "is empty" in line(grades, "gwen").reason
    assert {line(grades, "gwen").mark(each).points for each in grades.parts} == {None}


def test_a_teacher_who_gives_points_by_hand_settles_what_could_not_be_checked(root):
    with gradebook(root) as book:
        book.find_grade("test_softmax", NAME, NAME, "jon").manual_score = 1.0
        for cell in ("test_softmax", "test_log_softmax", "test_nll", "essay"):
            book.find_grade(cell, NAME, NAME, "gwen").manual_score = 0.0
    found = read(root)
    assert (line(found, "jon").status, line(found, "jon").score) == (Status.GRADED, 8.0)
    assert (line(found, "gwen").status, line(found, "gwen").score) == (Status.GRADED, 0.0)


def test_a_wrong_answer_that_was_recognised_is_explained(grades):
    assert line(grades, "dora").mark(grades.parts[0]).remark == f"wrong: {EXPLANATION}"
    assert line(grades, "dora").mark(grades.parts[1]).remark == ""


def test_only_the_chosen_students_in_the_order_of_names(class_root):
    assert [each.student for each in read(class_root, students=("kim", "ada", "kim")).lines] == ["kim", "ada"]


@pytest.mark.parametrize(
    ("assignment", "students", "words"),
    [
        ("nope", (), "the gradebook holds no assignment `nope`; it holds 04_softmax, ps1"),
        (NAME, ("adda",), "student `adda` is neither in the gradebook nor in submitted/; did you mean `ada`?"),
        (NAME, ("x\x1b[2J",), "student `x` is neither in the gradebook nor in submitted/; 11 others are"),
    ],
)
def test_what_is_not_there_is_told_with_what_is(class_root, assignment, students, words):
    with pytest.raises(ExportError) as error:
        read(class_root, assignment, students=students)
    assert str(error.value) == words


def test_where_nobody_is_graded_it_says_what_to_run(root):
    with gradebook(root) as book:
        for student in ("ada", "bob"):
            book.remove_submission(OTHER, student)
    with pytest.raises(ExportError, match=r"nobody's `ps1` is graded yet; run `nbgrader autograde ps1`"):
        read(root, OTHER)
