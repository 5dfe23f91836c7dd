"""The report as one HTML page that needs nothing else: no script, no link to elsewhere, no font, no picture file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from grader.panel.plain import inert
from grader.remarks import remark
from grader.report.report import Report
from grader.report.students import Student
from grader.standing import ExerciseStanding
from grader.verdict import Outcome

SIGNS = {"full": "✓", "part": "~", "zero": "✗", "untouched": "–", "unchecked": "?"}
"""What became of an exercise, for those who do not see or trust colours."""

MOST_NAMED = 8
"""Students that are named for each group; it says how many more there are."""


def page(report: Report) -> Iterator[str]:
    """The page in pieces: of ten thousand students it has some megabytes."""
    places = {each.id: number for number, each in enumerate(report.students, start=1)}
    return _template().generate(report=report, facts=report.facts, places=places, signs=SIGNS, most=MOST_NAMED)


@cache
def _template() -> Template:
    environment = Environment(
        autoescape=True,
        loader=PackageLoader("grader", "report"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "inert": inert,
        "breakable": breakable,
        "prose": prose,
        "number": number,
        "share": share,
        "plural": plural,
        "remark": _remark,
        "part": part_of,
    }
    environment.globals["style"] = _style()
    return environment.get_template("page.html.jinja")


def prose(text: str) -> Markup:
    """Escaped text in which what stands in backticks is code."""
    parts = re.split(r"`([^`]+)`", inert(text, 2000))
    return Markup("").join(Markup("<code>{}</code>").format(part) if i % 2 else part for i, part in enumerate(parts))


def breakable(name: str) -> Markup:
    """An escaped name that may go on in the next line behind each `_`."""
    return Markup("_<wbr>").join(escape(part) for part in name.split("_"))


def number(value: float) -> str:
    """With two decimals at most, and none that say nothing."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def share(part: float, whole: float) -> str:
    """In whole percent; never `0 %` or `100 %` where it is not quite so."""
    if not whole or part in (0, whole):
        return f"{100 if part and whole else 0} %"
    return f"{min(max(round(100 * part / whole), 1), 99)} %"


def plural(count: int, noun: str) -> str:
    """`1 student`, `2 students`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def part_of(student: Student, exercise: ExerciseStanding) -> str:
    """Which of `SIGNS` an exercise of a student gets."""
    points = student.points_in(exercise.name)
    if points >= exercise.max_points:
        return "full"
    if points > 0:
        return "part"
    if exercise.outcome in (Outcome.NOT_ATTEMPTED, Outcome.MISSING):
        return "untouched"
    return "unchecked" if exercise.outcome is Outcome.COULD_NOT_CHECK else "zero"


def _remark(student: Student) -> str:
    return remark(student.judged.standing) if student.judged else student.reason


@cache
def _style() -> Markup:
    text = (files("grader.report") / "page.css").read_text(encoding="utf-8")
    return Markup(re.sub(r"\s*/\*.*?\*/", "", text, flags=re.DOTALL).strip())  # our own file
