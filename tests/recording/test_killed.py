"""A writer that is killed at any moment leaves each student as before or as after; the next run mends the rest."""

from __future__ import annotations

import random
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from books import files, rows, scores, url_of
from classes import NAME, handed_in_by, judged, record
from killing import run

from grader.folder import CourseFolder
from grader.nbgrader.course import course_api
from grader.nbgrader.recording import Recorder

MOMENTS = 16
"""How many of the moments of a recording are tried; spread evenly, from a drawn beginning."""

STUDENTS = ("ada", "vera", "new")


@dataclass
class Whole:
    """A student's grades, folder and verdict."""

    grades: dict[str, Any]
    folder: dict[str, Any]
    verdict: dict[str, Any]


def of(course: Path, student: str) -> Whole:
    grades = {cell: row["auto_score"] for cell, row in scores(url_of(course), student).items()}
    found = files(course)
    folder = {path: each for path, each in found.items() if path.startswith(f"autograded/{student}/{NAME}")}
    verdict = f"verdicts/{NAME}/{student}.json"
    return Whole(grades, folder, {path: each for path, each in found.items() if path == verdict})


@pytest.fixture
def again(new_course):
    """A recorded class two of whom handed in again, with a third who is new; and the course as it must become."""
    course = new_course("before")
    assert record(course, judged(course).values()) == {}
    batch = [handed_in_by(*each) for each in (("ada", course, "alan"), ("vera", course, "ada"), ("new", course, "zip"))]
    after = Path(shutil.copytree(course, course.with_name("after")))
    assert record(after, batch) == {}
    return course, after, batch


@pytest.mark.parametrize("in_one_step", [True, False])
def test_a_writer_killed_at_any_moment_leaves_old_or_new(again, tmp_path, in_one_step):
    before, after, batch = again
    course = Path(shutil.copytree(before, tmp_path / "whole"))
    code, total = run(course, batch, in_one_step=in_one_step)
    assert code == 0
    assert total > 5 * MOMENTS
    step = total // MOMENTS
    for moment in (*range(random.randrange(1, step), total, step), *range(total - 12, total + 1)):
        course = Path(shutil.copytree(before, tmp_path / f"killed{moment}"))
        code, _ = run(course, batch, kill_at=moment, in_one_step=in_one_step)
        assert code == -signal.SIGKILL, moment
        if not in_one_step:
            swept(course)
        in_book = [require_old_or_new(course, before, after, student) for student in STUDENTS]
        assert len(set(in_book)) == 1, moment  # one transaction for all of them
        assert record(course, batch) == {}
        assert rows(url_of(course)) == rows(url_of(after)), moment
        assert files(course) == files(after), moment
        shutil.rmtree(course)


def swept(course: Path) -> None:
    """What a next run does first of all."""
    folder = CourseFolder(course)
    with course_api(folder) as api, Recorder(api, folder, NAME):
        pass


def require_old_or_new(course: Path, before: Path, after: Path, student: str) -> bool:
    """Each part of what a student has is old or new as a whole, and no file newer than the gradebook; is that new?"""
    now, old, new = (of(each, student) for each in (course, before, after))
    assert now.grades in (old.grades, new.grades)
    assert now.folder in (old.folder, new.folder)
    assert now.verdict in (old.verdict, new.verdict)
    is_new = now.grades == new.grades
    if not is_new:
        assert (now.folder, now.verdict) == (old.folder, old.verdict)
    return is_new


def test_what_a_killed_run_left_is_swept(new_course):
    course = new_course()
    assert record(course, judged(course).values()) == {}
    kept = files(course)
    drafts = [course / "autograded" / "ada" / f".{NAME}.draft", course / "verdicts" / NAME / ".drafts"]
    for draft in drafts:
        draft.mkdir()
        (draft / "half.ipynb").write_text("{")
    (course / "autograded" / "vera" / NAME).rename(course / "autograded" / "vera" / f".{NAME}.old")
    swept(course)
    assert files(course) == kept
