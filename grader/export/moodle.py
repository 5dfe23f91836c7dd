"""moodle: a filled offline grading worksheet; without one, a CSV for Moodle's grade import.

Moodle's worksheet import passes over an empty grade, but its grade import takes one for "no grade" and stops
altogether at a student whom it does not know: there only those who have points are written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from grader.export.grades import Grades, Line, Mark, Part, Status
from grader.export.matching import MOST_NAMED, Matched, matched
from grader.export.selection import ExportError, Selection
from grader.export.sheet import Sheet, number, read_sheet, table, text
from grader.export.written import Written
from grader.panel.plain import inert
from grader.remarks import few

HEADERS = ("First name", "Last name", "ID number", "Email address")
"""Before the points and the feedback, which are called as the assignment; names as Moodle's own grade export has."""

_IDENTIFIER = ("Identifier", "ID", "Kennung")
_GRADE = ("Grade", "Bewertung")
_MODIFIED = ("Last modified (grade)", "Zuletzt geändert (Bewertung)")
_MOST = ("Maximum grade", "Höchste Bewertung", "Bestwertung")
_FEEDBACK = ("Feedback comments", "Feedback als Kommentar")
_CHANGEABLE = ("Grade can be changed",)
_MATCH_BY = ("ID number", "ID-Nummer", "Username", "Anmeldename", "Email address", "E-Mail-Adresse", *_IDENTIFIER)


def write(grades: Grades, chosen: Selection) -> Written:
    """With a roster the worksheet itself, with grades and empty feedback filled in and all else as it was."""
    if chosen.roster is None:
        left = [each.student for each in grades.lines if each.score is None]
        said = f"left out, since Moodle would take an empty cell for no grade ({len(left)}): {few(left, MOST_NAMED)}"
        return Written(table(_from_nothing(grades)), (said,) if left else ())
    sheet = read_sheet(chosen.roster)
    grade, feedback = _places(sheet, chosen.column)
    found = matched(sheet, grades, _MATCH_BY)
    rows = [sheet.headers]
    rows += (
        _filled(sheet, row, line, grade, feedback, grades) for row, line in zip(sheet.rows, found.lines, strict=True)
    )
    return Written(table(rows, sheet.delimiter), tuple(_said(sheet, found, grades)))


def comment(line: Line, grades: Grades) -> str:
    """What the student reads, as HTML, which Moodle takes it for: points by exercise, what went wrong, lateness."""
    said = [_part(each, line.mark(each)) for each in grades.parts]
    if line.penalty:
        said.append(f"{number(line.penalty)} off for being late")
    return escape(inert("; ".join(said), 2000), quote=False)


def _part(part: Part, mark: Mark) -> str:
    given = "not graded yet" if mark.points is None else f"{number(mark.points)} of {number(part.most)}"
    return f"{part.name}: {given}" + (f" ({mark.remark})" if mark.remark else "")


def _from_nothing(grades: Grades) -> Iterator[tuple[str, ...]]:
    name = text(grades.assignment)
    yield (*HEADERS, name, f"{name} (feedback)")
    for each in grades.lines:
        if each.score is not None:
            person = each.person
            about = (text(field) for field in (person.first, person.last, each.student, person.email))
            yield *about, number(each.score), text(comment(each, grades))


def _places(sheet: Sheet, column: str) -> tuple[int, int | None]:
    """Of grade and feedback; ExportError unless Moodle would know the file for its own worksheet."""
    grade = sheet.place(column) if column else sheet.place(*_GRADE)
    needed = {"Identifier": sheet.place(*_IDENTIFIER), column or "Grade": grade, _MODIFIED[0]: sheet.place(*_MODIFIED)}
    lacking = [f"`{inert(name, 60)}`" for name, place in needed.items() if place is None]
    if grade is None or lacking:
        raise ExportError(
            f"`{sheet.name}` is no grading worksheet as Moodle writes it: it lacks {', '.join(lacking)}; it has "
            f"{sheet.told_headers()}. Download the worksheet from the assignment's page in Moodle, and name that file"
        )
    return grade, sheet.place(*_FEEDBACK)


def _filled(
    sheet: Sheet, row: Sequence[str], line: Line | None, grade: int, feedback: int | None, grades: Grades
) -> tuple[str, ...]:
    if line is None or line.score is None:
        return tuple(row)
    filled = [*row, *[""] * (len(sheet.headers) - len(row))]
    filled[grade] = number(line.score)
    if feedback is not None and not filled[feedback].strip():
        filled[feedback] = text(comment(line, grades))
    return tuple(filled)


def _said(sheet: Sheet, found: Matched, grades: Grades) -> Iterator[str]:
    yield from found.said(grades)
    pairs = [(row, line) for row, line in zip(sheet.rows, found.lines, strict=True) if line and line.score is not None]
    most = sheet.place(*_MOST)
    above = [line.student for row, line in pairs if (line.score or 0.0) > _most(sheet.cell(row, most))]
    if above:
        yield f"more points than Moodle's maximum, which it passes over ({len(above)}): {few(above, MOST_NAMED)}"
    place = sheet.place(*_CHANGEABLE)
    fixed = [line.student for row, line in pairs if sheet.cell(row, place).strip().casefold() == "no"]
    if fixed:
        yield f"Moodle will not change these grades ({len(fixed)}): {few(fixed, MOST_NAMED)}"
    waiting = [line.student for _, line in pairs if line.status is Status.WAITS]
    if waiting:
        yield f"the feedback says that a part is not graded yet ({len(waiting)}): {few(waiting, MOST_NAMED)}"


def _most(cell: str) -> float:
    try:
        return float(cell.strip().replace(",", "."))
    except ValueError:
        return float("inf")
