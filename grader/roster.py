"""Names of students: taken into nbgrader's gradebook from a list, and shown beside what they handed in."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbgrader.api import Student
from rich.console import Console
from rich.table import Table
from rich.text import Text
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from grader import course
from grader.folder import CourseFolder
from grader.names import refusal
from grader.nbgrader.booked import Person, people, session
from grader.nbgrader.course import GradebookError, NoGradebookError, course_api, open_gradebook, plain_reason
from grader.panel.plain import inert
from grader.remarks import few, shown_name
from grader.roster_file import Entry, Listed, read_roster

MOST_NAMED = 20


@dataclass(frozen=True)
class Taken:
    """What a list changed: how many students are new, how many have other names or addresses, how many stayed."""

    new: int
    changed: int
    same: int
    listed: Listed


@dataclass(frozen=True)
class Roster:
    """Who is known, and who handed in which assignments, those that are not the kit's after it; their names are text
    from strangers. unknown: of whom only the folders tell.
    """

    people: dict[str, Person]
    handed_in: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def absent(self) -> tuple[str, ...]:
        """Known by a list, and handed in nothing."""
        return tuple(each for each in sorted(self.people) if each not in self.handed_in)

    @property
    def unknown(self) -> tuple[str, ...]:
        """Handed in, and in no list: grading alone puts an id into the gradebook, but no name."""
        return tuple(each for each in sorted(self.handed_in) if not _is_listed(self.people.get(each, Person())))

    @property
    def everybody(self) -> tuple[str, ...]:
        """By name, then by id."""
        found = self.people.keys() | self.handed_in.keys()
        return tuple(sorted(found, key=lambda each: (self._shown(each).casefold(), each)))

    def _shown(self, student: str) -> str:
        return self.people.get(student, Person()).shown or student

    def to_json(self) -> dict[str, Any]:
        """Plain data; names are text from strangers."""
        return {
            "students": [
                {
                    "student": each,
                    **vars(self.people.get(each, Person())),
                    "handed_in": list(self.handed_in.get(each, ())),
                }
                for each in self.everybody
            ],
            "handed_in_nothing": list(self.absent),
            "unknown": list(self.unknown),
        }


def take_in(folder: CourseFolder, path: Path, column: str = "") -> Taken:
    """Writes the students of a file into the gradebook, all or none; nobody is deleted, no name made empty.

    RosterError says what is wrong with the file, GradebookError what with the gradebook. column: the header of the
    ids, where it is none of the usual.
    """
    listed = read_roster(path, column)
    with course_api(folder) as api, closing(open_gradebook(api)) as gradebook:
        try:
            taken = _merge(gradebook.db, listed)
            gradebook.db.commit()
        except SQLAlchemyError as error:
            gradebook.db.rollback()
            raise GradebookError(
                f"the gradebook could not be written: {plain_reason(error)}. Nothing was changed; mend that and run "
                "this again."
            ) from None
    return taken


def _merge(database: Any, listed: Listed) -> Taken:
    known: dict[str, Any] = {each.id: each for each in database.scalars(select(Student))}
    new = changed = 0
    for entry in listed.entries:
        student = known.get(entry.id)
        if student is None:
            database.add(Student(id=entry.id, **_fields(entry)))
            new += 1
        elif any(getattr(student, name) != value for name, value in _fields(entry).items()):
            for name, value in _fields(entry).items():
                setattr(student, name, value)
            changed += 1
    return Taken(new, changed, len(listed.entries) - new - changed, listed)


def _fields(entry: Entry) -> dict[str, str]:
    """What the list tells; an empty field says nothing, and changes nothing."""
    fields = {"first_name": entry.first, "last_name": entry.last, "email": entry.email}
    return {name: value for name, value in fields.items() if value}


def roster(folder: CourseFolder) -> Roster:
    """Everybody in the gradebook or in `submitted/`; where there is no gradebook, nobody has a name."""
    handed_in: dict[str, list[str]] = {}
    for assignment in course.assignments():
        for student in folder.students(assignment):
            handed_in.setdefault(student, []).append(assignment)
    for student, others in _others(folder):
        handed_in.setdefault(student, []).extend(others)
    try:
        with session(folder) as opened:
            known = people(opened)
    except NoGradebookError:
        known = {}
    return Roster(known, {student: tuple(names) for student, names in handed_in.items()})


def _others(folder: CourseFolder) -> Iterator[tuple[str, list[str]]]:
    """(student, names) of what was handed in beside the kit's assignments: nbgrader courses are shared."""
    ours, root = set(course.assignments()), folder.root / "submitted"
    for place in sorted(root.iterdir()) if root.is_dir() else ():
        if not place.name.startswith(".") and not refusal(place.name) and not place.is_symlink():
            others = sorted(each for each in _folders(place) if each not in ours)
            if others:
                yield place.name, others


