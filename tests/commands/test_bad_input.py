"""Bad input ends in one clear sentence with the remedy, exit code not 0, and the gradebook as it was."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests_support import run_grader

from grader.course import UnknownNameError
from grader.folder import CourseFolder

ASSIGNMENT = "04_softmax"


@pytest.fixture
def handed_in(course) -> Path:
    path = CourseFolder(course).submission(ASSIGNMENT, "ada")
    path.parent.mkdir(parents=True)
    shutil.copy(CourseFolder(course).source(ASSIGNMENT), path)
    return course


def refused(folder: Path, *arguments: str) -> str:
    """The one sentence of a refusal; the gradebook is as it was."""
    book = folder / "gradebook.db"
    before = book.read_bytes() if book.exists() else None
    done = run_grader(folder, *arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert (book.read_bytes() if book.exists() else None) == before
    return done.stderr


def test_an_unknown_assignment(handed_in):
    assert "the course has 01_tensors, 02_data, 03_losses" in refused(handed_in, "autograde", "99_nothing")


@pytest.mark.parametrize(
    ("command", "instead"),
    [
        ("autograde", "`nbgrader autograde ps1` grades it"),
        ("feedback", "`nbgrader generate_feedback ps1` writes its feedback"),
        ("report", "`grader export ps1` writes its points"),
    ],
)
@pytest.mark.parametrize("place", ["source/ps1", "submitted/ada/ps1"])
def test_another_assignment_of_the_course_is_not_called_unknown(handed_in, command, instead, place):
    (handed_in / place).mkdir(parents=True)
    words = refused(handed_in, command, "ps1")
    assert words.startswith("grader: `ps1` is not one of the kit's assignments (01_tensors, 02_data,")
    assert words.endswith(f"07_training); {instead}\n")


@pytest.mark.parametrize("name", ["", ".", "..", "../source", "04_softmax/", "\0"])
def test_a_name_that_is_a_path_is_no_assignment_of_the_course(course, name):
    with pytest.raises(UnknownNameError, match="there is no assignment"):
        CourseFolder(course).require_ours(name, "`nbgrader autograde {}` grades it")


def test_an_unknown_student(handed_in):
    assert "did you mean `ada`?" in refused(handed_in, "autograde", ASSIGNMENT, "--student", "adda")


def test_nobody_handed_in(course):
    assert f"holds no STUDENT/{ASSIGNMENT} folder" in refused(course, "autograde", ASSIGNMENT)


@pytest.mark.parametrize("command", [("autograde", ASSIGNMENT), ("release",), ("feedback", ASSIGNMENT), ("demo",)])
def test_a_folder_that_is_no_course(tmp_path, command):
    assert "is in no course folder" in refused(tmp_path, *command)


def test_an_assignment_that_was_not_released(handed_in):
    shutil.rmtree(handed_in / "assignments")
    assert f"run `grader release {ASSIGNMENT}`" in refused(handed_in, "autograde", ASSIGNMENT)


def test_a_course_without_gradebook(handed_in):
    (handed_in / "gradebook.db").unlink()
    assert "there is no gradebook" in refused(handed_in, "autograde", ASSIGNMENT)


def test_a_file_that_is_no_gradebook(handed_in):
    (handed_in / "gradebook.db").write_bytes(b"not a database, whatever its name says" * 100)
    assert "is no gradebook" in refused(handed_in, "autograde", ASSIGNMENT)


def test_a_locked_gradebook(handed_in):
    # the lock is this process': reading the file here, as `refused` does, would give it up
    with closing(sqlite3.connect(handed_in / "gradebook.db")) as book:
        book.execute("BEGIN EXCLUSIVE")
        done = run_grader(handed_in, "autograde", ASSIGNMENT)
    assert done.returncode == 2
    assert "cannot be written now" in done.stderr
    assert not (handed_in / "autograded").exists()


def test_a_read_only_gradebook(handed_in):
    if os.geteuid() == 0:
        pytest.skip("root may write everything; run the tests as an ordinary user to see this one")
    (handed_in / "gradebook.db").chmod(0o444)
    assert "is read-only" in refused(handed_in, "autograde", ASSIGNMENT)


def test_feedback_before_grading(course):
    assert "run `grader autograde" in refused(course, "feedback", ASSIGNMENT)


def test_a_notebook_that_is_not_there(course):
    assert "there is no file" in refused(course, "check", "nowhere.ipynb")


def test_a_suite_that_does_not_import(handed_in):
    (handed_in / "tests" / "hidden" / f"test_{ASSIGNMENT}.py").write_text("import nothing_of_this_name\n")
    assert "could not be collected" in refused(handed_in, "autograde", ASSIGNMENT)
