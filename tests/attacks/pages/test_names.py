"""Folder names that stand for students: what is refused is told with its remedy and stops nobody."""

from __future__ import annotations

import os
import re
import unicodedata

import pytest

from grader.folder import CourseFolder
from grader.names import MAX_BYTES, refusal
from grader.panel.plain import inert

ASSIGNMENT = "04_softmax"
GOOD = (
    *("ada", "Alice", "alice", "o'brien", "ada.b@school.edu", "Ada Lovelace", "s1234567", "a_b-c+d"),
    *("e\u0301mile", "Ολγα", "Наташа", "李明"),
)
PATHS = ("../x", "a/b", "..", "", " ada", "ada ", "ada.", "-rf", "a\\b", "x" * (MAX_BYTES + 1), os.fsdecode(b"\xff"))
TABLES = ("=1+1", "+1", "@sum", "a,b", "a;b", "$HOME", "a`id`", "a|b", "a\tb", "a\nb")
PATTERNS = ("a*", "a?", "[a]", "a{b}", "(?P<x>.*)", "<b>", 'a"b', "a&b", "a#b", "a%2f")
SIGNS = ("a\x1b[31m", "a\u202eb", "a\u200bb", "a\ufeffb", "a\x9bb", "a\ue000")
LOOK_ALIKES = ("p\u0430ypal", "\uff41da1a", "\U0001d41ada")


@pytest.mark.parametrize("name", GOOD)
def test_a_name_of_letters_and_usual_signs_is_accepted(name):
    assert refusal(name) == ""


@pytest.mark.parametrize("name", PATHS + TABLES + PATTERNS + SIGNS + LOOK_ALIKES)
def test_a_name_that_means_something_to_a_path_a_page_or_a_table_is_refused_with_the_remedy(name):
    assert "Rename the folder" in refusal(name)
    assert inert(refusal(name), 500) == refusal(name)


def test_the_refused_are_told_by_the_command_and_get_nothing(hostile, tools):
    for shown, reason in CourseFolder(hostile.root).refused(ASSIGNMENT).items():
        assert f"not graded: {shown}: {reason[:20]}" in " ".join(hostile.words["autograde"].split())
    assert not {*tools.NAMES, "linked", "copied"} & {path.name for path in (hostile.root / "autograded").iterdir()}


def test_a_folder_that_is_a_link_to_another_students_is_refused(hostile):
    refused = CourseFolder(hostile.root).refused(ASSIGNMENT)
    assert "symbolic link" in refused["linked"]
    assert "symbolic link" in refused["copied"]


def test_no_line_of_the_terminal_obeys_a_name(hostile):
    shown = hostile.words["autograde"].replace("\n", "")
    assert not {each for each in shown if unicodedata.category(each) in {"Cc", "Cf", "Cs", "Co"}}


def test_two_refused_names_that_look_alike_are_both_told(tmp_path):
    for name in ("a\u202e", "a\u202d"):
        (tmp_path / "submitted" / name / ASSIGNMENT).mkdir(parents=True)
    assert len(CourseFolder(tmp_path).refused(ASSIGNMENT)) == 2


def test_control_a_name_with_a_line_feed_stops_nbgraders_whole_class():
    # converters/base.py raises for all when this does not match
    assert re.match(f"/submitted/(?P<student_id>.*)/{ASSIGNMENT}", f"/submitted/new\nline/{ASSIGNMENT}") is None
