"""Late work, extensions and work that is handed in again, through the real commands and into an export."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from exported_class import DUE, NAME, gradebook
from tests_support import beside_python, run_grader

from grader.author.cells import solved
from grader.export.sheet import BOM
from grader.folder import CourseFolder

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the jail needs Linux")

ON_TIME, LATE, LATER = "2026-11-20 11:59:59 UTC", "2026-11-20 14:00:00 UTC", "2026-11-21 12:00:00 UTC"
PENALTY = '\nc.LateSubmissionPlugin.penalty_method = "zero"\n'


def hand_in(root: Path, student: str, time: str, *, untouched: bool = False) -> None:
    folder = CourseFolder(root)
    notebook = folder.released_notebook(NAME) if untouched else solved(folder, NAME)
    path = folder.submission(NAME, student)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook), encoding="utf-8")
    path.with_name("timestamp.txt").write_text(time)


def exported(root: Path) -> dict[str, dict[str, str]]:
    done = run_grader(root, "export", NAME, "--to", "made.csv")
    assert done.returncode == 0, done.stderr
    content = (root / "made.csv").read_text(encoding="utf-8").removeprefix(BOM)
    return {row["student"]: row for row in csv.DictReader(io.StringIO(content))}


def plain_nbgrader(root: Path) -> None:
    command = [sys.executable, "-m", "nbgrader", "autograde", NAME]
    done = subprocess.run(
        command, cwd=root, env=beside_python(), capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr


def grader(root: Path, *arguments: str) -> str:
    done = run_grader(root, "autograde", NAME, "--jobs", "1", "--policy", "warn", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_term_in_which_some_are_late(course, tmp_path):
    with (course / "nbgrader_config.py").open("a") as config:
        config.write(PENALTY + 'c.Grade.policy = "warn"\n')
    with gradebook(course) as book:
        book.update_or_create_assignment(NAME, duedate=DUE)
    for student, time in {"ada": ON_TIME, "bob": LATE}.items():
        hand_in(course, student, time)
    other = tmp_path / "other"
    shutil.copytree(course, other)
    grader(course)
    plain_nbgrader(other)
    found = exported(course)
    assert found == exported(other)
    told = {
        each: (row["raw_score"], row["late_penalty"], row["score"], row["seconds_late"]) for each, row in found.items()
    }
    assert told == {"ada": ("8", "0", "8", "0"), "bob": ("8", "8", "0", "7200")}

    when = CourseFolder(course).submission(NAME, "ada").with_name("timestamp.txt")
    when.write_text(LATE)
    assert "nobody had to be graded" in grader(course)
    assert exported(course)["ada"]["late_penalty"] == "8"
    when.write_text(ON_TIME)
    grader(course)
    assert exported(course) == found

    with gradebook(course) as book:
        book.grant_extension(NAME, "bob", hours=3)
        grade = book.find_grade("test_softmax", NAME, NAME, "ada")
        grade.manual_score, grade.needs_manual_grade = 1.5, False
    hand_in(course, "ada", LATER, untouched=True)
    grader(course, "--student", "ada", "--student", "bob")
    found = exported(course)
    told = {
        each: (row["raw_score"], row["late_penalty"], row["score"], row["seconds_late"]) for each, row in found.items()
    }
    assert told == {"ada": ("1.5", "1.5", "0", "86400"), "bob": ("8", "0", "8", "0")}
    assert (found["ada"]["points_softmax"], found["ada"]["points_nll"]) == ("1.5", "0")
    assert (found["ada"]["timestamp"], found["ada"]["needs_manual_grade"]) == ("2026-11-21T12:00:00Z", "yes")
