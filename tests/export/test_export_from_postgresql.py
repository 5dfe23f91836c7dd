"""The same gradebook on a PostgreSQL server gives the same export."""

from __future__ import annotations

import pytest
from exported_class import NAME, OTHER, make, read

from grader.export.gathered import gathered
from grader.export.selection import Selection
from grader.folder import CourseFolder
from grader.nbgrader.booked import session

postgresql = pytest.importorskip("postgresql", reason="the driver is not installed: pip install grader[postgresql]")
pytestmark = pytest.mark.skipif(
    postgresql.programs() is None,
    reason="no PostgreSQL server is installed: no initdb on the path or in /usr/lib/postgresql",
)


def test_everything_is_read_as_from_a_file(class_root, tmp_path):
    with postgresql.server() as server:
        server.sql("CREATE DATABASE book ENCODING 'UTF8' TEMPLATE template0")
        folder = CourseFolder(make(tmp_path / "course", server.url("book")))
        for assignment in (NAME, OTHER):
            with session(folder) as opened:
                assert gathered(folder, opened, Selection(assignment)) == read(class_root, assignment)
        assert not (folder.root / "gradebook.db").exists()
