"""What a class has come to, in gradebook and folders, in a form that two ways of recording can be compared by."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbgrader.api import Base
from sqlalchemy import create_engine, select

Rows = dict[str, list[dict[str, Any]]]


def url_of(course: Path) -> str:
    return f"sqlite:///{course}/gradebook.db"


def rows(url: str) -> Rows:
    """Every row of every table of a gradebook, sorted; in the place of each drawn id stands what it is the id of."""
    engine = create_engine(url)
    with engine.connect() as connection:
        tables = {
            table.name: connection.execute(select(table)).mappings().all() for table in Base.metadata.sorted_tables
        }
    engine.dispose()
    names: dict[str, str] = {}
    for table in ("assignment", "notebook", "base_cell", "source_cell", "submitted_assignment", "submitted_notebook"):
        for row in tables[table]:
            names[row["id"]] = _name(table, row, names)
    return {
        table: sorted((_named(table, row, names) for row in found), key=lambda row: sorted(map(str, row.items())))
        for table, found in tables.items()
    }


def _name(table: str, row: Any, names: dict[str, str]) -> str:
    own = [row[key] for key in ("name", "type", "student_id") if key in row]
    within = [names[row[key]] for key in ("assignment_id", "notebook_id") if names.get(row.get(key))]
    return ":".join([table, *own, *within])


def _named(table: str, row: Any, names: dict[str, str]) -> dict[str, Any]:
    own = {} if table in ("grade", "comment") else {"id": names.get(row["id"], row["id"])}
    return {**{key: names.get(value, value) for key, value in row.items() if key != "id"}, **own}


def scores(url: str, student: str) -> dict[str, dict[str, Any]]:
    """{cell: its grade} of one student."""
    return {row["cell_id"].split(":")[1]: row for row in rows(url)["grade"] if f":{student}:" in row["notebook_id"]}


def files(course: Path, *below: str) -> dict[str, tuple[int, bytes]]:
    """{path: its mode and content} of everything that recording writes; a folder has no content."""
    found = {}
    for folder in below or ("autograded", "verdicts"):
        for path in (course / folder).rglob("*"):
            found[str(path.relative_to(course))] = (path.stat().st_mode, path.read_bytes() if path.is_file() else b"")
    return found
