"""The gradebook in a real PostgreSQL server: the same rows, read back by nbgrader's own API; faults are told."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path

import postgresql
import pytest
from books import files, rows, scores, url_of
from classes import (
    DUE,
    NAME,
    STUDENTS,
    configure,
    handed_in_at,
    handed_in_by,
    judged,
    record,
    set_by_hand,
    with_due_date,
)
from nbgrader.api import Gradebook
from sqlalchemy import event
from sqlalchemy.engine import Engine

from grader import autograde as autograding
from grader.folder import CourseFolder
from grader.jail.proofs import Protection
from grader.judge.submission import Finished
from grader.nbgrader.course import GradebookError, course_api, require_writable
from grader.nbgrader.recording import Recorder
from grader.release import release

pytestmark = pytest.mark.skipif(
    postgresql.programs() is None,
    reason="no PostgreSQL server is installed: no initdb on the path or in /usr/lib/postgresql",
)


@pytest.fixture(scope="module")
def server() -> Iterator[postgresql.Server]:
    with postgresql.server() as running:
        yield running


@pytest.fixture(scope="module")
def released_into(server, judged_class, tmp_path_factory) -> str:
    """A database that the assignment is released into, for others to be copied from."""
    course = Path(shutil.copytree(judged_class, tmp_path_factory.mktemp("released") / "course"))
    server.sql("CREATE DATABASE released")
    configure(course, f"c.CourseDirectory.db_url = {server.url('released')!r}")
    release(CourseFolder(course), (NAME,))
    return "released"


@pytest.fixture
def database(server, released_into, request) -> Iterator[str]:
    """A copy of it, of the test's own."""
    name = f"test_{abs(hash(request.node.name))}"
    server.sql(f"CREATE DATABASE {name} TEMPLATE {released_into}")
    yield name
    server.sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def course(new_course, server, database) -> Path:
    """A judged class whose gradebook is in that database."""
    found = new_course("postgresql")
    (found / "gradebook.db").unlink()
    configure(found, f"c.CourseDirectory.db_url = {server.url(database)!r}")
    return found


def a_term(course: Path, url: str) -> None:
    """Late, with an extension, graded by hand, handed in again."""
    configure(course, 'c.LateSubmissionPlugin.penalty_method = "zero"')
    with_due_date(url)
    for student in ("alan", "vera"):
        handed_in_at(course, student, DUE + timedelta(days=1))
    assert record(course, judged(course).values()) == {}
    set_by_hand(url, "ada")
    with_due_date(url, extended=["vera"])
    results = [handed_in_by(student, course, "alan" if student == "ada" else student) for student in STUDENTS]
    assert record(course, results) == {}


def test_a_class_comes_out_as_in_sqlite(course, new_course, server, database):
    other, url = new_course("sqlite"), server.url(database)
    a_term(course, url)
    a_term(other, url_of(other))
    assert rows(url) == rows(url_of(other))
    assert files(course) == files(other)


def test_nbgraders_own_api_reads_it_back(course, server, database):
    results = judged(course)
    with Gradebook(server.url(database), "from-network-to-regression") as book:
        book.add_assignment("another")
        assert record(course, results.values()) == {}
        for student, finished in results.items():
            verdict = finished.result.verdict
            for each in verdict.exercises:
                assert book.find_grade(f"test_{each.name}", NAME, NAME, student).auto_score == each.points
            assert book.find_submission(NAME, student).score == verdict.points
            untouched = student == "ursula"
            assert (book.find_comment("softmax", NAME, NAME, student).auto_comment == "No response.") is untouched
        totals = {each["student"]: each["score"] for each in book.submission_dicts(NAME)}
    assert totals == {student: finished.result.verdict.points for student, finished in results.items()}


def test_the_points_are_those_that_were_recorded(course):
    results = judged(course)
    folder = CourseFolder(course)
    with course_api(folder) as api, Recorder(api, folder, NAME) as recorder:
        assert recorder.points() == {}
        recorder.record(list(results.values()))
        points = recorder.points()
    assert set(points) == set(results)
    expected = {f"test_{each.name}": each.points for each in results["alan"].result.verdict.exercises}
    assert expected.items() <= points["alan"].items()


def test_a_server_that_stops_on_the_way_ends_the_run_and_the_next_one_goes_on(course, server, database):
    results = judged(course)
    folder = CourseFolder(course)
    with course_api(folder) as api, Recorder(api, folder, NAME) as recorder:
        assert recorder.record([results["ada"]]) == {}
        before, kept = rows(server.url(database)), results_of(course)
        server.stop()
        try:
            with pytest.raises(GradebookError, match=r"server.*run the command again: 1 students") as stopped:
                recorder.record([results["vera"], results["alan"]])
        finally:
            server.start()
    assert postgresql.PASSWORD not in str(stopped.value)
    assert "\n" not in str(stopped.value)
    assert rows(server.url(database)) == before
    assert results_of(course) == kept
    assert record(course, results.values()) == {}
    assert set(scores(server.url(database), "vera"))


class Judges:
    """Have judged the class already; `meanwhile` happens when so many results are given."""

    def __init__(self, results: dict[str, Finished], after: int, meanwhile: Callable[[], None]) -> None:
        self._results, self._after, self._meanwhile = results, after, meanwhile

    def wait_until_ready(self) -> Protection:
        return Protection(("namespaces", "landlock"), ("network closed",), ())

    def grade_all(self, works, started, stop):
        for number, work in enumerate(works):
            if number == self._after:
                self._meanwhile()
            yield work, self._results[work.student]


