"""What a teacher configured beyond what the recorder knows is left to nbgrader's own converter: never ignored."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from books import rows, scores, url_of
from classes import DUE, NAME, configure, handed_in_at, judged, record, with_due_date
from nbgrader.api import Gradebook

from grader.nbgrader.recording import Recorder

STAMP = """
from nbgrader.preprocessors import NbGraderPreprocessor
class Stamp(NbGraderPreprocessor):
    def preprocess(self, nb, resources):
        nb.metadata["stamped"] = resources["nbgrader"]["student"]
        return nb, resources
"""
HALF = """
from nbgrader.plugins import LateSubmissionPlugin
class Half(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return score / 2
c.AssignLatePenalties.plugin_class = Half
"""
HOOK = """
from pathlib import Path
def note(assignment, student, notebooks):
    Path("hooked").write_text(assignment)
c.Autograde.{when}_convert_hook = note
"""


class Watched(Recorder):
    """Tells whom it left to nbgrader's converter."""

    def __init__(self, *arguments) -> None:
        super().__init__(*arguments)
        self.converted: list[str] = converted
        converted.clear()

    def _convert(self, finished) -> None:
        self.converted.append(finished.submission.student)
        super()._convert(finished)


converted: list[str] = []


def recorded(course: Path, *students: str) -> None:
    results = judged(course)
    assert record(course, [results[each] for each in students], Watched) == {}
    for student in students:
        expected = {f"test_{each.name}": each.points for each in results[student].result.verdict.exercises}
        found = {cell: row["auto_score"] for cell, row in scores(url_of(course), student).items()}
        assert {cell: found[cell] for cell in expected} == expected


@pytest.mark.parametrize("which", ["sanitize", "autograde"])
def test_a_preprocessor_of_the_teachers_own_runs(new_course, which):
    course = new_course()
    configure(course, STAMP, f"c.Autograde.{which}_preprocessors.append(Stamp)")
    recorded(course, "alan", "zip")
    assert converted == ["alan", "zip"]
    for student in converted:
        notebook = json.loads((course / "autograded" / student / NAME / f"{NAME}.ipynb").read_text())
        assert notebook["metadata"]["stamped"] == student


@pytest.mark.parametrize("when", ["pre", "post"])
def test_a_hook_is_called(new_course, when):
    course = new_course()
    configure(course, HOOK.format(when=when))
    recorded(course, "alan")
    assert (course / "hooked").read_text() == NAME
    assert converted == ["alan"]


@pytest.mark.parametrize(
    "line",
    [
        "c.Autograde.autograde_preprocessors.pop(3)",
        "c.SaveAutoGrades.enabled = False",
        "c.OverwriteCells.add_missing_cells = True",
        'c.FilesWriter.files = ["README"]',
        "c.NotebookExporter.nbformat_version = 3",
    ],
)
def test_any_other_deviation_is_left_to_the_converter(new_course, line):
    course = new_course()
    configure(course, line)
    result = judged(course)["alan"]
    record(course, [result], Watched)
    assert converted == ["alan"]


def test_several_notebooks_in_one_assignment_are_left_to_the_converter(new_course):
    course = new_course()
    with Gradebook(url_of(course), "from-network-to-regression") as book:
        book.add_notebook("second", NAME)
    recorded(course, "alan")
    assert converted == ["alan"]


def test_a_late_plugin_of_the_teachers_own_is_asked_about_those_who_are_late(new_course):
    course = new_course()
    configure(course, HALF)
    with_due_date(url_of(course))
    handed_in_at(course, "ada", DUE + timedelta(hours=1))
    handed_in_at(course, "alan", DUE - timedelta(hours=1))
    recorded(course, "ada", "alan", "zip")
    assert converted == ["ada"]
    penalties = {
        row["id"].split(":")[2]: row["late_submission_penalty"] for row in rows(url_of(course))["submitted_notebook"]
    }
    total = sum(each.points for each in judged(course)["ada"].result.verdict.exercises)
    assert penalties == {"ada": total / 2, "alan": None, "zip": None}


def test_the_usual_configuration_needs_no_converter(new_course):
    course = new_course()
    recorded(course, "ada", "alan")
    assert converted == []


def test_a_student_whom_the_configuration_excludes_is_told_apart(new_course):
    course = new_course()
    configure(course, 'c.CourseDirectory.student_id_exclude = "alan,zip"')
    results = judged(course)
    failed = record(course, [results[each] for each in ("ada", "alan")], Watched)
    assert set(failed) == {"alan"}
    assert "student_id_exclude" in failed["alan"]
    assert not (course / "autograded" / "alan").exists()
    assert scores(url_of(course), "alan") == {}
    assert scores(url_of(course), "ada")
