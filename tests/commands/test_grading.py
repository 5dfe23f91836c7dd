"""A class graded from the command line and by plain nbgrader: the same points by the same path."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from tests_support import beside_python, hand_in_class, run_grader

from grader.course import exercise
from grader.demo_class import students
from grader.folder import CourseFolder

ASSIGNMENT = "04_softmax"
PERFECT = {"ada", "emmy", "grace", "katherine", "mangled", "rosalind"}


def points(course: Path) -> dict[str, dict[str, float]]:
    """{student: {test cell: points}} as nbgrader's gradebook has them."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        return {
            submission.student_id: {g.name: g.score for n in submission.notebooks for g in n.grades}
            for submission in gradebook.assignment_submissions(ASSIGNMENT)
        }


def outcomes(course: Path, student: str) -> dict[str, str]:
    verdict = json.loads((course / "verdicts" / ASSIGNMENT / f"{student}.json").read_text())
    return {each["name"]: each["outcome"] for each in verdict["exercises"]}


def verdict(course: Path, student: str) -> dict:
    return json.loads((course / "verdicts" / ASSIGNMENT / f"{student}.json").read_text())


def nbgrader(course: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "nbgrader", *arguments]
    return subprocess.run(
        command, cwd=course, env=beside_python(), capture_output=True, text=True, timeout=400, check=False
    )


@pytest.fixture(scope="module")
def graded(released_course, tmp_path_factory) -> Path:
    """The demonstration's class, graded by `grader autograde`."""
    course = tmp_path_factory.mktemp("class") / "course"
    shutil.copytree(released_course, course)
    hand_in_class(CourseFolder(course), ASSIGNMENT)
    done = run_grader(course, "autograde", ASSIGNMENT)
    assert done.returncode == 0, done.stderr + done.stdout
    return course


def test_everyone_has_points_or_a_named_reason(graded):
    assert set(points(graded)) == set(students())
    assert "is not the JSON" in verdict(graded, "zip")["problem"]


@pytest.mark.parametrize("student", sorted(PERFECT))
def test_right_answers_get_full_points_however_written_and_however_mangled(graded, student):
    assert sum(points(graded)[student].values()) == 8.0, verdict(graded, student)


@pytest.mark.parametrize("student", sorted(set(students()) - PERFECT))
def test_wrong_answers_do_not(graded, student):
    assert sum(points(graded)[student].values()) < 8.0


@pytest.mark.parametrize(
    ("student", "outcome"),
    [
        ("ursula", "not attempted"),
        ("vera", "crashed"),
        ("loop", "timed out"),
        ("torsten", "forbidden"),
        ("zip", "could not check"),
    ],
)
def test_what_went_wrong_has_its_own_word(graded, student, outcome):
    assert outcomes(graded, student)["softmax"] == outcome


@pytest.mark.parametrize("student", ["vera", "loop", "torsten", "mallory"])
def test_trouble_in_one_exercise_costs_only_that_one(graded, student):
    assert points(graded)[student] == {"test_softmax": 0.0, "test_log_softmax": 2.0, "test_nll": 2.0}


@pytest.mark.parametrize("student", ["alan", "blaise", "carl", "leonhard", "pierre", "thomas"])
def test_a_known_mistake_is_named_and_explained(graded, student):
    mistakes = [each["mistake"] for each in verdict(graded, student)["exercises"] if each["mistake"]]
    assert len(mistakes) == 1
    assert len(mistakes[0]["explanation"].split()) > 8


def test_a_forbidden_call_is_named_with_its_line(graded):
    call = verdict(graded, "torsten")["exercises"][0]["forbidden"]
    assert "softmax" in call["call"]
    assert (call["cell"], call["line"]) == ("softmax", 2)


def test_repairs_are_said_in_the_verdict(graded):
    assert any("setup" in sentence for sentence in verdict(graded, "mangled")["repairs"])


