"""A list of students as a CSV file: nbgrader's own form, and what Moodle, Canvas and spreadsheets export."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.names import refusal
from grader.notebook.read import UnreadableNotebookError, read_bytes
from grader.panel.plain import inert

MAX_FIELD = 128
"""Characters of a field that nbgrader's tables hold."""

MAX_ROWS = 100_000
MOST_TOLD = 5

_COLUMNS = {
    "id": (
        *("studentid", "sisloginid", "loginid", "login", "username", "userid", "idnumber", "sisuserid"),
        *("anmeldename", "benutzername", "idnummer", "matrikelnummer", "id", "student"),
    ),
    "first": ("firstname", "givenname", "vorname", "prenom"),
    "last": ("lastname", "surname", "familyname", "nachname", "familienname", "nom"),
    "email": ("email", "emailaddress", "emailadresse", "mail"),
    "name": ("name", "fullname", "studentname", "student"),
}
"""Headers by what they hold, without spaces, signs and capitals; of several in a file the first counts. A Canvas
gradebook has an `ID` that means nothing outside of Canvas beside the `SIS Login ID`, and a `Student` that is a name."""

_ENCODINGS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


class RosterError(ValueError):
    """A file that is no list of students; the message says where and what to do."""


@dataclass(frozen=True)
class Entry:
    """One student of a list; what the list does not tell is empty."""

    id: str
    first: str = ""
    last: str = ""
    email: str = ""


@dataclass(frozen=True)
class Listed:
    """entries: by id, each once. without_id: lines that name nobody. column: the header that was taken for the id."""

    entries: tuple[Entry, ...]
    without_id: tuple[int, ...]
    column: str


def read_roster(path: Path, column: str = "") -> Listed:
    """The students in a file; RosterError when it cannot be read whole. column: the header of the ids, if not usual."""
    rows = _rows(decoded(path), path)
    headers = rows[0][1]
    places = _places(headers, column, path)
    found: dict[str, tuple[int, Entry]] = {}
    without: list[int] = []
    faults: list[str] = []
    for line, row in rows[1:]:
        entry = _entry(row, places)
        if not entry.id:
            without.append(line)
            continue
        before = found.setdefault(entry.id, (line, entry))
        if before[1] != entry:
            faults.append(
                f"line {line}: `{inert(entry.id, 60)}` is in line {before[0]} too, with another name or address"
            )
        faults += (f"line {line}: {fault}" for fault in _faults(entry))
    if faults:
        raise RosterError(f"`{_shown(path)}` was not taken in: {_first(faults)}. Correct the file and run this again.")
    if not found:
        raise RosterError(f"`{_shown(path)}` names no student. Write one in each line below the headers.")
    return Listed(tuple(entry for _, entry in found.values()), tuple(without), headers[places["id"]])


def decoded(path: Path) -> str:
    """The text of a file that a spreadsheet wrote; RosterError when it is none."""
    try:
        content = read_bytes(path.resolve())
    except UnreadableNotebookError:
        reason = "it is no file, cannot be opened, or is too large for a list"
        raise RosterError(f"`{_shown(path)}` cannot be read: {reason}. Name a CSV file.") from None
    encoding = next((name for mark, name in _ENCODINGS if content.startswith(mark)), "utf-8")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        remedy = "Save it as CSV with the encoding UTF-8."
        raise RosterError(f"`{_shown(path)}` is not UTF-8 text (line {line}). {remedy}") from None


def _rows(text: str, path: Path) -> list[tuple[int, list[str]]]:
    """(line, fields) of each line that is not empty, split by the sign that makes the most of the headers."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\n")
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=lambda sign: len(next(csv.reader([first], delimiter=sign), [])))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        rows = list(_numbered(reader))
    except csv.Error as error:
        raise RosterError(f"`{_shown(path)}` is no CSV (line {reader.line_num}: {error}). Export it again.") from None
    if not rows:
        raise RosterError(
            f"`{_shown(path)}` is empty. Its first line has to name the columns: id,first_name,last_name,email"
        )
    return rows


def _numbered(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    for count, row in enumerate(reader):
        if count > MAX_ROWS:
            raise csv.Error(f"more than {MAX_ROWS:,} lines")
        fields = [field.strip() for field in row]
        if any(fields):
            yield reader.line_num, fields  # type: ignore[attr-defined]


def _places(headers: Sequence[str], column: str, path: Path) -> dict[str, int]:
    """Where each column is; a name's column counts only where first and last name have none of their own."""
    plain = [_plain(each) for each in headers]
    places: dict[str, int] = {}
    for what, names in _COLUMNS.items():
        known = next((plain.index(name) for name in names if name in plain), None)
        if known is not None:
            places[what] = known
    if column:
        if column not in headers:
            raise RosterError(f"`{_shown(path)}` has no column `{inert(column, 60)}`; it has {_told(headers)}")
        places["id"] = headers.index(column)
    if "id" not in places:
        what = f"none of the columns of `{_shown(path)}` is known to hold the ids ({_told(headers)})"
        raise RosterError(f"{what}; name the right one with --id COLUMN")
    if {"first", "last"} & places.keys() or places.get("name") == places["id"]:
        places.pop("name", None)
    return places


def _entry(row: Sequence[str], places: dict[str, int]) -> Entry:
    fields = {what: row[place] for what, place in places.items() if place < len(row)}
    if "name" in fields:
        fields["first"], fields["last"] = _parted(fields.pop("name"))
    return Entry(**{"id": "", **fields})


def _parted(name: str) -> tuple[str, str]:
    """First and last name of `Lovelace, Ada` and of `Ada Lovelace`."""
    if "," in name:
        last, _, first = name.partition(",")
        return first.strip(), last.strip()
    first, _, last = name.rpartition(" ")
    return first.strip(), last.strip()


def _faults(entry: Entry) -> Iterator[str]:
    reason = refusal(entry.id)
    if reason:
        told = reason.replace("the folder's name", "the id", 1).replace("Rename the folder", "Correct it")
        yield f"`{inert(entry.id, 60)}` cannot name a folder in submitted/: {told.rstrip('.')}"
    named = {"id": entry.id, "first name": entry.first, "last name": entry.last, "email": entry.email}
    for what, value in named.items():
        if len(value) > MAX_FIELD:
            yield f"the {what} has more than {MAX_FIELD} characters"
        if any(unicodedata.category(sign) == "Cc" for sign in value) and what != "id":
            yield f"the {what} holds a control character"


def _plain(header: str) -> str:
    return re.sub(r"[\W_]+", "", header).casefold()


def _told(headers: Sequence[str]) -> str:
    more = f" and {len(headers) - 12} more" if len(headers) > 12 else ""
    return ", ".join(f"`{inert(each, 40)}`" for each in headers[:12]) + more


def _first(faults: Sequence[str]) -> str:
    more = f"; and {len(faults) - MOST_TOLD} more" if len(faults) > MOST_TOLD else ""
    return "; ".join(faults[:MOST_TOLD]) + more


def _shown(path: Path) -> str:
    return inert(path.name, 100)
