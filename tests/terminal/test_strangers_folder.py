"""Calling the kit in a folder that a stranger filled runs nothing of theirs outside the jail."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from saved_answers import RIGHT, answer

from grader.folder import CourseFolder
from grader.learner.own_work import find_work

_TRAP = "import pathlib\npathlib.Path({mark!r}).touch()\nraise SystemExit('the trap was run')\n"
_MODULES = ("torch", "json", "grader", "pytest", "numpy", "sitecustomize", "usercustomize", "conftest")
_COMMANDS = {
    "the command": [str(Path(sysconfig.get_path("scripts"), "grader"))],
    "the module": [sys.executable, "-m", "grader"],
}


@pytest.fixture
def strangers(released_course, tmp_path) -> Path:
    """What a student may hand in beside a right notebook: modules of well-known names, and configuration."""
    folder = tmp_path / "course" / "submitted" / "mallory" / "04_softmax"
    folder.mkdir(parents=True)
    for each in released_course.iterdir():
        if each.name != "submitted":
            (tmp_path / "course" / each.name).symlink_to(each)
    notebook = folder / "04_softmax.ipynb"
    notebook.write_text((released_course / "assignments" / "04_softmax" / notebook.name).read_text())
    answer(notebook, "softmax", RIGHT)
    for name in _MODULES:
        if name != "grader":  # `python -m grader` itself is looked up there: that is Python's own doing
            (folder / f"{name}.py").write_text(_TRAP.format(mark=str(tmp_path / f"ran-{name}")))
    for part in (
        "tests/hidden/test_04_softmax.py",
        "solutions/04_softmax.py",
        "assignments/04_softmax/04_softmax.ipynb",
    ):
        own = folder / part  # all that makes a course, whose suite would give full points and more
        own.parent.mkdir(parents=True)
        own.write_text(_TRAP.format(mark=str(tmp_path / f"ran-{own.name}")))
    (folder / ".grader-course.json").write_text(json.dumps({"course": str(folder)}))
    for name in ("nbgrader_config.py", "jupyter_config.py", "ipython_config.py", "pytest.ini", "setup.cfg"):
        text = _TRAP.format(mark=str(tmp_path / f"ran-{name}"))
        (folder / name).write_text(text if name.endswith(".py") else "[pytest]\naddopts = --no-such-option\n")
    return folder


@pytest.mark.parametrize("way", _COMMANDS)
def test_what_lies_beside_a_notebook_is_not_run(strangers, way):
    command = [*_COMMANDS[way], "check", str(strangers / "04_softmax.ipynb")]
    done = subprocess.run(command, cwd=strangers, capture_output=True, text=True, timeout=300, check=False)
    assert "4 of 4 points  passed" in done.stdout, done.stdout + done.stderr
    assert not list(strangers.parents[3].glob("ran-*"))


def test_the_course_that_one_stands_in_comes_before_one_that_came_with_a_file(strangers, tmp_path, monkeypatch):
    """Also where the stranger's folder lies in no course, as in one for downloads."""
    folder = strangers.rename(tmp_path / "downloads")
    monkeypatch.chdir(tmp_path / "course")
    assert find_work(folder / "04_softmax.ipynb").folder.root == tmp_path / "course"


@pytest.mark.parametrize("kept", ["submitted", "autograded", "feedback", "downloaded"])
def test_no_folder_of_students_files_is_a_course(tmp_path, kept):
    handed_in = tmp_path / kept / "mallory" / "04_softmax"
    handed_in.mkdir(parents=True)
    for folder in (tmp_path, handed_in):
        (folder / "nbgrader_config.py").touch()
    assert CourseFolder.find(handed_in).root == tmp_path


def test_a_course_within_another_s_folder_is_one_of_its_own(tmp_path):
    inner = tmp_path / "courses" / "autumn"
    inner.mkdir(parents=True)
    for folder in (tmp_path, inner):
        (folder / "nbgrader_config.py").touch()
    assert CourseFolder.find(inner).root == inner
