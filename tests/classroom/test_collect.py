"""Collecting clones for the staff's own grading: nothing that a repository holds leads to somebody else's work."""

from __future__ import annotations

import os

import pytest

from grader.classroom.collect import CollectError, collect, main
from grader.course import UnknownNameError
from grader.folder import CourseFolder

NAME = "04_softmax"
FILE = f"{NAME}.ipynb"


@pytest.fixture
def clones(tmp_path):
    place = tmp_path / "clones"
    for student in ("ada", "bob"):
        (place / f"softmax-{student}" / NAME).mkdir(parents=True)
        (place / f"softmax-{student}" / NAME / FILE).write_text(f'"{student}"')
    return place


@pytest.fixture
def own(course):
    return CourseFolder(course)


def taken(own, clones, prefix="softmax-"):
    return {each.student: each.problem or each.new for each in collect(own, NAME, clones, prefix)}


def test_each_students_notebook_is_taken_and_a_later_one_replaces_it(own, clones):
    assert taken(own, clones) == {"ada": True, "bob": True}
    assert own.submission(NAME, "ada").read_text() == '"ada"'
    (clones / "softmax-bob" / NAME / FILE).write_text('"later"')
    assert taken(own, clones) == {"ada": False, "bob": True}
    assert own.submission(NAME, "bob").read_text() == '"later"'


def test_a_notebook_at_the_root_is_taken_too(own, clones):
    (clones / "softmax-eve").mkdir()
    (clones / "softmax-eve" / FILE).write_text('"eve"')
    assert taken(own, clones)["eve"] is True
    assert own.submission(NAME, "eve").read_text() == '"eve"'


def test_links_to_anothers_work_are_not_followed_and_stop_nobody(own, clones):
    for student, make in {
        "file": lambda at: (at / FILE).symlink_to(clones / "softmax-ada" / NAME / FILE),
        "folder": lambda at: (at / NAME).symlink_to(clones / "softmax-ada" / NAME),
        "pipe": lambda at: os.mkfifo(at / FILE),
        "nothing": lambda at: None,
    }.items():
        (clones / f"softmax-{student}").mkdir()
        make(clones / f"softmax-{student}")
    (clones / "softmax-clone").symlink_to(clones / "softmax-ada")
    found = taken(own, clones)
    assert (found["ada"], found["bob"]) == (True, True)
    assert sorted(path.name for path in (own.root / "submitted").iterdir()) == ["ada", "bob"]
    assert found["nothing"] == f"it holds neither {NAME}/{FILE} nor {FILE}"
    assert "is no file" in found["pipe"]
    for student in ("file", "folder", "clone"):
        assert "cannot be read" in found[student]


def test_a_name_that_no_student_may_have_is_refused(own, clones):
    (clones / "softmax-..").mkdir()
    (clones / "softmax-*").mkdir()
    found = taken(own, clones)
    assert "the folder's name" in found[".."]
    assert "the folder's name" in found["*"]


def test_no_clone_and_no_such_assignment_are_refused(own, clones):
    with pytest.raises(CollectError, match="no folder whose name begins with `other-`"):
        taken(own, clones, "other-")
    with pytest.raises(CollectError, match="is no folder"):
        taken(own, clones / "nowhere")
    with pytest.raises(UnknownNameError):
        list(collect(own, "09_x", clones))


def test_the_command_says_who_was_collected(own, clones, monkeypatch, capsys):
    monkeypatch.chdir(own.root)
    assert main([NAME, str(clones), "--prefix", "softmax-"]) == 0
    assert capsys.readouterr().out.splitlines() == ["ada: collected", "bob: collected"]
    assert main(["09_x", str(clones)]) == 2
    assert "there is no assignment `09_x`" in capsys.readouterr().err
    (clones / "softmax-eve").mkdir()
    assert main([NAME, str(clones), "--prefix", "softmax-"]) == 1
