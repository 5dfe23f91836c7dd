"""A self-learner's folder is laid out and renewed, and nothing of theirs is lost by it."""

from __future__ import annotations

import json
import os
import shutil

import pytest

import grader
from grader.achieved import Achieved
from grader.folder import NotACourseError
from grader.learner import start as starting
from grader.learner.start import StartError, start, told

NOTEBOOK = "04_softmax/04_softmax.ipynb"


@pytest.fixture
def changed_course(course):
    """The course after an update: one notebook has another text, one file is new."""

    def change(text: str):
        path = course / "assignments" / NOTEBOOK
        path.write_text(path.read_text().replace("probabilities", text))

    return change


def test_all_assignments_are_laid_out(learner, released_course):
    for name in ("01_tensors/01_tensors.ipynb", "04_softmax/test_visible.py", "07_training/explanations.json"):
        assert (learner / name).read_bytes() == (released_course / "assignments" / name).read_bytes()


def test_no_solution_and_no_hidden_suite_is_among_it(learner):
    names = {path.name for path in learner.rglob("*")}
    assert not names & {"solutions", "mistakes", "hidden", "04_softmax.py"}


def test_started_again_nothing_changes(learner, released_course):
    before = {path: path.stat().st_mtime_ns for path in learner.rglob("*.ipynb")}
    laid = start(learner, released_course)
    assert (laid.new, laid.renewed, laid.kept) == ([], [], {})
    assert {path: path.stat().st_mtime_ns for path in learner.rglob("*.ipynb")} == before


def test_what_was_not_touched_is_renewed(course, changed_course, tmp_path):
    folder = start(tmp_path / "mine", course).folder
    changed_course("shares")
    assert start(folder, course).renewed == [NOTEBOOK]
    assert "shares" in (folder / NOTEBOOK).read_text()


def test_what_was_changed_stays_and_the_new_version_lies_beside_it(course, changed_course, tmp_path):
    folder = start(tmp_path / "mine", course).folder
    (folder / NOTEBOOK).write_text("all my work")
    changed_course("shares")
    laid = start(folder, course)
    assert laid.kept == {NOTEBOOK: "04_softmax/04_softmax.new.ipynb"}
    assert (folder / NOTEBOOK).read_text() == "all my work"
    assert "shares" in (folder / "04_softmax/04_softmax.new.ipynb").read_text()
    lines = list(told(laid, Achieved().place()))
    assert lines[0].endswith(": 1 file of yours kept")
    assert lines[1].startswith("  you changed 04_softmax/04_softmax.ipynb, so it stays; the new version is beside it: ")


def test_work_on_an_unchanged_course_brings_no_second_file(course, tmp_path):
    folder = start(tmp_path / "mine", course).folder
    (folder / NOTEBOOK).write_text("all my work")
    assert start(folder, course).kept == {}
    assert not list(folder.rglob("*.new*"))


def test_a_new_version_is_offered_once_and_never_overwritten(course, changed_course, tmp_path):
    folder = start(tmp_path / "mine", course).folder
    (folder / NOTEBOOK).write_text("all my work")
    changed_course("shares")
    beside = folder / start(folder, course).kept[NOTEBOOK]
    beside.write_text("worked on too")
    assert start(folder, course).kept == {}
    (course / "assignments" / NOTEBOOK).write_text("{}")
    assert start(folder, course).kept == {NOTEBOOK: "04_softmax/04_softmax.new2.ipynb"}
    assert beside.read_text() == "worked on too"


def test_a_save_in_the_very_moment_of_renewing_is_kept(course, changed_course, tmp_path, monkeypatch):
    folder = start(tmp_path / "mine", course).folder
    changed_course("shares")
    copyfile = shutil.copyfile

    def save_meanwhile(source, draft):
        (folder / NOTEBOOK).write_text("all my work")
        return copyfile(source, draft)

    monkeypatch.setattr(shutil, "copyfile", save_meanwhile)
    assert list(start(folder, course).kept) == [NOTEBOOK]
    assert (folder / NOTEBOOK).read_text() == "all my work"


def test_what_was_deleted_comes_back(learner, released_course):
    (learner / NOTEBOOK).unlink()
    assert start(learner, released_course).new == [NOTEBOOK]


def test_a_link_in_the_place_of_a_file_is_somebody_s_work(course, changed_course, tmp_path):
    folder = start(tmp_path / "mine", course).folder
    (tmp_path / "elsewhere").write_text("my work")
    (folder / NOTEBOOK).unlink()
    (folder / NOTEBOOK).symlink_to(tmp_path / "elsewhere")
    changed_course("shares")
    start(folder, course)
    assert (tmp_path / "elsewhere").read_text() == "my work"
    assert (folder / NOTEBOOK).is_symlink()


