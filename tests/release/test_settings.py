"""The kit's part of a configuration stands beside what a course has set itself."""

from __future__ import annotations

from contextlib import nullcontext

import nbformat
import pytest
from nbconvert.exporters import HTMLExporter
from nbconvert.preprocessors import TagRemovePreprocessor
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import ClearOutput, Execute, LimitOutput, LockCells, SaveAutoGrades
from traitlets.config import Config

from grader.nbgrader.pipeline import AUTOGRADERS, SANITIZERS
from grader.nbgrader.plugin import (
    ClearMarkedOutput,
    ClearOurSolutions,
    Grade,
    InertNames,
    NotJailedError,
    SubmissionExporter,
    configure,
)

ANCHOR = 'class="anchor-link"'


class Own(Execute):
    """A course's own way to run notebooks."""


@pytest.fixture
def c(tmp_path, monkeypatch) -> Config:
    monkeypatch.chdir(tmp_path)
    return Config()


def test_nbgraders_own_lists_become_those_that_the_kit_works_by(c):
    configure(c)
    assert tuple(c.Autograde.autograde_preprocessors) == AUTOGRADERS
    assert tuple(c.Autograde.sanitize_preprocessors) == SANITIZERS
    assert c.Grade.theirs == [Execute]
    assert ClearMarkedOutput in c.GenerateAssignment.preprocessors
    assert ClearOurSolutions in c.GenerateAssignment.preprocessors
    assert c.HTMLExporter.preprocessors == [InertNames]


def test_a_second_call_changes_nothing(c):
    configure(c)
    once = Config(c).copy()
    configure(c)
    assert c == once
    assert c.Grade.theirs == [Execute]


def test_nbconvert_finds_nothing_to_warn_of_in_what_the_kit_adds(c, caplog):
    configure(c)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# softmax")])
    HTMLExporter(config=c).from_notebook_node(notebook, {"assignment_id": "04_softmax"})
    assert [record.message for record in caplog.records if "not recognized" in record.message] == []


def test_a_courses_own_steps_stay_in_their_order(c):
    c.Autograde.autograde_preprocessors = [LockCells, Own, "nbgrader.preprocessors.SaveAutoGrades"]
    c.Autograde.sanitize_preprocessors.append(LimitOutput)
    c.GenerateAssignment.preprocessors = ["nbgrader.preprocessors.ClearOutput", LockCells]
    c.HTMLExporter.preprocessors = [TagRemovePreprocessor]
    configure(c)
    assert c.Autograde.autograde_preprocessors == [LockCells, Grade, SaveAutoGrades]
    assert c.Grade.theirs == [Own]
    assert c.Autograde.sanitize_preprocessors == [*SANITIZERS, LimitOutput]
    assert c.GenerateAssignment.preprocessors == [ClearMarkedOutput, LockCells]
    assert c.HTMLExporter.preprocessors == [TagRemovePreprocessor, InertNames]


def test_nothing_but_the_jail_runs_the_kits_notebooks_however_often_a_course_runs_its_own(c):
    c.Autograde.autograde_preprocessors = [ClearOutput, Own, Execute, SaveAutoGrades]
    configure(c)
    assert c.Autograde.autograde_preprocessors == [ClearOutput, Grade, SaveAutoGrades]
    assert c.Grade.theirs == [Own, Execute]


def test_a_course_that_runs_nothing_has_the_kits_notebooks_graded_all_the_same(c):
    c.Autograde.autograde_preprocessors = [SaveAutoGrades]
    configure(c)
    assert c.Autograde.autograde_preprocessors == [Grade, SaveAutoGrades]
    assert c.Grade.theirs == []


@pytest.mark.parametrize("overruling", [[Execute, SaveAutoGrades], [SaveAutoGrades], [Grade, Own]])
def test_a_file_that_overrules_the_kit_never_leads_students_code_out_of_the_jail(c, tmp_path, overruling):
    """Such as nbgrader_config.json, which nbgrader reads after the course's own file."""
    configure(c)
    c.Autograde.autograde_preprocessors = overruling
    for assignment, refused in (("04_softmax", True), ("lab1", False)):
        converter = Autograde(coursedir=CourseDirectory(assignment_id=assignment, root=str(tmp_path)), config=c)
        with pytest.raises(NotJailedError, match="without the jail") if refused else nullcontext():
            SubmissionExporter(parent=converter)


@pytest.mark.parametrize(
    ("folder", "expected"), [("release", "release"), ("assignments", "assignments"), ("", "assignments")]
)
def test_students_versions_stay_where_they_were(c, tmp_path, folder, expected):
    (tmp_path / folder).mkdir(exist_ok=True)
    configure(c)
    assert c.CourseDirectory.release_directory == expected


def test_what_a_course_says_of_its_folders_holds(c, tmp_path):
    (tmp_path / "release").mkdir()
    c.CourseDirectory.release_directory = "handout"
    configure(c)
    assert c.CourseDirectory.release_directory == "handout"


def test_a_course_that_lies_elsewhere_is_asked_itself(c, tmp_path):
    (tmp_path / "course" / "release").mkdir(parents=True)
    c.CourseDirectory.root = str(tmp_path / "course")
    configure(c)
    assert c.CourseDirectory.release_directory == "release"


@pytest.mark.parametrize("own", [False, True])
def test_only_in_the_kits_pages_a_heading_is_never_an_anchor(own):
    """Formgrader's exporter serves all assignments, one after another."""
    exporter = HTMLExporter(config=Config(HTMLExporter={"preprocessors": [InertNames], "exclude_anchor_links": own}))
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# test_softmax")])
    for resources in ({"assignment_id": "04_softmax"}, {"nbgrader": {"assignment": "04_softmax"}}):
        assert ANCHOR not in exporter.from_notebook_node(notebook, resources)[0]
        assert (ANCHOR in exporter.from_notebook_node(notebook, {"assignment_id": "lab1"})[0]) is not own