def _folders(place: Path) -> Iterator[str]:
    """Names of the folders in a student's folder; a student who cannot be read there has none."""
    with contextlib.suppress(OSError), os.scandir(place) as entries:
        yield from (
            each.name for each in entries if not each.name.startswith(".") and each.is_dir(follow_symlinks=False)
        )


def _is_listed(person: Person) -> bool:
    return person.is_named or bool(person.email)


def show_roster(found: Roster, console: Console | None = None) -> None:
    """A table of everybody, then who handed in nothing, and who handed in but is in no list."""
    console = console or Console()
    table = Table()
    for header in ("student", "name", "handed in"):
        table.add_column(header, overflow="fold")
    for each in found.everybody:
        names = few(found.handed_in.get(each, ()), MOST_NAMED) or "nothing"
        table.add_row(Text(shown_name(each)), Text(shown_name(found.people.get(each, Person()).shown)), Text(names))
    if table.row_count:
        console.print(table)
    for line in _below(found):
        console.print(Text(line), soft_wrap=True)


def _below(found: Roster) -> Iterator[str]:
    if not found.everybody:
        yield "nobody is in the gradebook, and nobody handed in; `grader roster FILE.csv` takes in a list of students"
        return
    yield f"{_students(len(found.people))} in the gradebook, {len(found.handed_in)} handed something in"
    if found.absent:
        yield f"handed in nothing ({len(found.absent)}): {few(found.absent, MOST_NAMED)}"
    if found.unknown and any(map(_is_listed, found.people.values())):
        remedy = "rename their folders, or add them to the list and take it in again"
        yield f"handed in, but in no list ({len(found.unknown)}): {few(found.unknown, MOST_NAMED)}; {remedy}"
    elif found.unknown:
        yield "no list was taken in yet, so nobody has a name: `grader roster FILE.csv`"


def print_roster(found: Roster) -> None:
    """One JSON document on stdout."""
    json.dump(found.to_json(), sys.stdout, indent=1)
    sys.stdout.write("\n")


def show_taken(taken: Taken, found: Roster, console: Console | None = None) -> None:
    """What a list changed, and whom it does not fit: an `id` that is no folder's name fits nobody."""
    console = console or Console()
    for line in (*_about(taken), *_below(found)):
        console.print(Text(line), soft_wrap=True)


def _about(taken: Taken) -> Iterator[str]:
    column = inert(taken.listed.column, 60)
    yield f"{taken.new} new, {taken.changed} changed, {taken.same} as before; ids from the column `{column}`"
    lines = taken.listed.without_id
    if lines:
        yield f"left out, since there is no id in them: {_lines(lines)}"


def _lines(lines: Sequence[int]) -> str:
    more = f" and {len(lines) - MOST_NAMED} more" if len(lines) > MOST_NAMED else ""
    return f"line{'s' if len(lines) > 1 else ''} {', '.join(map(str, lines[:MOST_NAMED]))}{more}"


def _students(count: int) -> str:
    return f"{count} student{'s are' if count != 1 else ' is'}"