def test_a_start_that_was_stopped_is_taken_up(released_course, tmp_path, monkeypatch):
    lay, seen = starting._lay, []

    def stop_at_the_third(*arguments):
        if len(seen) == 3:
            raise KeyboardInterrupt
        seen.append(arguments)
        return lay(*arguments)

    monkeypatch.setattr(starting, "_lay", stop_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        start(tmp_path / "mine", released_course)
    monkeypatch.undo()
    laid = start(tmp_path / "mine", released_course)
    assert len(laid.new) == len(list((released_course / "assignments").rglob("*.*"))) - 3


def test_with_its_notes_lost_everything_changed_is_kept(course, changed_course, tmp_path):
    folder = start(tmp_path / "mine", course).folder
    (folder / ".grader-course.json").write_text("{}")
    changed_course("shares")
    before = (folder / NOTEBOOK).read_text()
    assert list(start(folder, course).kept) == [NOTEBOOK]
    assert (folder / NOTEBOOK).read_text() == before


def test_a_course_that_moved_is_taken_up_at_its_new_place(course, tmp_path):
    folder = start(tmp_path / "mine", course).folder
    moved = shutil.move(course, tmp_path / "moved")
    with pytest.raises(NotACourseError, match="holds no course any more"):
        start(folder)
    assert start(folder, tmp_path / "moved").new == []
    assert json.loads((folder / ".grader-course.json").read_text())["course"] == str(moved)


def test_in_the_learner_s_folder_no_folder_need_be_named(learner, monkeypatch):
    monkeypatch.chdir(learner / "04_softmax")
    assert start().folder == learner


def test_without_any_name_it_is_a_folder_in_the_home(released_course, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(released_course)
    assert start().folder == tmp_path / "logreg-by-hand"


def test_a_folder_with_other_things_in_it_is_refused(released_course, tmp_path):
    (tmp_path / "thesis.txt").write_text("")
    with pytest.raises(StartError, match="is not empty, and holds nothing of `grader start`; give a new folder"):
        start(tmp_path, released_course)


def test_where_the_note_is_gone_no_work_is_and_what_is_missing_comes_back(released_course, tmp_path):
    folder = start(tmp_path / "mine", released_course).folder
    mine = folder / "04_softmax" / "04_softmax.ipynb"
    mine.write_text("my work")
    (folder / "05_metrics" / "05_metrics.ipynb").unlink()
    (folder / ".grader-course.json").unlink()
    laid = start(folder, released_course)
    assert mine.read_text() == "my work"
    assert laid.kept == {"04_softmax/04_softmax.ipynb": "04_softmax/04_softmax.new.ipynb"}
    assert laid.new == ["05_metrics/05_metrics.ipynb"]
    assert start(folder).new == []


def test_a_file_in_the_place_of_the_folder_is_refused(released_course, tmp_path):
    (tmp_path / "mine").write_text("")
    with pytest.raises(StartError, match="cannot be used: File exists; give another folder"):
        start(tmp_path / "mine", released_course)


def test_parts_of_the_course_are_refused(released_course):
    with pytest.raises(StartError, match="is a part of the course itself"):
        start(released_course / "assignments" / "mine", released_course)


def test_a_course_without_assignments_is_refused(course, tmp_path):
    shutil.rmtree(course / "assignments")
    with pytest.raises(NotACourseError, match="holds no assignment; run `grader release` there"):
        start(tmp_path / "mine", course)


def test_where_no_course_is_at_hand_it_is_asked_for(tmp_path, monkeypatch):
    monkeypatch.setattr(grader, "__file__", str(tmp_path / "grader" / "__init__.py"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NotACourseError, match="say where it lies: `grader start FOLDER --course PATH`"):
        start(tmp_path / "mine")


def test_what_is_no_course_is_refused(tmp_path):
    with pytest.raises(NotACourseError, match="is no course: it holds no nbgrader_config"):
        start(tmp_path / "mine", tmp_path)


def test_a_folder_that_may_not_be_written_is_refused(released_course, tmp_path):
    if os.geteuid() == 0:
        pytest.skip("root may write everything; run the tests as an ordinary user to see this one")
    (tmp_path / "mine").mkdir(mode=0o500)
    with pytest.raises(StartError, match="cannot be used: Permission denied"):
        start(tmp_path / "mine", released_course)


def test_a_full_disk_costs_no_file(learner, released_course, monkeypatch):
    def full(*_arguments):
        raise OSError(28, "No space left on device")

    (learner / NOTEBOOK).unlink()
    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(StartError, match="cannot be written: No space left on device; mend that, then go on"):
        start(learner, released_course)
    assert not list((learner / "04_softmax").glob(".*"))


def test_what_to_do_next_are_three_lines(learner, released_course):
    lines = list(told(start(learner, released_course), Achieved().place()))
    assert lines[0].endswith(": nothing is new, and all is as you left it")
    assert lines[-4:-2] == ["Next:", f"  cd {learner / '01_tensors'}"]
    assert "jupyter lab 01_tensors.ipynb" in lines[-2].replace("bin/jupyter", "jupyter").split("/")[-1]
    assert "grader check --watch" in lines[-1].replace("bin/grader", "grader").split("/")[-1]


def test_who_has_begun_is_sent_on(learner, released_course):
    for name in ("rank", "flatten", "unflatten", "bgr_to_rgb", "hwc_to_chw", "nhwc_to_nchw", "crop"):
        Achieved().mark(name, True)
    assert f"  cd {learner / '02_data'}" in told(start(learner, released_course), Achieved().place())
