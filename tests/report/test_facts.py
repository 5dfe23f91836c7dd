"""What is counted over a class, and where the gradebook has the last word."""

from __future__ import annotations

import hashlib

import pytest
from classroom import ASSIGNMENT, MISTAKE, SENTENCES, P, W, exercise, gradebook, verdict

from grader.nbgrader.booked import Person, scores
from grader.report.facts import Facts, facts
from grader.report.gradebook import Booked, book
from grader.report.report import NothingToReportError, report
from grader.report.students import Student, students
from grader.report.verdicts import ClassVerdicts, class_verdicts
from grader.verdict import ExerciseVerdict, Outcome


def ids(some: tuple[Student, ...]) -> list[str]:
    return [each.id for each in some]


def test_everybody_is_there_once_by_name(small_report):
    shown = [each.id for each in small_report.students]
    assert shown == ["bob", "a*b", "dora", "emil", "finn", "gwen", "hugo", "iris", "jon", "kim", "ada", "cleo"]


def test_who_has_no_points_is_told_apart(small_report):
    found = small_report.facts
    assert (ids(found.not_graded), ids(found.absent)) == (["a*b", "jon"], ["kim"])
    assert (ids(found.could_not), ids(found.unknown)) == (["iris"], [])


def test_points_are_the_gradebooks(small_report):
    points = {each.id: each.points for each in small_report.students if each.points is not None}
    assert (points["emil"], points["ada"], points["hugo"], points["bob"]) == (5.5, 8.5, 6.0, 6.0)
    assert small_report.facts.points.n == len(points) == 8
    assert small_report.facts.points.mean == pytest.approx(sum(points.values()) / 8)


def test_what_could_not_be_graded_counts_in_no_mean(small_report):
    assert small_report.student("iris").points is None
    nll = small_report.facts.exercises[2]
    assert (nll.mean, nll.full, nll.unchecked) == (pytest.approx((7 * 2.0 + 2.5) / 8), 8, 1)


def test_what_could_not_be_graded_is_settled_by_points_by_hand_in_every_cell(folder):
    for cell, found in (("test_softmax", ""), ("test_log_softmax", ""), ("test_nll", "1")):
        assert report(folder, ASSIGNMENT).facts.could_not
        with gradebook(folder) as opened:
            opened.find_grade(cell, ASSIGNMENT, ASSIGNMENT, "iris").manual_score = float(found or 0)
    settled = report(folder, ASSIGNMENT)
    assert (settled.facts.could_not, settled.student("iris").points, settled.facts.points.n) == ((), 1.0, 9)


def verdicts_of(**softmax: ExerciseVerdict) -> ClassVerdicts:
    found = ClassVerdicts()
    for student, each in softmax.items():
        found.add(verdict(student, each))
    return found


def facts_of(**softmax: ExerciseVerdict) -> Facts:
    found = verdicts_of(**softmax)
    return facts(ASSIGNMENT, [Student(each, Person(), judged, None) for each, judged in found.judged.items()], found)


M, T = Outcome.MISSING, Outcome.TIMED_OUT
SYNTAX = "The cell stopped before it defined the answer: it raised SyntaxError."


def test_answers_that_did_not_run_are_counted_apart():
    stopped = exercise("softmax", M, M, outcome=Outcome.CRASHED, note=SYNTAX)
    found = facts_of(ada=stopped, bob=stopped, cleo=exercise("softmax", T, T), dora=exercise("softmax", W, P))
    assert [(each.exercise, each.what, ids(each.students)) for each in found.did_not_run] == [
        ("softmax", SYNTAX, ["ada", "bob"]),
        ("softmax", "No call returned before the time limit.", ["cleo"]),
    ]
    assert [(each.sentence, each.failed, each.asked) for each in found.cases] == [(SENTENCES[0], 1, 1)]
    assert found.unexplained == 1


def test_an_answer_that_returned_once_or_raises_did_run():
    found = facts_of(ada=exercise("softmax", P, T), bob=exercise("softmax", Outcome.CRASHED, Outcome.CRASHED))
    assert found.did_not_run == ()
    assert sum(each.failed for each in found.cases) == 3


def test_no_case_is_the_one_that_most_fail_where_as_many_fail_another():
    tied = facts_of(ada=exercise("softmax", W, W))
    assert (len(tied.cases), tied.hardest) == (2, None)
    led = facts_of(ada=exercise("softmax", W, W), bob=exercise("softmax", P, W))
    assert led.hardest is not None
    assert (led.hardest.sentence, led.hardest.failed) == (SENTENCES[1], 2)
    assert facts_of(ada=exercise("softmax", P, P)).hardest is None


def test_each_difference_from_the_judges_points_says_why(small_report):
    assert small_report.changes == {
        "emil": ("`softmax`: 1.5 by hand instead of 0",),
        "ada": ("`nll`: +0.5 extra credit",),
        "hugo": ("−2 for being late",),
    }
    assert ids(small_report.waiting) == ["gwen"]


def test_mistakes_calls_and_walls_name_their_students(small_report):
    found = small_report.facts
    assert [(g.exercise, g.what, ids(g.students)) for g in found.mistakes] == [
        ("softmax", MISTAKE.name, ["bob", "cleo"])
    ]
    assert [(g.what, ids(g.students)) for g in found.forbidden] == [("torch.softmax", ["finn"])]
    assert [(g.what, ids(g.students)) for g in found.walls] == [("B", ["hugo"])]
    assert (ids(found.flagged), ids(found.repaired), found.unexplained) == (["gwen"], ["gwen"], 1)


