"""The same gradebook on a PostgreSQL server: names are taken in and read, and reading changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from classroom import ASSIGNMENT
from nbgrader.api import Student
from sqlalchemy import update

from grader.folder import CourseFolder
from grader.nbgrader.booked import Person, people, session
from grader.nbgrader.course import GradebookError
from grader.report.gradebook import book
from grader.roster import take_in

postgresql = pytest.importorskip("postgresql", reason="the driver is not installed: pip install grader[postgresql]")
pytestmark = pytest.mark.skipif(
    postgresql.programs() is None,
    reason="no PostgreSQL server is installed: no initdb on the path or in /usr/lib/postgresql",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Iterator[CourseFolder]:
    root = tmp_path_factory.mktemp("course")
    with postgresql.server() as server:
        server.sql("CREATE DATABASE book")
        config = f"c = get_config()\nc.CourseDirectory.db_url = {server.url('book')!r}\n"
        (root / "nbgrader_config.py").write_text(config)
        (root / "list.csv").write_text("id,first_name,last_name\nada,Ada,Lovelace\n")
        take_in(CourseFolder(root), root / "list.csv")
        yield CourseFolder(root)


def test_names_are_there(folder):
    found = book(folder, ASSIGNMENT)
    assert (found.problem, found.people, found.booked) == ("", {"ada": Person("Ada", "Lovelace")}, {})


def test_reading_cannot_write(folder):
    with pytest.raises(GradebookError, match="read-only transaction"), session(folder) as opened:
        opened.execute(update(Student).values(first_name="x"))
    with session(folder) as opened:
        assert people(opened)["ada"].first == "Ada"


def test_an_address_whose_driver_is_missing_is_told(folder, tmp_path):
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.db_url = 'nosuch://x/y'\n")
    assert book(CourseFolder(tmp_path), ASSIGNMENT).problem.startswith("no driver for the gradebook nosuch://x/y")
