"""The page that a student gets back: word for word in `golden/`, folded where it is the lesson's, inert everywhere."""

from __future__ import annotations

import re
from typing import Any

import nbformat
import pytest
from classroom import ASSIGNMENT, HOSTILE, MISTAKE, P, W, exercise, verdict
from test_report_page import Page, assert_golden
from traitlets.config import Config

from grader import course
from grader.folder import CourseFolder
from grader.judge.submission import GradedSubmission
from grader.nbgrader import feedback as nbgrader_feedback
from grader.nbgrader.feedback import FeedbackExporter, comment, configure_feedback, mark
from grader.notebook.marks import grade_id
from grader.records import with_results

COMMENT = f"Why `max`? **Say it.** {HOSTILE} <img src=x onerror=alert(1)>"


def graded(folder: CourseFolder) -> Any:
    """A notebook as nbgrader's preprocessors leave it: with points and a comment."""
    notebook = folder.released_notebook(ASSIGNMENT)
    softmax = exercise("softmax", W, P, mistake=MISTAKE)
    own = {"cell_type": "markdown", "id": "own", "metadata": {}, "source": "My *own* note: $x^2$ &lt;"}
    notebook["cells"].insert(2, own)
    node = nbformat.from_dict(with_results(notebook, GradedSubmission(verdict("ada", softmax))))
    points = {course.exercise(each.name).test_cell: each for each in verdict("ada", softmax).exercises}
    for cell in node.cells:
        if grade_id(cell) in points:
            each = points[grade_id(cell)]
            cell.metadata.nbgrader |= {"score": each.points, "points": each.max_points}
        elif cell.metadata.get("nbgrader", {}).get("solution"):
            cell.metadata.nbgrader["comment"] = COMMENT if grade_id(cell) == "softmax" else None
    return node


@pytest.fixture
def render(released_course, monkeypatch):
    monkeypatch.chdir(released_course)
    config = Config()
    config.HTMLExporter.exclude_anchor_links = True
    configure_feedback(config)

    def render(node: Any, penalty: float = 0.0) -> str:
        about = {"notebook": ASSIGNMENT, "assignment": ASSIGNMENT, "student": "ada"}
        resources = {"nbgrader": {**about, "score": 6.0 - penalty, "max_score": 8.0, "late_penalty": penalty}}
        page: str = FeedbackExporter(config=config).from_notebook_node(node, resources=resources)[0]
        return page

    return render


@pytest.fixture
def node(released_course):
    return graded(CourseFolder(released_course))


def test_the_page_of_a_student(render, node, monkeypatch):
    monkeypatch.setattr(nbgrader_feedback, "_lesson", lambda _: {"given"})
    for cell in node.cells:
        if not cell.metadata.get("nbgrader", {}).get("grade") and grade_id(cell) not in ("softmax", "nll"):
            cell.update(cell_type="markdown", source=cell.source if cell.id == "own" else "given")
    page = re.sub(r"<style>.*?</style>", "<style>…</style>", render(node, 1.5), flags=re.DOTALL)
    assert_golden("feedback.html", page + "\n")


def test_it_needs_nothing_and_lets_nothing_act(render, node):
    page = Page(render(node))
    assert not {tag for tag, _ in page.elements} & {"script", "link", "iframe", "object", "form", "base"}
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert {each.partition(":")[0] for each in page.all("src")} <= {"data"}
    assert "default-src 'none'" in page.all("content")[0]


def test_every_link_leads_to_a_place_of_the_page(render, node):
    page = Page(render(node))
    assert {"#result-2", "#result-3", "#result-4", "#comment-2"} <= set(page.all("href"))
    assert {each[1:] for each in page.all("href") if each.startswith("#")} <= set(page.all("id"))
    assert len(page.all("id")) == len(set(page.all("id")))


@pytest.mark.parametrize("text", ["3 of 4 points: **why**?", "plain"])
def test_a_comment_may_speak_of_points(text):
    assert comment(text) == text


def test_a_comment_acts_on_nobody():
    assert "<script" not in comment(COMMENT)
    assert "<img" not in comment(COMMENT)


def test_what_is_the_students_is_open_and_the_lesson_is_folded(render, node):
    page = render(node)
    folded = "".join(re.findall(r'<details class="lesson">.*?</details>', page, re.DOTALL))
    shown = page.replace(folded, "")
    assert "My <em>own</em> note" in shown
    assert "My <em>own</em> note" not in folded
    assert page.count('class="cell code result"') == 3


def test_points_and_checks_of_a_test_cell_are_no_code_of_the_students(render, node):
    results = [each.partition("<details")[0] for each in render(node).split('class="cell code result"')[1:]]
    assert [each.count("grader-panel grader-") for each in results] == [1, 1, 1]
    assert not [each for each in results if "highlight" in each or "output_execute_result" in each]


def test_points_that_a_person_gave_are_told_from_the_judges(render, node):
    words = "A person gave these points; the tests gave 2."
    assert words not in render(node)
    next(cell for cell in node.cells if grade_id(cell) == "test_softmax").metadata.nbgrader.score = 3.5
    page = render(node)
    assert page.count(words) == 1
    assert "softmax: 3.5 of 4 points" in page


@pytest.mark.parametrize("outputs", [[], [{"output_type": "execute_result", "data": {"text/plain": "no number"}}]])
def test_a_test_cell_without_points_has_none_of_the_judges(outputs):
    marks = {"grade": True, "grade_id": "test_softmax", "solution": False}
    node = lesson({"cell_type": "code", "source": "", "outputs": outputs, "metadata": {"nbgrader": marks}})
    mark(node, (), ASSIGNMENT)
    assert node.cells[0].metadata.grader.judged is None


def lesson(*cells: Any) -> Any:
    return nbformat.from_dict({"cells": [{"metadata": {}, "outputs": [], **each} for each in cells]})


def test_cells_of_the_lesson_that_follow_each_other_are_folded_together():
    text, own = {"cell_type": "markdown", "source": "given"}, {"cell_type": "markdown", "source": "own"}
    node = lesson(text, text, own, text)
    mark(node, {"given"}, ASSIGNMENT)
    assert [(each.metadata.grader.opens, each.metadata.grader.closes) for each in node.cells] == [
        (2, False),
        (0, True),
        (0, False),
        (1, True),
    ]


@pytest.mark.parametrize(
    "output", [{"output_type": "error"}, {"output_type": "display_data", "data": {"text/html": "x"}}]
)
def test_a_cell_of_the_lesson_that_failed_or_tells_of_repairs_is_open(output):
    node = lesson({"cell_type": "code", "source": "given", "outputs": [output]})
    mark(node, {"given"}, ASSIGNMENT)
    assert node.cells[0].metadata.grader.opens == 0


def test_without_the_released_notebook_nothing_is_folded(render, node, monkeypatch, tmp_path):
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    monkeypatch.chdir(tmp_path)
    assert '<details class="lesson">' not in render(node)
