"""A gradebook that others use meanwhile: short locks are waited for, long ones end the run in one sentence."""

from __future__ import annotations

import errno
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from books import files, rows, scores, url_of
from classes import NAME, configure, handed_in_by, judged, record
from nbgrader.api import Gradebook
from sqlalchemy import event
from sqlalchemy.engine import Engine

from grader.folder import CourseFolder
from grader.nbgrader import files as nbgrader_files
from grader.nbgrader.course import GradebookError, course_api
from grader.nbgrader.recording import Recorder

READER, WRITER = "BEGIN; SELECT count(*) FROM grade", "BEGIN IMMEDIATE"


@contextmanager
def used(course: Path, how: str) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(course / "gradebook.db", isolation_level=None, check_same_thread=False)) as book:
        for statement in how.split("; "):
            book.execute(statement).fetchall()
        yield book


@pytest.mark.parametrize("how", [READER, WRITER])
def test_a_short_lock_is_waited_for(new_course, how):
    course = new_course()
    with used(course, how) as book:
        release = threading.Timer(0.5, book.rollback)
        release.start()
        assert record(course, judged(course).values()) == {}
        release.join()
    assert scores(url_of(course), "ada")


@pytest.mark.parametrize("how", [READER, WRITER])
def test_a_long_lock_ends_in_one_sentence_and_nothing_is_half_written(new_course, how):
    course = new_course()
    results = judged(course)
    assert record(course, [results["ada"]]) == {}
    before, kept = rows(url_of(course)), files(course)
    batch = [handed_in_by("ada", course, "alan"), results["vera"]]
    with used(course, how), pytest.raises(GradebookError, match=r"locked.*run the command again: 0 students"):
        record(course, batch)
    assert rows(url_of(course)) == before
    assert {path: each for path, each in files(course).items() if not path.endswith("vera")} == kept
    assert record(course, batch) == {}
    assert scores(url_of(course), "vera")


def test_a_long_lock_stops_nbgraders_own_converter_for_everybody_too(new_course):
    course = new_course()
    configure(course, "c.OverwriteCells.add_missing_cells = True")
    results = judged(course)
    with used(course, WRITER), pytest.raises(GradebookError, match=r"locked.*run the command again: 0 students"):
        record(course, [results["ada"], results["vera"]])
    assert record(course, [results["ada"], results["vera"]]) == {}


def test_nobody_writes_between_what_it_reads_and_what_it_writes(new_course):
    course = new_course()
    others: set[str] = set()

    def try_to_write(_connection, _cursor, statement, *_) -> None:
        if "FROM student" in statement:  # the first thing that it reads
            with closing(sqlite3.connect(course / "gradebook.db", timeout=0)) as book:
                try:
                    book.execute("UPDATE grade SET manual_score = 1")
                    others.add("wrote")
                except sqlite3.OperationalError:
                    others.add("waits")

    event.listen(Engine, "after_cursor_execute", try_to_write)
    try:
        assert record(course, judged(course).values()) == {}
    finally:
        event.remove(Engine, "after_cursor_execute", try_to_write)
    assert others == {"waits"}


def test_formgrader_reads_and_writes_meanwhile(new_course):
    """Staff look at the class and set scores by hand all the time while it is recorded again and again."""
    course = new_course()
    results = list(judged(course).values())
    assert record(course, results) == {}
    folder, stop = CourseFolder(course), threading.Event()
    given: dict[str, float] = {}
    staff = _Staff(lambda: _look_and_score(course, given, len(given)), stop)
    with course_api(folder) as api, Recorder(api, folder, NAME) as recorder:
        staff.start()
        for _ in range(5):
            assert recorder.record(results) == {}
        stop.set()
        staff.join()
    assert staff.failure is None
    assert given
    for student, points in given.items():
        grade = scores(url_of(course), student)["essay"]
        assert (grade["manual_score"], grade["needs_manual_grade"]) == (points, True)


class _Staff(threading.Thread):
    def __init__(self, work: Callable[[], None], stop: threading.Event) -> None:
        super().__init__()
        self._work, self._stopped = work, stop
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            while not self._stopped.is_set():
                self._work()
        except BaseException as error:
            self.failure = error


def _look_and_score(course: Path, given: dict[str, float], number: int) -> None:
    with Gradebook(url_of(course), "from-network-to-regression") as book:
        submissions = book.assignment_submissions(NAME)
        student = submissions[number % len(submissions)].student_id
        grade = book.find_grade("essay", NAME, NAME, student)
        grade.manual_score = given[student] = float(number % 3)
        book.db.commit()
    time.sleep(0.01)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EROFS])
def test_a_disk_that_takes_no_more_stops_everybody(new_course, monkeypatch, code):
    course = new_course()
    results = judged(course)
    count = 0

    def copyfile(source, copy):
        nonlocal count
        count += 1
        if count == 3:
            raise OSError(code, "no more")
        Path(copy).write_bytes(Path(source).read_bytes())

    monkeypatch.setattr(nbgrader_files.shutil, "copyfile", copyfile)
    with pytest.raises(GradebookError, match="run the command again"):
        record(course, results.values())
    monkeypatch.undo()
    assert scores(url_of(course), "ada") == {}
    assert not [path for path in files(course) if ".draft" in path]
    assert record(course, results.values()) == {}
