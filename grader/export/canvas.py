"""canvas: the CSV that Canvas' gradebook imports.

Canvas knows a student by `ID`, else by `SIS User ID` or `SIS Login ID`, and takes an empty cell for "no grade". So
nothing that Canvas has is made empty: a cell without points of ours stays what it was, and so do `EX` and `N/A`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from grader.export.grades import Grades, Line
from grader.export.matching import MOST_NAMED, Matched, matched
from grader.export.selection import ExportError, Selection
from grader.export.sheet import Sheet, number, read_sheet, table, text
from grader.export.written import Written
from grader.panel.plain import inert
from grader.remarks import few

HEADERS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
IDENTITY = ("Student", "LastName", "FirstName", *HEADERS[1:4], "Integration ID", "Root Account", "Section")
"""What Canvas may write before the first assignment; columns of a teacher's own come after `Section`."""

POINTS_POSSIBLE = "Points Possible"
_MATCH_BY = ("SIS Login ID", "SIS User ID", "Integration ID", "ID")
_TITLE_AND_ID = re.compile(r"(.*?)\s*\((\d+)\)", re.DOTALL)
_LEFT_ALONE = frozenset({"ex", "n/a"})


def write(grades: Grades, chosen: Selection) -> Written:
    """With a roster its own identity columns, byte for byte, and ours; without one what Canvas can match by a login."""
    if chosen.roster is None:
        return Written(table(_from_nothing(grades)), ("give --roster FILE to match by Canvas' own ids",))
    sheet = read_sheet(chosen.roster)
    identity = _identity(sheet)
    ours = _ours(sheet, grades.assignment, chosen.column)
    found = matched(sheet, grades, _MATCH_BY)
    rows = [(*(sheet.headers[each] for each in identity), _header(sheet, ours, grades))]
    if not any(_is_points_possible(row) for row in sheet.rows):
        rows.append((*_first(f"    {POINTS_POSSIBLE}", len(identity)), number(grades.most)))
    for row, line in zip(sheet.rows, found.lines, strict=True):
        rows.append((*(sheet.cell(row, each) for each in identity), _cell(sheet, row, ours, line, grades)))
    return Written(table(rows, sheet.delimiter), tuple(_said(sheet, found, ours, grades)))


def _from_nothing(grades: Grades) -> Iterator[tuple[str, ...]]:
    yield (*HEADERS, text(grades.assignment))
    yield (*_first(f"    {POINTS_POSSIBLE}", len(HEADERS)), number(grades.most))
    for each in grades.lines:
        yield text(each.person.shown or each.student), "", "", text(each.student), "", number(each.score)


def _first(value: str, length: int) -> tuple[str, ...]:
    return (value, *[""] * (length - 1))


def _identity(sheet: Sheet) -> tuple[int, ...]:
    names = [each.strip() for each in sheet.headers]
    lacking = [each for each in ("ID", "Section") if each not in names]
    if "Student" not in names and not {"LastName", "FirstName"} <= set(names):
        lacking.insert(0, "Student")
    if lacking:
        columns = ", ".join(f"`{each}`" for each in lacking)
        raise ExportError(
            f"`{sheet.name}` is no gradebook as Canvas exports it: it lacks {columns}; it has {sheet.told_headers()}. "
            "Export the gradebook in Canvas, with its columns in English, and name that file"
        )
    return tuple(i for i, name in enumerate(names) if name in IDENTITY)


def _ours(sheet: Sheet, assignment: str, column: str) -> int | None:
    """Which column takes the points; None for a new one."""
    if column:
        place = sheet.place(column)
        if place is None:
            raise ExportError(f"`{sheet.name}` has no column `{inert(column, 60)}`; it has {sheet.told_headers()}")
        return place
    found = [i for i, header in enumerate(sheet.headers) if _title(header) == assignment.casefold()]
    if len(found) > 1:
        raise ExportError(
            f"`{sheet.name}` has {len(found)} columns called `{assignment}`; name the right one with --column HEADER"
        )
    return found[0] if found else None


def _title(header: str) -> str:
    parts = _TITLE_AND_ID.fullmatch(header.strip())
    return (parts[1] if parts else header.strip()).casefold()


def _header(sheet: Sheet, ours: int | None, grades: Grades) -> str:
    return text(grades.assignment) if ours is None else sheet.headers[ours]


def _is_points_possible(row: Sequence[str]) -> bool:
    return bool(row) and POINTS_POSSIBLE in row[0]


def _cell(sheet: Sheet, row: Sequence[str], ours: int | None, line: Line | None, grades: Grades) -> str:
    before = sheet.cell(row, ours)
    if ours is None and _is_points_possible(row):
        return number(grades.most)
    if line is None or line.score is None or before.strip().casefold() in _LEFT_ALONE:
        return before
    return number(line.score)


def _said(sheet: Sheet, found: Matched, ours: int | None, grades: Grades) -> Iterator[str]:
    yield from found.said(grades)
    if ours is None:
        yield f"the file has no column `{grades.assignment}`: Canvas will make a new assignment; --column names another"
    possible = next((sheet.cell(row, ours) for row in sheet.rows if _is_points_possible(row)), "")
    if ours is not None and possible.strip() and _as_number(possible) != grades.most:
        most = number(grades.most)
        yield f"Canvas counts to {inert(possible, 20)}, the gradebook to {most}: points go in as they are"
    pairs = [(line, sheet.cell(row, ours).strip()) for row, line in zip(sheet.rows, found.lines, strict=True) if line]
    left = [line.student for line, cell in pairs if cell.casefold() in _LEFT_ALONE and line.score is not None]
    if left:
        yield f"left as Canvas has them, EX or N/A ({len(left)}): {few(left, MOST_NAMED)}"


def _as_number(value: str) -> float | None:
    try:
        return float(value.strip().replace(",", "."))
    except ValueError:
        return None
