"""junit: JUnit's XML, a suite for each student and a case for each exercise, for whatever draws test results.

Valid against both schemas in use, that of Ant's report (Windy Road) and that of Jenkins' xUnit plugin, which is why a
case has no property of its own: points stand in the suite's.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from xml.etree import ElementTree

from grader.export.grades import Grades, Line, Mark, Part, Status
from grader.export.selection import Selection
from grader.export.sheet import MOST_TEXT, number
from grader.export.written import Written
from grader.panel.plain import inert

_UNKNOWN = datetime(1970, 1, 1, tzinfo=UTC)
"""The schema wants a time, and a student who handed in nothing has none."""


def write(grades: Grades, _chosen: Selection) -> Written:
    """failure: points are missing. error: it could not be graded. skipped: there is nothing to grade, or not yet."""
    root = ElementTree.Element("testsuites")
    for place, line in enumerate(grades.lines):
        root.append(_suite(line, grades, place))
    ElementTree.indent(root, " ")
    body = ElementTree.tostring(root, encoding="unicode")
    return Written(f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n')


def _suite(line: Line, grades: Grades, place: int) -> ElementTree.Element:
    cases = [_case(line, each, grades) for each in grades.parts]
    kinds = [each[0].tag if len(each) else "" for each in cases]
    suite = ElementTree.Element(
        "testsuite",
        {
            "name": inert(line.student, 200) or "?",
            "package": inert(grades.assignment, 200),
            "id": str(place),
            "timestamp": f"{line.timestamp or _UNKNOWN:%Y-%m-%dT%H:%M:%S}",
            "hostname": "localhost",
            "tests": str(len(cases)),
            "failures": str(kinds.count("failure")),
            "errors": str(kinds.count("error")),
            "skipped": str(kinds.count("skipped")),
            "time": "0",
        },
    )
    properties = ElementTree.SubElement(suite, "properties")
    for name, value in _properties(line, grades):
        ElementTree.SubElement(properties, "property", {"name": inert(name, 200), "value": inert(value, MOST_TEXT)})
    suite.extend(cases)
    ElementTree.SubElement(suite, "system-out").text = inert(line.reason, MOST_TEXT)
    ElementTree.SubElement(suite, "system-err").text = ""
    return suite


def _properties(line: Line, grades: Grades) -> Iterator[tuple[str, str]]:
    yield "status", line.status
    yield "score", number(line.score)
    yield "max_score", number(grades.most)
    yield "late_penalty", number(line.penalty) if line.status.has_points else ""
    yield "group", line.group
    for each in grades.parts:
        yield f"points.{each.name}", number(line.mark(each).points)


def _case(line: Line, part: Part, grades: Grades) -> ElementTree.Element:
    about = {"classname": inert(f"{grades.assignment}.{line.student}", 300), "name": inert(part.name, 200), "time": "0"}
    case = ElementTree.Element("testcase", about)
    tag, message = _result(line, part, line.mark(part))
    if tag:
        result = ElementTree.SubElement(case, tag, {"type": str(line.status), "message": inert(message, 300)})
        result.text = inert(message, MOST_TEXT)
    return case


def _result(line: Line, part: Part, mark: Mark) -> tuple[str, str]:
    """(element, words); no element for full marks."""
    if line.status is Status.COULD_NOT and mark.points is None:
        return "error", line.reason
    if line.status in (Status.NOTHING, Status.NOT_YET):
        return "skipped", line.status
    if mark.points is None:
        return "skipped", Status.WAITS
    if mark.points >= part.most:
        return "", ""
    told = f": {mark.remark}" if mark.remark else ""
    return "failure", f"{number(mark.points)} of {number(part.most)} points{told}"
