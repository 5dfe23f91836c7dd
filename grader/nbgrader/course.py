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
from urllib.parse import quote

from nbgrader.api import Assignment, Gradebook, MissingEntry
from nbgrader.apps import NbGraderAPI
from nbgrader.apps.baseapp import NbGrader
from nbgrader.coursedir import CourseDirectory
from sqlalchemy import create_engine, false, inspect, update
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SAWarning, SQLAlchemyError
from sqlalchemy.orm import Session

from grader.folder import CourseFolder
from grader.panel.plain import inert

LOCK_SECONDS = 2.0
CONNECT_SECONDS = 10
"""How long a server may take to answer before the command says that it does not."""

_ADDRESS = "`CourseDirectory.db_url` in nbgrader_config.py"
_REMEDIES = (
    ("authentication|no password supplied|role .* does not exist|pg_hba", f"Correct user and password in {_ADDRESS}."),
    ("database .* does not exist", f"Create it (`createdb`), or correct its name in {_ADDRESS}."),
    ("permission denied|read-only transaction", "Let its user write into it, and run the command again."),
    ("is locked|disk|readonly", "Close what uses it, or make room on its disk, and run the command again."),
    ("not a database|malformed", "Restore it from a backup."),
    ("no such (table|column)|has no column", "Make a copy of it, and run `nbgrader db upgrade`."),
    ("", f"Start its server, or correct host and port in {_ADDRESS}, and run the command again."),
)
"""The first whose pattern is found in what the database said."""


class GradebookError(RuntimeError):
    """The gradebook, or the folders beside it, cannot be used as they are; the message says why and what to do."""


class NoGradebookError(GradebookError):
    """There is none yet."""


class ConversionError(RuntimeError):
    """nbgrader could not build or grade something; the message holds the end of its log."""


class LayoutError(ValueError):
    """A course that is laid out in a way that the kit does not follow; the message names the setting."""


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


def require_layout(api: NbGraderAPI, release_directory: str) -> None:
    """LayoutError where a course is configured to keep its work elsewhere than the kit looks for it."""
    wanted = {
        "source_directory": "source",
        "release_directory": release_directory,
        "submitted_directory": "submitted",
        "autograded_directory": "autograded",
        "feedback_directory": "feedback",
        "directory_structure": CourseDirectory.directory_structure.default_value,
    }
    for setting, value in wanted.items():
        if (found := getattr(api.coursedir, setting)) != value:
            raise LayoutError(
                f"this course sets `CourseDirectory.{setting}` to `{inert(str(found))}`, and the kit works only "
                f"with `{value}`: take the setting out, or give the kit a course folder of its own"
            )


def require_success(result: dict[str, Any], what: str) -> None:
    """Raises ConversionError with the last lines of nbgrader's log unless it says that it succeeded."""
    if not result["success"]:
        log = f"{result.get('log') or ''}\n{result.get('error') or ''}"
        causes = re.findall(r"^\s*((?:[\w.]+(?:Error|Exception)): .+)$", log, re.MULTILINE)
        raise ConversionError(f"nbgrader could not {what}: {causes[0] if causes else log.strip()[-300:]}")


def require_writable(api: NbGraderAPI, assignment: str) -> None:
    """GradebookError unless the gradebook can be written now and holds the released assignment."""
    url = _address(api)
    if url.get_backend_name() != "sqlite":
        _require_server(url, assignment)
    elif url.database:
        _require_sqlite(url.database)
    with closing(open_gradebook(api)) as gradebook:
        try:
            gradebook.find_notebook(assignment, assignment)
        except MissingEntry:
            raise not_released(assignment) from None
        except SQLAlchemyError as error:
            raise _unusable(url, error) from None


def not_released(assignment: str) -> GradebookError:
    return GradebookError(f"the gradebook does not hold `{assignment}`; run `grader release {assignment}`")


def open_gradebook(api: NbGraderAPI) -> Gradebook:
    """nbgrader's own gradebook, for the caller to close; GradebookError when it cannot be opened."""
    url = _address(api)
    try:
        return Gradebook(api.coursedir.db_url, api.coursedir.course_id)
    except SQLAlchemyError as error:
        raise _unusable(url, error) from None


@contextmanager
def reading(api: NbGraderAPI) -> Iterator[Session]:
    """A session that can only read the gradebook; GradebookError where there is none, or it cannot be read."""
    url = _address(api)
    if url.get_backend_name() == "sqlite":
        path = Path(api.coursedir.root, url.database or "").resolve()
        if not path.is_file():
            raise NoGradebookError(f"there is no gradebook at {path}; run `grader release` in the course folder")
        engine = create_engine(f"sqlite:///file:{quote(str(path))}?mode=ro&uri=true")
    else:
        engine = _engine(url).execution_options(postgresql_readonly=True)
    try:
        with Session(engine) as session:
            yield session
    except SQLAlchemyError as error:
        raise _unusable(url, error) from None
    finally:
        engine.dispose()


def plain_reason(error: Exception) -> str:
    """The first line of what an error says, without the name of the database's driver."""
    lines = str(error).strip().splitlines()
    return re.sub(r"^\([\w.]+\) ", "", lines[0]).rstrip(". ") if lines else type(error).__name__


def _address(api: NbGraderAPI) -> URL:
    """Where the gradebook is. What is no address, or not in its usual form, is not shown: it may hold a password."""
    try:
        url = make_url(api.coursedir.db_url)
    except (ArgumentError, ValueError):
        raise GradebookError(
            f"{_ADDRESS} is no address of a database; write sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME"
        ) from None
    if "@" in (url.host or ""):
        raise GradebookError(f"{_ADDRESS} holds more than one @; write the one in the password as %40")
    return url


def _require_server(url: URL, assignment: str) -> None:
    """GradebookError unless the database's server lets us in, and write into a gradebook that is there."""
    engine = _engine(url)
    try:
        with engine.connect() as connection:
            if not inspect(connection).has_table(Assignment.__tablename__):
                raise not_released(assignment)
            connection.execute(update(Assignment).where(false()).values(name=""))
            connection.rollback()
    except SQLAlchemyError as error:
        raise _unusable(url, error) from None
    finally:
        engine.dispose()


def _engine(url: URL) -> Engine:
    """For a database on a server; GradebookError where its driver is missing."""
    waits = url.get_backend_name() == "postgresql" and "connect_timeout" not in url.query
    try:
        return create_engine(url, connect_args={"connect_timeout": CONNECT_SECONDS} if waits else {})
    except (NoSuchModuleError, ImportError) as error:
        raise GradebookError(
            f"no driver for the gradebook {_shown(url)} is installed ({error}); for PostgreSQL, write an address that "
            "begins with postgresql:// and run `pip install grader[postgresql]`"
        ) from None


def _unusable(url: URL, error: SQLAlchemyError) -> GradebookError:
    reason = plain_reason(error)
    remedy = next(words for pattern, words in _REMEDIES if re.search(pattern, reason))
    return GradebookError(f"the gradebook {_shown(url)} cannot be used: {reason}. {remedy}")


def _shown(url: URL) -> str:
    """The address without what may be secret."""
    return url.set(password=None, query={}).render_as_string()


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
