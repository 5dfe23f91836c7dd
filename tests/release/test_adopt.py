"""The kit in a course that has other assignments: theirs stay as they were, and its own is graded there."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from existing import hand_in, nbgrader
from nbgrader.api import Gradebook
from tests_support import ROOT, run_grader
from workers import made_once

from grader.adopt import adopt, plan
from grader.author.cells import solution_lines, solved, source_notebook
from grader.folder import CourseFolder
from grader.nbgrader.course import course_api

OURS, OTHERS = "04_softmax", "lab1"
STUDENTS = ("ada", "bob")
STEPS = ("submitted", "autograded", "feedback")
PLACES = (
    "source/header.ipynb",
    *(f"{step}/{OTHERS}" for step in ("source", "release")),
    *(f"{step}/{student}/{OTHERS}" for step in STEPS for student in STUDENTS),
)


def files(folder: Path) -> dict[str, bytes]:
    """All that the course has of the other assignment."""
    found = [path for place in PLACES for path in (folder / place, *(folder / place).rglob("*")) if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def rows(folder: Path) -> list[tuple[object, ...]]:
    """All rows of the gradebook that have to do with the other assignment, each behind its table; and all students."""
    with closing(sqlite3.connect(f"file:{folder / 'gradebook.db'}?mode=ro", uri=True)) as book:
        tables = [name for (name,) in book.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        held = [(table, *row) for table in tables for row in book.execute(f'SELECT * FROM "{table}"')]
    known = {row[1] for row in held if row[0] == "assignment" and OTHERS in row}
    before = -1
    while before != len(known):  # an id leads to the rows that name it, and their ids further
        before = len(known)
        known |= {row[1] for row in held if known & set(row[1:]) and len(str(row[1])) == 32}
    return sorted((row for row in held if row[0] == "student" or known & set(row[1:])), key=repr)


def points(folder: Path, assignment: str) -> dict[str, float]:
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        return {each.student.id: each.score for each in book.assignment_submissions(assignment)}


@dataclass(frozen=True)
class Term:
    """A course that took the kit in, at two moments.

    graded: after the kit's assignment was released, graded and fed back. again: after the other one was, too, anew.
    """

    graded: Path
    again: Path


@pytest.fixture(scope="session")
def term(existing_course, tmp_path_factory) -> Term:
    def go_on(place: Path) -> None:
        folder = place / "graded"
        shutil.copytree(existing_course, folder)
        adopt(plan(folder, ROOT, (OURS,)))
        done = run_grader(folder, "release", OURS)
        assert done.returncode == 0, done.stderr
        course = CourseFolder(folder)
        hand_in(folder, OURS, "ada", course.released_notebook(OURS))
        hand_in(folder, OURS, "bob", solved(course, OURS))
        for command in ("autograde", "feedback"):
            done = run_grader(folder, command, OURS)
            assert done.returncode == 0, done.stderr
        shutil.copytree(folder, place / "again")
        for command in ("generate_assignment", "autograde", "generate_feedback"):
            nbgrader(place / "again", command, OTHERS, "--force")

    place = made_once(tmp_path_factory, "adopted", go_on)
    return Term(place / "graded", place / "again")


def test_what_is_compared_is_all_of_it(existing_course):
    assert len(files(existing_course)) == 15
    assert {row[0] for row in rows(existing_course)} >= {"assignment", "student", "grade", "comment", "source_cell"}
    assert points(existing_course, OTHERS) == {"ada": 1.5, "bob": 3.5}


def test_the_kit_changes_no_file_and_no_row_of_the_other_assignment(term, existing_course):
    assert files(term.graded) == files(existing_course)
    assert rows(term.graded) == rows(existing_course)


def test_the_other_assignment_is_released_anew_as_before(term, existing_course):
    """With the course's own stub, marks, header and step."""
    name = f"release/{OTHERS}/{OTHERS}.ipynb"
    assert files(term.again)[name] == files(existing_course)[name]
    assert b"your turn" in files(term.again)[name]