def test_whoever_hunts_for_answers_finds_none(graded):
    text = (graded / "autograded" / "mallory" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_text()
    assert "answers found: [] [] []" in text


def test_plain_nbgrader_gives_the_same_points_and_a_manual_score_survives(graded, tmp_path):
    course = tmp_path / "course"
    shutil.copytree(graded, course)
    before = points(course)
    with closing(sqlite3.connect(course / "gradebook.db")) as book, book:
        book.execute("update grade set manual_score = 1.25 where auto_score = 4.0")
    done = nbgrader(course, "autograde", ASSIGNMENT, "--force")
    assert done.returncode == 0, done.stderr[-3000:]
    with closing(sqlite3.connect(course / "gradebook.db")) as book, book:
        assert {row[0] for row in book.execute("select manual_score from grade where auto_score = 4.0")} == {1.25}
        book.execute("update grade set manual_score = null")
    assert points(course) == before


def test_feedback_shows_the_panels_and_no_hidden_value(graded):
    done = run_grader(graded, "feedback", ASSIGNMENT)
    assert done.returncode == 0, done.stderr
    page = (graded / "feedback" / "alan" / ASSIGNMENT / f"{ASSIGNMENT}.html").read_text()
    assert "grader-panel" in page
    assert verdict(graded, "alan")["exercises"][0]["mistake"]["explanation"][:30] in page
    assert "yours" not in page.split("grader-panel", 1)[1].split("</section>")[0]


def test_grading_one_student_leaves_the_others_alone(graded):
    others = (graded / "autograded" / "ada" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").stat().st_mtime_ns
    done = run_grader(graded, "autograde", ASSIGNMENT, "--student", "alan")
    assert done.returncode == 0, done.stderr
    assert (graded / "autograded" / "ada" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").stat().st_mtime_ns == others


def test_whoever_is_late_is_told_with_what_it_costs(graded, tmp_path):
    from nbgrader.api import Gradebook

    course = tmp_path / "course"
    shutil.copytree(graded, course)
    with (course / "nbgrader_config.py").open("a") as file:
        file.write('\nc.LateSubmissionPlugin.penalty_method = "zero"\n')
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        gradebook.update_or_create_assignment(ASSIGNMENT, duedate="2026-11-20 12:00 UTC")
    (course / "submitted" / "ada" / ASSIGNMENT / "timestamp.txt").write_text("2026-11-20 14:00:00 UTC")
    done = run_grader(course, "autograde", ASSIGNMENT, "--json")
    assert done.returncode == 0, done.stderr
    standings = {each["student"]: each for each in json.loads(done.stdout)["standings"]}
    assert (standings["ada"]["points"], standings["ada"]["late_penalty"]) == (8.0, 8.0)
    assert {each["late_penalty"] for student, each in standings.items() if student != "ada"} == {0.0}
    table = run_grader(course, "autograde", ASSIGNMENT).stdout
    assert [line for line in table.splitlines() if "late −8" in line and line.startswith("│ ada ")]
    assert "– of 8" in next(line for line in table.splitlines() if line.startswith("│ zip "))


def test_what_a_human_gave_is_said_and_stays(graded, tmp_path):
    from nbgrader.api import Gradebook

    course = tmp_path / "course"
    shutil.copytree(graded, course)
    before = {each: verdict(course, each)["exercises"] for each in ("ada", "alan")}
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        for student, manual, extra in (("ada", 1.0, 0.5), ("alan", None, 0.75)):
            cell = gradebook.find_grade(exercise(before[student][0]["name"]).test_cell, ASSIGNMENT, ASSIGNMENT, student)
            cell.manual_score, cell.extra_credit = manual, extra
            gradebook.db.commit()
    done = run_grader(course, "autograde", ASSIGNMENT, "--json", "--student", "ada", "--student", "alan")
    assert done.returncode == 0, done.stderr
    standings = {each["student"]: each for each in json.loads(done.stdout)["standings"]}
    added = {"ada": 1.5 - before["ada"][0]["points"], "alan": 0.75}
    assert {each: standings[each]["by_hand"] for each in added} == pytest.approx(added)
    assert standings["ada"]["points"] == sum(each["points"] for each in before["ada"])


def test_a_verdict_reads_back_as_it_was_written(graded):
    from grader.verdict import verdict_from_json

    data = verdict(graded, "alan")
    assert json.loads(json.dumps(verdict_from_json(data).to_json())) == data
