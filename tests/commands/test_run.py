"""`grader autograde` as a program calls it: stdout is one JSON document, and the exit code says how it went."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tests_support import run_grader

from grader.demo_class import hand_in
from grader.folder import CourseFolder

ASSIGNMENT = "04_softmax"


@pytest.fixture
def linked(course) -> Path:
    """A class of ada and of a folder that is a link to hers, whose course's configuration prints."""
    hand_in(CourseFolder(course), ASSIGNMENT)
    for each in (course / "submitted").iterdir():
        if each.name != "ada":
            shutil.rmtree(each)
    (course / "submitted" / "friend").symlink_to("ada")
    with (course / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write("\nprint('hello from the configuration')\n")
    return course


def test_a_run_is_one_document_and_who_was_not_graded_is_in_it(linked):
    done = run_grader(linked, "autograde", ASSIGNMENT, "--json")
    assert done.returncode == 1, done.stderr
    told = json.loads(done.stdout)
    assert [(each["student"], each["points"]) for each in told["standings"]] == [("ada", 8.0)]
    assert "symbolic link" in told["failures"]["friend"]
    assert told["slowest"][0]["student"] == "ada"
    assert "hello from the configuration" in done.stderr
    assert "not graded: friend: `friend` is a symbolic link" in done.stderr
    assert "\x1b" not in done.stderr


@pytest.mark.parametrize(
    ("name", "words"), [("99_nothing", "the course has 01_tensors"), (ASSIGNMENT, "nobody handed in")]
)
def test_a_run_that_cannot_be_done_is_a_document_too(course, name, words):
    done = run_grader(course, "autograde", name, "--json")
    assert done.returncode == 2
    told = json.loads(done.stdout)
    assert set(told) == {"schema", "assignment", "error"}
    assert told["assignment"] == name
    assert words in told["error"]
    assert done.stderr.startswith("grader: ")
    assert words in done.stderr


def test_outside_of_a_course_it_is_a_document_too(tmp_path):
    done = run_grader(tmp_path, "autograde", ASSIGNMENT, "--json")
    assert done.returncode == 2
    assert "is in no course folder" in json.loads(done.stdout)["error"]


def test_an_output_that_lacks_the_letters_of_a_name_stops_nothing(course, monkeypatch):
    path = CourseFolder(course).submission(ASSIGNMENT, "李明")
    path.parent.mkdir(parents=True)
    path.write_text("no notebook", encoding="utf-8")
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    done = run_grader(course, "autograde", ASSIGNMENT)
    assert done.returncode == 0, done.stderr
    assert r"\u674e\u660e" in done.stdout