def test_a_whole_run_that_loses_its_server_is_gone_on_with(course, server, database, monkeypatch):
    """Each student is whole or not there; nothing that was judged is judged again."""
    monkeypatch.setattr(autograding, "BATCH", 2)
    results, folder = judged(course), CourseFolder(course)
    judges = Judges(results, after=4, meanwhile=server.stop)
    with pytest.raises(GradebookError, match="run the command again"):
        autograding.autograde(folder, NAME, judges=lambda: nullcontext(judges))
    server.start()
    there = {student for student in STUDENTS if scores(server.url(database), student)}
    assert there == {path.parts[1] for path in map(Path, results_of(course)) if path.parts[0] == "autograded"}
    assert 0 < len(there) < len(STUDENTS)
    rest = Judges(results, after=0, meanwhile=lambda: None)
    done = autograding.autograde(folder, NAME, judges=lambda: nullcontext(rest))
    assert {each.student: each.points for each in done.standings} == {
        student: each.result.verdict.points for student, each in results.items()
    }
    assert there <= done.unchanged
    assert all(scores(server.url(database), student) for student in STUDENTS)


def results_of(course: Path) -> dict[str, tuple[int, bytes]]:
    """Files alone: a folder that nothing came into is no result."""
    return {path: found for path, found in files(course).items() if found[1]}


def test_a_row_that_another_holds_for_long_ends_the_run(course, server, database):
    results = judged(course)
    assert record(course, [results["ada"]]) == {}
    other = postgresql.psycopg2.connect(server.url(database))
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT * FROM grade FOR UPDATE")
        with pytest.raises(GradebookError, match="lock timeout"):
            record(course, [results["ada"]])
    finally:
        other.close()
    assert record(course, [results["ada"]]) == {}


def test_nobody_changes_a_grade_between_what_it_reads_and_what_it_writes(course, server, database):
    results = judged(course)
    assert record(course, results.values()) == {}
    others: set[str] = set()

    def try_to_write(_connection, _cursor, statement, *_) -> None:
        if statement.startswith("SELECT grade.id"):
            try:
                server.sql("SET lock_timeout = '100ms'; UPDATE grade SET manual_score = 1", database)
                others.add("wrote")
            except postgresql.psycopg2.errors.LockNotAvailable:
                others.add("waits")

    event.listen(Engine, "after_cursor_execute", try_to_write)
    try:
        assert record(course, results.values()) == {}
    finally:
        event.remove(Engine, "after_cursor_execute", try_to_write)
    assert others == {"waits"}


def refused(course: Path) -> str:
    """What the check at the start of a run says."""
    with course_api(CourseFolder(course)) as api, pytest.raises(GradebookError) as raised:
        require_writable(api, NAME)
    words = str(raised.value)
    assert "\n" not in words
    assert postgresql.PASSWORD not in words
    assert "wrong-secret" not in words
    return words


def test_a_wrong_password(new_course, server):
    course = new_course()
    configure(course, f"c.CourseDirectory.db_url = {server.url('postgres', password='wrong-secret')!r}")
    words = refused(course)
    assert "password authentication failed" in words
    assert "Correct user and password" in words


def test_no_such_database(new_course, server):
    course = new_course()
    configure(course, f"c.CourseDirectory.db_url = {server.url('nowhere')!r}")
    assert "Create it (`createdb`)" in refused(course)


def test_no_server(new_course, tmp_path):
    course = new_course()
    configure(course, f"c.CourseDirectory.db_url = 'postgresql://grader:wrong-secret@/book?host={tmp_path}'")
    assert "Start its server" in refused(course)


def test_a_database_that_nothing_was_released_into(new_course, server):
    course = new_course()
    server.sql("CREATE DATABASE empty")
    configure(course, f"c.CourseDirectory.db_url = {server.url('empty')!r}")
    assert refused(course) == f"the gradebook does not hold `{NAME}`; run `grader release {NAME}`"
    with pytest.raises(postgresql.psycopg2.errors.UndefinedTable):  # and nobody made it
        server.sql("SELECT * FROM assignment", "empty")


def test_a_user_who_may_only_read(course, server, database):
    server.sql("CREATE USER reader PASSWORD 'wrong-secret'")
    try:
        server.sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader", database)
        configure(course, f"c.CourseDirectory.db_url = {server.url(database, 'reader', 'wrong-secret')!r}")
        words = refused(course)
    finally:
        server.sql("DROP OWNED BY reader", database)
        server.sql("DROP USER reader")
    assert "permission denied" in words
    assert "Let its user write into it" in words


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("postgresql://grader:wrong-secret@school@localhost/book", "%40"),
        ("nonsense wrong-secret", "is no address of a database"),
        ("postgresql://grader:wrong-secret@localhost:none/book", "is no address of a database"),
        ("postgres://grader:wrong-secret@localhost/book", "grader[postgresql]"),
        ("postgresql+nothing://grader:wrong-secret@localhost/book", "grader[postgresql]"),
    ],
)
def test_an_address_that_is_none(new_course, address, expected):
    course = new_course()
    configure(course, f"c.CourseDirectory.db_url = {address!r}")
    assert expected in refused(course)
