"""Which line of another system's file is which student: by one column for all, never by a name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from grader.export.grades import Grades, Line
from grader.export.selection import ExportError
from grader.export.sheet import Sheet
from grader.panel.plain import inert
from grader.remarks import few

MOST_NAMED = 10


@dataclass(frozen=True)
class Matched:
    """column: the header that was matched by. lines: the student of each row, None for rows that are nobody's."""

    sheet: Sheet
    column: str
    lines: tuple[Line | None, ...]

    def said(self, grades: Grades) -> Iterator[str]:
        """How it was matched, and who was not."""
        found = {each.student for each in self.lines if each}
        yield f"matched {len(found)} of {len(grades.lines)} students by the column `{inert(self.column, 60)}`"
        lost = [each.student for each in grades.lines if each.student not in found and each.score is not None]
        if lost:
            yield f"have points, and no line in `{self.sheet.name}` ({len(lost)}): {few(lost, MOST_NAMED)}"


def matched(sheet: Sheet, grades: Grades, columns: Sequence[str]) -> Matched:
    """Matches by that of the columns which fits most students: an id of one column may be another's in the next.

    A value fits a student whose id or address it is. ExportError where nobody fits, or two lines are one student's.
    """
    ids, known = {each.student: each for each in grades.lines}, _keys(grades.lines)
    tried = [(name, place) for name in columns if (place := sheet.place(name)) is not None]
    fits = [
        (name, tuple(ids.get(each) or known.get(each.casefold()) for each in _values(sheet, i))) for name, i in tried
    ]
    nobody: tuple[str, tuple[Line | None, ...]] = ("", ())
    best = max(fits, key=lambda each: sum(line is not None for line in each[1]), default=nobody)
    if not any(best[1]):
        names = ", ".join(f"`{name}`" for name, _ in tried) or "none of them"
        raise ExportError(
            f"no line of `{sheet.name}` is a student of this assignment: looked into {names} of its columns "
            f"{sheet.told_headers()}. The ids there have to be the names of the folders in submitted/, or addresses "
            "that `grader roster` took in"
        )
    _require_distinct(sheet, best)
    return Matched(sheet, best[0], best[1])


def _keys(lines: Sequence[Line]) -> dict[str, Line]:
    """Ids and addresses, whatever their capitals; an address is never taken for an id, and what two share for one's."""
    ids = {each.student.casefold() for each in lines}
    addresses = ((each.person.email.casefold(), each) for each in lines)
    return {
        **_unshared((address, each) for address, each in addresses if address and address not in ids),
        **_unshared((each.student.casefold(), each) for each in lines),
    }


def _unshared(pairs: Iterable[tuple[str, Line]]) -> dict[str, Line]:
    found: dict[str, list[Line]] = {}
    for key, line in pairs:
        found.setdefault(key, []).append(line)
    return {key: lines[0] for key, lines in found.items() if len(lines) == 1}


def _values(sheet: Sheet, place: int) -> Iterator[str]:
    return (sheet.cell(row, place).strip() for row in sheet.rows)


def _require_distinct(sheet: Sheet, best: tuple[str, tuple[Line | None, ...]]) -> None:
    lines = Counter(each.student for each in best[1] if each)
    twice = sorted(student for student, count in lines.items() if count > 1)
    if twice:
        raise ExportError(
            f"`{sheet.name}` has several lines for {few(twice, MOST_NAMED)} in its column `{inert(best[0], 60)}`. "
            "Leave one of them in"
        )
