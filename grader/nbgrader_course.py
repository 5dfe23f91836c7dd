"""nbgrader itself, set up for one course folder: its API, its log as text, and a gradebook that can be written."""

from __future__ import annotations

import logging
import os
import re
import sqlite3
import sys
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps import NbGraderAPI
from nbgrader.apps.baseapp import NbGrader
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SAWarning, SQLAlchemyError

from grader.folder import CourseFolder

LOCK_SECONDS = 2.0


class GradebookError(RuntimeError):
    """The gradebook cannot be used as it is; the message says why and what to do. Nothing was written."""


class ConversionError(RuntimeError):
    """nbgrader could not build or grade something; the message holds the end of its log."""


@contextmanager
def course_api(folder: CourseFolder) -> Iterator[NbGraderAPI]:
    """nbgrader's API with the folder's own `nbgrader_config.py`; the working folder is the course meanwhile."""
    before, path = Path.cwd(), os.environ.get("PATH", os.defpath)
    os.chdir(folder.root)
    # nbgrader starts `alembic` by name when it makes a gradebook; it lies beside this Python
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{path}"
    # nbgrader logs a traceback for every database error that it raises as well
    twice = logging.getLogger("tornado.application")
    twice.addFilter(_nothing)  # `disabled` would be undone when the application sets up its logs
    try:
        # nbgrader 0.9.6 adds objects to its session by way of their relations, of which SQLAlchemy warns
        warnings.filterwarnings("ignore", category=SAWarning)
        app = NbGrader()
        app.initialize([])
        app.log.setLevel("ERROR")
        yield NbGraderAPI(coursedir=app.coursedir, parent=app)
    finally:
        NbGrader.clear_instance()
        twice.removeFilter(_nothing)
        os.environ["PATH"] = path
        os.chdir(before)


def _nothing(_record: logging.LogRecord) -> bool:
    return False


def require_success(result: dict[str, Any], what: str) -> None:
    """Raises ConversionError with the last lines of nbgrader's log unless it says that it succeeded."""
    if not result["success"]:
        log = f"{result.get('log') or ''}\n{result.get('error') or ''}"
        causes = re.findall(r"^\s*((?:[\w.]+(?:Error|Exception)): .+)$", log, re.MULTILINE)
        raise ConversionError(f"nbgrader could not {what}: {causes[0] if causes else log.strip()[-300:]}")


def require_writable(api: NbGraderAPI, assignment: str) -> None:
    """GradebookError unless the gradebook can be written now and holds the released assignment."""
    url = make_url(api.coursedir.db_url)
    if url.get_backend_name() == "sqlite" and url.database:
        _require_sqlite(url.database)
    try:
        with Gradebook(api.coursedir.db_url, api.coursedir.course_id) as gradebook:
            gradebook.find_notebook(assignment, assignment)
    except MissingEntry:
        raise GradebookError(f"the gradebook does not hold `{assignment}`; run `grader release {assignment}`") from None
    except SQLAlchemyError as error:
        reason = str(error).splitlines()[0]
        raise GradebookError(f"the gradebook {url.render_as_string()} cannot be opened: {reason}") from None


def _require_sqlite(path: str) -> None:
    file = Path(path).resolve()
    if not file.exists():
        raise GradebookError(f"there is no gradebook at {path}; run `grader release` in the course folder")
    if not os.access(file, os.W_OK) or not os.access(file.parent, os.W_OK):
        raise GradebookError(f"the gradebook {path} is read-only; make it and its folder writable")
    try:
        with closing(sqlite3.connect(path, timeout=LOCK_SECONDS)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.rollback()
    except sqlite3.OperationalError as error:
        raise GradebookError(
            f"the gradebook {path} cannot be written now ({error}); close what uses it and run the command again"
        ) from None
    except sqlite3.DatabaseError as error:
        raise GradebookError(f"{path} is no gradebook ({error}); restore it from a backup") from None
