"""The page that a student gets back: results first, then the answers, with the lesson's own text folded away.

It stands in nbgrader's pipeline as the exporter of `generate_feedback`, so that plain nbgrader and formgrader's button
write the same page. Nothing in it acts or loads anything: no MathJax from a server, no script.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from importlib.resources import files
from itertools import takewhile
from typing import Any

from nbconvert.exporters import HTMLExporter

from grader import course
from grader.folder import CourseFolder, NotACourseError
from grader.notebook.inert import NO_RESULT, inert_text
from grader.notebook.marks import grade_id, is_test, trimmed
from grader.notebook.normal import source_text

TEMPLATE = "grader_feedback"
KEY = "grader"
"""Of our facts in a cell's metadata; nbgrader's own refuses keys that it does not know."""


class FeedbackExporter(HTMLExporter):
    """Assignments that the kit's index does not hold get nbgrader's own page."""

    def from_notebook_node(self, nb: Any, resources: Any = None, **rest: Any) -> Any:
        assignment = resources["nbgrader"]["assignment"]
        if assignment not in course.assignments():
            return self._nbgraders().from_notebook_node(nb, resources=resources, **rest)
        mark(nb, _lesson(assignment), assignment)
        resources["grader"] = {"style": _style()}
        self.register_filter("number", number)
        self.register_filter("comment", comment)
        return super().from_notebook_node(nb, resources=resources, **rest)

    def _nbgraders(self) -> HTMLExporter:
        """As nbgrader's converter makes it."""
        exporter = HTMLExporter(parent=self.parent, config=self.parent.config)
        for each in self.parent.preprocessors:
            exporter.register_preprocessor(each)
        return exporter


def configure_feedback(c: Any) -> None:
    """Puts the page in the place of nbgrader's."""
    c.GenerateFeedback.exporter_class = FeedbackExporter
    c.FeedbackExporter.template_name = TEMPLATE
    c.FeedbackExporter.extra_template_basedirs = [str(files("grader") / "feedback_page")]


def mark(nb: Any, lesson: Collection[str], assignment: str) -> None:
    """Writes into each cell's metadata what the template asks for, under the key `grader`.

    name: the exercise, or the `grade_id` of a cell that is none's. place: its number, for addresses within the page.
    is_test: points and a panel, no text of anybody's. judged: the points that the judge gave in it.
    answer: index of the cell whose comment belongs to the points.
    opens: how many cells of the lesson begin here. closes: they end here.
    """
    tests = {each.test_cell: each.name for each in course.exercises(assignment)}
    names = [tests.get(grade_id(cell), grade_id(cell)) for cell in nb.cells]
    places = {name: number for number, name in enumerate(dict.fromkeys(filter(None, names)), start=1)}
    answers = {
        name: index for index, name in enumerate(names) if nb.cells[index].metadata.get("nbgrader", {}).get("solution")
    }
    folded = [_is_lesson(cell, lesson) for cell in nb.cells]
    for index, (cell, name) in enumerate(zip(nb.cells, names, strict=True)):
        cell.metadata[KEY] = {
            "name": name,
            "place": places.get(name, 0),
            "is_test": is_test(cell),
            "judged": _judged(cell) if is_test(cell) else None,
            "answer": answers.get(name, index),
            "opens": _length(folded[index:]) if folded[index] and not any(folded[index - 1 : index]) else 0,
            "closes": folded[index] and not any(folded[index + 1 : index + 2]),
        }


def number(value: float) -> str:
    """With two decimals at most, and none that say nothing."""
    return f"{float(value or 0):.2f}".rstrip("0").rstrip(".")


def comment(text: str) -> str:
    """A comment of staff's as Markdown in which nothing acts; unlike a student's text it may speak of points."""
    return inert_text(text).removeprefix(NO_RESULT)


def _judged(cell: Any) -> float | None:
    """What nbgrader reads the points from: a plain float as the cell's result."""
    texts = [each.data.get("text/plain", "") for each in cell.outputs if each.output_type == "execute_result"]
    try:
        return float(texts[-1])
    except (IndexError, ValueError):
        return None


def _length(folded: Iterable[bool]) -> int:
    return sum(1 for _ in takewhile(bool, folded))


def _is_lesson(cell: Any, lesson: Collection[str]) -> bool:
    """Whether a cell is as it was released, earns nothing, and shows nothing that its reader must know."""
    marks = cell.metadata.get("nbgrader", {})
    if any(marks.get(what) for what in ("solution", "grade", "task")) or trimmed(source_text(cell)) not in lesson:
        return False
    # of HTML there are only our panels: what was repaired, what the isolation was
    return not any(
        each.output_type == "error" or "text/html" in each.get("data", {}) for each in cell.get("outputs", ())
    )


def _lesson(assignment: str) -> frozenset[str]:
    """The texts of the released cells; none where the notebook is not there any more."""
    try:
        cells = CourseFolder.find().released_notebook(assignment)["cells"]
    except NotACourseError:
        return frozenset()
    return frozenset(trimmed(source_text(cell)) for cell in cells)


def _style() -> str:
    text = (files("grader") / "feedback_page" / TEMPLATE / "feedback.css").read_text(encoding="utf-8")
    return re.sub(r"\s*/\*.*?\*/", "", text, flags=re.DOTALL).strip()
