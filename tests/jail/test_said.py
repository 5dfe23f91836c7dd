"""What every command says where the jail is weaker than all walls; and that it says nothing where they all stand."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from grader.autograde import ClassResult
from grader.demo_class import hand_in
from grader.folder import CourseFolder
from grader.jail import cgroup
from grader.jail.layers import Missing
from grader.jail.notice import isolation, notice
from grader.jail.proofs import Protection
from grader.jail.system import SWITCH
from grader.judge.submission import GradedSubmission
from grader.records import with_results
from grader.standing import Standing
from grader.tables import class_table, show_notice, show_weaker
from grader.verdict import Verdict

HERE = Path(__file__).parent
ASSIGNMENT = "04_softmax"
NO_NAMESPACES = ("--refuse", "namespaces")
NOTHING = (*NO_NAMESPACES, "--refuse", "landlock")
LOUD = "NO ISOLATION"

NAMESPACES, WATCHED = Missing("namespaces", "not permitted"), Missing(cgroup.LAYER, "none")
A = Protection(("namespaces", "landlock"), ("network closed",), (), (WATCHED,))
B = Protection(("landlock",), ("network closed",), ("other processes out of sight",), (NAMESPACES, WATCHED))
C = Protection((), (), ("network closed",), (NAMESPACES,), contained=True)
D = Protection((), (), ("file system closed", "network closed"), (NAMESPACES,))


def shown(show: Callable[[Console], object], width: int = 300) -> str:
    console = Console(file=io.StringIO(), width=width)
    show(console)
    return console.file.getvalue()


def test_all_walls_are_not_worth_a_word():
    assert notice(A) == ""
    assert shown(lambda console: show_notice(A, console)) == ""
    assert isolation(A) == ("tier A", "namespaces", "landlock")


@pytest.mark.parametrize(
    ("protection", "tier", "open_"),
    [(B, "tier B", "out of sight"), (C, "tier C", "network"), (D, "tier D", "file system")],
)
def test_below_that_one_line_says_what_is_missing_what_it_means_and_where_to_read(protection, tier, open_):
    line = notice(protection)
    assert all(words in line for words in (tier, "missing: namespaces", open_, "docs/isolation.md", "grader doctor"))
    assert cgroup.LAYER not in line
    assert "\n" not in line
    assert shown(lambda console: show_notice(protection, console), width=40).startswith(line) is (tier != "tier D")


@pytest.mark.parametrize(("protection", "loud"), [(B, False), (C, False), (D, True)])
def test_only_where_nothing_holds_it_is_loud(protection, loud):
    assert (LOUD in shown(lambda console: show_notice(protection, console))) is loud


def test_a_verdict_says_the_tier_first_then_what_it_means_and_what_is_missing():
    tier, meaning, *rest = isolation(B, [Missing("seccomp", "gone")])
    assert (tier, rest) == ("tier B", ["missing: seccomp (gone)", "missing: namespaces (not permitted)", "landlock"])
    assert "files and network are closed" in meaning


def verdict(student: str, protection: Protection, **more: str) -> Verdict:
    return Verdict(ASSIGNMENT, student, (), isolation=isolation(protection), **more)


@pytest.mark.parametrize(("protection", "said"), [(A, False), (B, True), (D, True)])
def test_a_graded_notebook_and_so_its_feedback_says_so_to_its_student(released_course, protection, said):
    notebook = CourseFolder(released_course).released_notebook(ASSIGNMENT)
    graded = with_results(notebook, GradedSubmission(verdict("ada", protection)))
    assert (f"tier {protection.tier}" in json.dumps(graded)) is said


def test_results_of_an_earlier_run_behind_weaker_walls_are_named_under_the_table(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    verdicts = (verdict("ada", A), verdict("bob", D), verdict("eve", B), verdict("zip", D, problem="no notebook"))
    standings = tuple(Standing.of(each, unchanged=each.student == "bob") for each in verdicts)
    class_table(ASSIGNMENT, ClassResult(ASSIGNMENT, standings, protection=A))
    lines = [line for line in capsys.readouterr().out.splitlines() if "isolation was" in line]
    assert [(line.split(",")[0], line.split("for: ")[1]) for line in lines] == [
        ("isolation was tier B", "eve"),
        ("isolation was tier D", "bob"),
    ]


def test_the_walls_of_this_run_are_said_once_under_the_table(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "400")
    class_table(ASSIGNMENT, ClassResult(ASSIGNMENT, (Standing.of(verdict("ada", B)),), protection=B))
    told = capsys.readouterr().out
    assert (told.count(notice(B)), "isolation was" in told) == (1, False)


def test_a_class_behind_all_walls_is_told_without_a_warning():
    assert shown(lambda console: show_weaker([verdict("ada", A), verdict("bob", A)], console)) == ""


@pytest.fixture
def small_class(course) -> Path:
    """A course in which one student handed in."""
    hand_in(CourseFolder(course), ASSIGNMENT)
    for each in (course / "submitted").iterdir():
        if each.name != "ada":
            shutil.rmtree(each)
    return course


def grader(course: Path, restrictions: tuple[str, ...], *arguments: str, **settings: str):
    launcher = [sys.executable, str(HERE / "restricted.py"), *restrictions, "--"] if restrictions else []
    return subprocess.run(
        [*launcher, sys.executable, "-m", "grader", *arguments],
        cwd=course,
        env={**os.environ, "COLUMNS": "400", **settings},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.skipif(sys.platform != "linux", reason="the systems are emulated by seccomp filters of Linux")
def test_a_class_graded_behind_nothing_is_told_before_and_after_and_in_every_output(small_class):
    done = grader(small_class, NOTHING, "autograde", ASSIGNMENT, "--policy", "warn")
    assert done.returncode == 0, done.stderr
    assert LOUD in done.stderr
    table, _, below = done.stdout.partition("isolation: tier D (")
    assert "ada" in table
    assert LOUD in below
    kept = json.loads((small_class / "verdicts" / ASSIGNMENT / "ada.json").read_text())
    assert kept["isolation"][0] == "tier D"
    fed_back = grader(small_class, (), "feedback", ASSIGNMENT)
    assert fed_back.returncode == 0, fed_back.stderr
    assert "isolation was tier D" in fed_back.stderr
    page = small_class / "feedback" / "ada" / ASSIGNMENT / f"{ASSIGNMENT}.html"
    assert "tier D, nothing to rely on" in page.read_text()


def test_a_notebook_checked_by_its_author_is_told_on_stderr_and_stdout_stays_json(small_class):
    notebook = f"submitted/ada/{ASSIGNMENT}/{ASSIGNMENT}.ipynb"
    done = grader(small_class, (), "check", notebook, "--json", **{SWITCH: "1"})
    assert done.returncode == 0, done.stderr
    assert LOUD in done.stderr
    assert json.loads(done.stdout)["isolation"][0] == "tier D"


@pytest.mark.parametrize(("restrictions", "tier"), [((), "tier A"), (NO_NAMESPACES, "tier B")])
def test_loose_answers_are_judged_behind_walls_that_were_tried(
    released_course, tmp_path, protection, restrictions, tier
):
    (tmp_path / "minus.py").write_text("def nll(log_p, labels):\n    return -log_p.gather(1, labels[:, None]).mean()")
    done = grader(released_course, restrictions, "author", "judge", "nll", str(tmp_path / "minus.py"))
    assert done.stdout.startswith("2 of 2"), done.stderr
    assert f"isolation: {tier}" in done.stderr
    assert LOUD not in done.stderr
