"""Groups: each member gets the points of the one submission that the group handed in.

nbgrader knows no groups. A group hands in one folder, called by its name or by one of its members.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

from grader.export.grades import Line, Status
from grader.export.selection import ExportError
from grader.export.sheet import read_sheet
from grader.nbgrader.booked import Person
from grader.panel.plain import inert
from grader.remarks import few

COLUMNS = ("student", "group")


def read_groups(path: Path) -> dict[str, str]:
    """{student: group}; ExportError for a file that lacks a column, or has a student in two groups."""
    sheet = read_sheet(path)
    places = [sheet.place(each) for each in COLUMNS]
    if None in places:
        raise ExportError(
            f"`{sheet.name}` needs the columns student and group; it has {sheet.told_headers()}. Write a line for each "
            "student"
        )
    found: dict[str, str] = {}
    for row in sheet.rows:
        student, group = (sheet.cell(row, place).strip() for place in places)
        if student and group and found.setdefault(student, group) != group:
            other = f"`{inert(found[student], 60)}` and `{inert(group, 60)}`"
            raise ExportError(
                f"`{sheet.name}` has `{inert(student, 60)}` in two groups, {other}. Leave one of the lines out"
            )
    if not found:
        raise ExportError(f"`{sheet.name}` names no student with a group. Write one in each line below the headers")
    return found


def shared(everybody: dict[str, Line], groups: dict[str, str], known: dict[str, Person]) -> dict[str, Line]:
    """Everybody, with the group's submission for each member, and without the folders that are called by a group."""
    members: dict[str, list[str]] = {}
    for student, group in groups.items():
        members.setdefault(group, []).append(student)
    result = {student: line for student, line in everybody.items() if student not in members or student in groups}
    for group, students in members.items():
        work = _work(group, students, everybody)
        for student in students:
            own = Line(student, known.get(student, Person()), Status.NOTHING)
            person = known.get(student, Person())
            result[student] = dataclasses.replace(work or own, student=student, person=person, group=group)
    return result


def _work(group: str, students: list[str], everybody: dict[str, Line]) -> Line | None:
    """The line of what a group handed in; None when nothing. ExportError when several members did."""
    own = everybody.get(group)
    if own is not None and own.status is not Status.NOTHING:
        return own
    some = [each for each in students if each in everybody and everybody[each].status is not Status.NOTHING]
    if len(some) > 1:
        raise ExportError(
            f"of the group `{inert(group, 60)}` several handed in: {few(some, 5)}. Leave one of them in the list, or "
            "rename the folder that counts to the group's name and grade it"
        )
    return everybody[some[0]] if some else None