def test_every_student_is_in_one_part_of_each_exercise(small_report):
    softmax = small_report.facts.exercises[0]
    assert (softmax.full, softmax.part, softmax.zero, softmax.untouched, softmax.unchecked) == (3, 3, 2, 0, 1)
    assert {each.n for each in small_report.facts.exercises} == {9}


def test_time_is_spread_by_doublings_and_the_slowest_come_first(small_report):
    found = small_report.facts
    assert [(each.label, len(each.students)) for each in found.seconds if each.students] == [
        ("0.125–0.25 s", 1),
        ("0.25–0.5 s", 5),
        ("1–2 s", 1),
        ("8–16 s", 1),
    ]
    assert ids(found.slowest)[:2] == ["dora", "cleo"]


def test_the_copy_is_paired_with_what_it_was_copied_from(small_report):
    (pair,) = small_report.likenesses.pairs
    assert {pair.left, pair.right} == {"cleo", "dora"}
    assert {each.exercise for each in pair.comparisons} == {"softmax", "nll"}
    assert all(any(line.shared for line in each.left) for each in pair.comparisons)


def test_who_handed_in_another_file_since_is_told_and_no_notebook_is_none(small_report):
    assert ids(small_report.changed) == ["ada"]


def test_a_class_in_which_nobody_has_points_has_facts_too():
    found = facts(ASSIGNMENT, (), ClassVerdicts())
    assert (found.points.n, found.seconds, found.mistakes, found.cases) == (0, (), (), ())
    assert [each.n for each in found.exercises] == [0, 0, 0]


def test_points_of_a_student_whose_verdict_is_damaged_are_the_gradebooks(folder):
    folder.verdict(ASSIGNMENT, "hugo").write_text("?")
    found = report(folder, ASSIGNMENT)
    assert ids(found.facts.unknown) == ["hugo"]
    assert (found.student("hugo").points, found.facts.points.n) == (6.0, 8)


def test_points_of_an_older_run_in_the_gradebook_are_told(folder):
    with gradebook(folder) as opened:
        opened.find_grade("test_nll", ASSIGNMENT, ASSIGNMENT, "finn").auto_score = 0.5
    told = report(folder, ASSIGNMENT).changes["finn"]
    assert told == (f"`nll`: 0.5 in the gradebook, 2 in the verdict; run `grader autograde {ASSIGNMENT}`",)


def test_without_a_gradebook_the_judges_points_count_and_the_report_says_so(folder):
    (folder.root / "gradebook.db").unlink()
    found = report(folder, ASSIGNMENT)
    path = folder.root / "gradebook.db"
    assert found.book == f"there is no gradebook at {path}; run `grader release` in the course folder"
    assert found.student("emil").points == 4.0
    assert not path.exists()


def test_a_gradebook_that_is_no_database_is_told_and_stops_nothing(folder):
    (folder.root / "gradebook.db").write_bytes(b"no database" * 1000)
    assert "file is not a database" in report(folder, ASSIGNMENT).book


def test_the_gradebook_is_only_read(class_folder):
    path = class_folder.root / "gradebook.db"
    before = hashlib.sha256(path.read_bytes()).digest()
    assert set(book(class_folder, ASSIGNMENT).booked) == {
        "ada",
        "bob",
        "cleo",
        "dora",
        "emil",
        "finn",
        "gwen",
        "hugo",
        "iris",
    }
    assert hashlib.sha256(path.read_bytes()).digest() == before


@pytest.mark.parametrize(
    ("auto", "manual", "extra", "points"),
    [
        (2.0, 0.0, 0.5, 0.5),
        (2.0, None, None, 2.0),
        (2.0, None, 0.5, 2.5),
        (None, None, None, None),
        (None, None, 0.5, None),
    ],
)
def test_a_score_by_hand_comes_before_the_judge_s_and_extra_credit_on_top_as_in_nbgrader(
    folder, auto, manual, extra, points
):
    with gradebook(folder) as opened:
        opened.add_assignment("other")
        opened.add_notebook("pages", "other")
        opened.add_grade_cell("sums", "pages", "other", max_score=3.0, cell_type="code")
        opened.add_submission("other", "ada")
        grade = opened.find_grade("sums", "pages", "other", "ada")
        grade.auto_score, grade.manual_score, grade.extra_credit = auto, manual, extra
        opened.db.commit()
        theirs = opened.find_submission("other", "ada").score
        [(student, notebook, cell, score)] = scores(opened.db, "other")
    assert (student, notebook, cell, score.points) == ("ada", "pages", "sums", points)
    assert Booked({cell: score}, penalty=0.0).points == theirs == (points or 0.0)


def test_without_any_verdict_there_is_nothing_to_report(released_course, tmp_path):
    from grader.folder import CourseFolder

    with pytest.raises(
        NothingToReportError, match=r"nobody's `04_softmax` is graded yet; run `grader autograde 04_softmax`"
    ):
        report(CourseFolder(released_course), ASSIGNMENT)


def test_who_was_put_into_the_gradebook_by_a_list_alone_is_absent(class_folder):
    verdicts = class_verdicts(class_folder, ASSIGNMENT)
    found = {each.id: each for each in students(class_folder, ASSIGNMENT, verdicts, book(class_folder, ASSIGNMENT))}
    assert (found["kim"].reason, found["kim"].name) == ("handed in nothing", "Kim")
    assert found["jon"].reason.startswith("the file of the verdict cannot be used: it is not the JSON")