def test_the_other_assignment_is_graded_anew_as_before(term, existing_course):
    """By the course's own way to run notebooks; points given by hand and comments are kept."""
    assert rows(term.again) == rows(existing_course)
    for student in STUDENTS:
        before, after = (_timeless(folder, student) for folder in (existing_course, term.again))
        assert after == before
        assert after["metadata"]["ran"] == "patiently"


def _timeless(folder: Path, student: str) -> dict[str, object]:
    """An autograded notebook without the times at which its cells ran."""
    notebook = json.loads((folder / "autograded" / student / OTHERS / f"{OTHERS}.ipynb").read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        cell["metadata"].pop("execution", None)
    return notebook


def test_the_other_assignments_feedback_is_nbgraders_page_as_before(term, existing_course):
    pages = [name for name in files(existing_course) if name.endswith(".html")]
    assert len(pages) == 2
    assert {name: files(term.again)[name] for name in pages} == {name: files(existing_course)[name] for name in pages}
    assert b'class="anchor-link"' in files(term.again)[pages[0]]


def test_the_kits_assignment_is_graded_in_the_course(term):
    assert points(term.graded, OURS) == {"ada": 0.0, "bob": 8.0}
    page = (term.graded / "feedback" / "bob" / OURS / f"{OURS}.html").read_text(encoding="utf-8")
    assert "8 of 8" in re.sub(r"<[^>]*>", "", page)
    assert 'class="anchor-link"' not in page


def test_plain_nbgrader_gives_the_same_points(term, tmp_path):
    folder = Path(shutil.copytree(term.graded, tmp_path / "plain"))
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        book.remove_submission(OURS, "bob")
    nbgrader(folder, "autograde", OURS, "--student", "bob", "--force")
    assert points(folder, OURS) == {"ada": 0.0, "bob": 8.0}


def test_the_kits_stub_stands_where_the_course_has_other_marks(term):
    released = (term.graded / "release" / OURS / f"{OURS}.ipynb").read_text(encoding="utf-8")
    assert "raise NotImplementedError" in released
    assert "your turn" not in released
    lines = solution_lines(source_notebook(CourseFolder(ROOT), OURS))
    assert lines
    assert [line for line in lines if line in released] == []
    assert "SOLUTION" not in released


def test_both_are_released_to_where_the_course_releases(term):
    assert sorted(each.name for each in (term.graded / "release").iterdir()) == [OURS, OTHERS]
    assert not (term.graded / "assignments").exists()


def test_formgrader_lists_both(term):
    with course_api(CourseFolder(term.graded)) as api:
        listed = {each["name"]: each for each in api.get_assignments()}
        students = {each["id"]: each["score"] for each in api.get_students()}
        bobs = {each["name"]: each["score"] for each in api.get_student_submissions("bob")}
    assert {name: (each["status"], each["num_submissions"]) for name, each in listed.items()} == {
        OURS: ("draft", 2),
        OTHERS: ("draft", 2),
    }
    assert students == {"ada": 1.5, "bob": 11.5}
    assert bobs == {OURS: 8.0, OTHERS: 3.5}


def test_the_exchange_of_the_course_takes_both(term, tmp_path):
    folder = Path(shutil.copytree(term.graded, tmp_path / "exchanging"))
    (folder / "exchange").chmod(0o777)
    with course_api(CourseFolder(folder)) as api:
        assert [api.release_assignment(each)["success"] for each in (OURS, OTHERS)] == [True, True]
    outbound = folder / "exchange" / "course101" / "outbound"
    assert sorted(each.name for each in outbound.iterdir()) == [OURS, OTHERS]
    kept = {hashlib.sha256(path.read_bytes()).hexdigest() for path in (outbound / OURS).iterdir()}
    assert kept == {hashlib.sha256(path.read_bytes()).hexdigest() for path in (folder / "release" / OURS).iterdir()}
