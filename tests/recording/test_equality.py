"""What the recorder writes is, row by row and file by file, what nbgrader's own converter would have written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from books import files, rows, scores, url_of
from classes import (
    DUE,
    NAME,
    STUDENTS,
    configure,
    handed_in_at,
    handed_in_by,
    judged,
    record,
    set_by_hand,
    with_due_date,
)
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.utils import compute_checksum

from grader.nbgrader.recording import Recorder


class Converter(Recorder):
    """Records everybody with nbgrader's own converter."""

    def __init__(self, *arguments) -> None:
        super().__init__(*arguments)
        self._only_nbgrader = True


class Fast(Recorder):
    """Refuses to leave anybody to nbgrader's converter."""

    def _convert(self, finished) -> None:
        raise AssertionError(f"{finished.submission.student} was left to the converter")


BOTH = (Converter, Fast)


def a_term(course: Path, kind: type[Recorder], url: str) -> None:
    """Hands in and records twice: punctual, late, with an extension, graded by hand in between, handed in again."""
    handed_in_at(course, "alan", DUE - timedelta(days=1))
    handed_in_at(course, "torsten", DUE + timedelta(days=1))
    beside = course / "submitted" / "ada" / "04_softmax"
    (beside / "data").mkdir()
    (beside / "data" / "mine.csv").write_text("1,2\n")
    (beside / "notes.txt").write_text("see data\n")
    with_due_date(url)
    assert record(course, judged(course).values(), kind) == {}
    for student in ("ada", "ursula", "mangled"):
        set_by_hand(url, student)
    with_due_date(url, extended=["ada", "vera"])
    for student, days in {"ada": 1, "vera": 3, "mangled": 1}.items():
        handed_in_at(course, student, DUE + timedelta(days=days))
    (course / "submitted" / "torsten" / NAME / "timestamp.txt").unlink()  # the gradebook still knows
    again = {"ada": "alan", "mangled": "ursula", "alan": "ada"}
    results = [handed_in_by(student, course, again.get(student, student)) for student in STUDENTS]
    new = [handed_in_by("new", course, "vera"), handed_in_by("o'brien", course, "ada")]
    assert record(course, [*results, *new], kind) == {}


def compare(courses: Sequence[Path]) -> None:
    one, other = courses
    assert rows(url_of(one)) == rows(url_of(other))
    assert files(one) == files(other)


@pytest.fixture
def both(new_course) -> list[Path]:
    return [new_course(each.__name__) for each in BOTH]


def test_a_term_with_late_hand_graded_mangled_and_resubmitted_work(both):
    for course, kind in zip(both, BOTH, strict=True):
        configure(course, 'c.LateSubmissionPlugin.penalty_method = "zero"')
        a_term(course, kind, url_of(course))
    compare(both)
    found, found_rows = scores(url_of(both[1]), "ada"), rows(url_of(both[1]))
    assert (found["test_softmax"]["manual_score"], found["essay"]["auto_score"]) == (0.5, 0)
    penalties = {row["id"].split(":")[2]: row["late_submission_penalty"] for row in found_rows["submitted_notebook"]}
    assert {student for student, points in penalties.items() if points is not None} == {"torsten", "mangled", "vera"}
    assert penalties["mangled"] == 0.5 + 1.0 + 2.5  # all that was given by hand for an untouched notebook


@pytest.mark.parametrize(
    "lines",
    [
        ["c.CourseDirectory.groupshared = True"],
        ["c.BaseConverter.permissions = 644", 'c.CourseDirectory.ignore = ["*.csv", "feedback"]'],
        ["c.ClearMetadataPreprocessor.enabled = True", "c.ClearMetadataPreprocessor.clear_notebook_metadata = False"],
        ['c.IgnorePattern.enabled = True; c.IgnorePattern.pattern = "Error"', "c.LimitOutput.max_lines = 2"],
        ['c.Autograde.exclude_overwriting = {"04_softmax": ["test_visible.py"]}', "c.OverwriteCells.enabled = True"],
    ],
    ids=lambda lines: lines[0].split(" ")[0],
)
def test_what_a_teacher_may_configure(both, lines):
    for course, kind in zip(both, BOTH, strict=True):
        configure(course, *lines)
        beside = course / "submitted" / "ada" / "04_softmax"
        (beside / "mine.csv").write_text("1,2\n")
        (beside / "notes.txt").write_text("see data\n")
        results = judged(course)
        assert record(course, [results[each] for each in ("ada", "vera")], kind) == {}
    compare(both)


def test_a_gradebook_whose_cells_are_others_than_the_released_ones(both):
    """Its own word counts: the text of a locked cell, and what an essay is worth."""
    for course, kind in zip(both, BOTH, strict=True):
        with Gradebook(url_of(course), "from-network-to-regression") as book:
            book.find_grade_cell("essay", NAME, NAME).max_score = 9.0
            cell, worth = (find("test_nll", NAME, NAME) for find in (book.find_source_cell, book.find_grade_cell))
            cell.source = "'another test'"
            released = NotebookNode(cell_type="code", source=cell.source, metadata=_marks("test_nll", worth.max_score))
            cell.checksum = compute_checksum(released)
            book.db.commit()
        results = judged(course)
        assert record(course, [results["ada"], results["zip"]], kind) == {}
    compare(both)
    text = (both[1] / "autograded" / "ada" / NAME / f"{NAME}.ipynb").read_text()
    assert "'another test'" in text
    assert '"points": 9.0' in text


def _marks(name: str, points: float) -> NotebookNode:
    marks = NotebookNode(grade_id=name, grade=True, solution=False, locked=True, points=points)
    return NotebookNode(nbgrader=marks)


def test_a_released_cell_that_the_gradebook_lacks_is_refused_by_both(new_course):
    for kind in BOTH:
        course = new_course(kind.__name__)
        with Gradebook(url_of(course), "from-network-to-regression") as book:
            book.db.delete(book.find_source_cell("test_nll", NAME, NAME))
            book.db.commit()
        failed = record(course, [judged(course)["ada"]], kind)
        assert "does not have a grade_id" in failed["ada"]
        assert not (course / "autograded" / "ada" / NAME).exists()
