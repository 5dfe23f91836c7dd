"""What `grader check PATH` takes, and what it says to all else."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest
from saved_answers import RIGHT, answer
from screen_samples import CRASHED, verdict
from tests_support import ROOT

import grader
from grader.folder import NotACourseError
from grader.judge.submission import GradedSubmission
from grader.learner.own_work import OwnWorkError, find_work
from grader.learner.plain_file import PlainFileError


def test_the_folder_of_an_assignment_means_its_notebook(softmax_folder):
    work = find_work(softmax_folder)
    assert (work.path, work.assignment) == (softmax_folder / "04_softmax.ipynb", "04_softmax")


def test_without_a_path_it_is_this_folder(softmax_folder, monkeypatch):
    monkeypatch.chdir(softmax_folder)
    assert find_work().path == softmax_folder / "04_softmax.ipynb"


def test_the_course_is_found_from_the_learner_s_folder(softmax_folder, released_course, monkeypatch):
    monkeypatch.chdir(softmax_folder)
    assert find_work(softmax_folder).folder.root == released_course


def test_a_folder_of_several_says_which(learner):
    with pytest.raises(OwnWorkError, match=r"^say which: .* holds `01_tensors/01_tensors.ipynb`, `02_data/"):
        find_work(learner)


def test_an_assignment_chooses_among_several(learner):
    for name in ("04_softmax.py", "05_metrics.py"):
        (learner / name).write_text("")
    with pytest.raises(OwnWorkError, match=r"holds `04_softmax.py`, `05_metrics.py`; say which"):
        find_work(learner)
    assert find_work(learner, "05_metrics").path.name == "05_metrics.py"


def test_of_a_notebook_and_a_file_neither_is_taken_for_the_other(softmax_folder):
    (softmax_folder / "04_softmax.py").write_text("")
    with pytest.raises(OwnWorkError, match=r"holds `04_softmax.ipynb`, `04_softmax.py`; say which"):
        find_work(softmax_folder)


def test_an_empty_folder_says_how_to_begin(tmp_path):
    with pytest.raises(OwnWorkError, match="or make one by `grader start`"):
        find_work(tmp_path)


def test_a_file_of_any_name_is_known_by_what_it_defines(learner):
    path = learner / "mine.py"
    path.write_text(RIGHT)
    assert find_work(path).assignment == "04_softmax"


def test_a_renamed_notebook_is_known_by_its_marks(softmax_folder):
    copy = softmax_folder / "04_softmax-Copy1.ipynb"
    shutil.copy(softmax_folder / "04_softmax.ipynb", copy)
    assert find_work(copy).assignment == "04_softmax"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (RIGHT + "def accuracy(scores, labels): pass\n", "answers exercises of `04_softmax`, `05_metrics`; say which"),
        ("def other(): pass\n", "defines no exercise of the course; say what it answers with `--assignment NAME`"),
    ],
)
def test_a_file_that_does_not_tell_is_asked_about(learner, source, words):
    path = learner / "mine.py"
    path.write_text(source)
    with pytest.raises(OwnWorkError) as caught:
        find_work(path)
    assert words in str(caught.value)
    assert find_work(path, "04_softmax").assignment == "04_softmax"


def test_what_is_neither_is_refused(learner):
    (learner / "notes.txt").write_text("")
    with pytest.raises(OwnWorkError, match=r"`notes.txt` is neither a notebook nor a .py file"):
        find_work(learner / "notes.txt")


def test_a_name_cannot_move_the_cursor(learner):
    path = learner / "a\x1b[2Jb.txt"
    path.write_text("")
    with pytest.raises(OwnWorkError) as caught:
        find_work(path)
    assert "\x1b" not in str(caught.value)


def test_a_file_that_does_not_parse_is_told_before_anything_else(learner):
    (learner / "mine.py").write_text("def softmax(x\n")
    with pytest.raises(PlainFileError, match="line 1"):
        find_work(learner / "mine.py")


def test_a_notebook_of_another_name_that_is_none_says_so(learner):
    (learner / "mine.ipynb").write_text("{")
    with pytest.raises(OwnWorkError, match=r"`mine.ipynb` is not the JSON of a notebook"):
        find_work(learner / "mine.ipynb")


def test_a_course_that_moved_is_asked_for(learner, released_course, monkeypatch):
    monkeypatch.chdir(learner)
    pointer = learner / ".grader-course.json"
    pointer.write_text(pointer.read_text().replace(str(released_course), "/moved/away"))
    with pytest.raises(NotACourseError, match=r"/moved/away holds no course any more; run `grader start .* --course"):
        find_work(learner / "04_softmax")


def test_outside_of_any_course_the_remedy_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(grader, "__file__", str(tmp_path / "grader" / "__init__.py"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "04_softmax.py").write_text(RIGHT)
    with pytest.raises(
        NotACourseError, match=r"`04_softmax.py` is in no folder of a course; make one by `grader start"
    ):
        find_work()


def test_a_file_anywhere_is_graded_by_the_course_that_this_program_came_with(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "04_softmax.py").write_text(RIGHT)
    assert find_work().folder.root == ROOT


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"course": 3}'])
def test_a_damaged_pointer_is_asked_for(learner, text, monkeypatch):
    monkeypatch.chdir(learner)
    (learner / ".grader-course.json").write_text(text)
    with pytest.raises(NotACourseError, match="does not say where the course lies; run `grader start"):
        find_work(learner / "04_softmax")


def test_one_s_own_link_is_followed(learner):
    (learner / "real.txt").write_text(RIGHT)
    (learner / "04_softmax.py").symlink_to(learner / "real.txt")
    assert "softmax" in find_work(learner / "04_softmax.py").read().notebook["cells"][1]["source"]


@pytest.mark.parametrize(
    ("source", "note"),
    [
        ("def softmax(x)\n    return x\n", "The cell stopped before it defined the answer: line 1: expected ':'."),
        ("def softmax(x):\nreturn x\n", "line 2: expected an indented block after function definition on line 1."),
    ],
)
def test_a_cell_that_does_not_parse_is_told_with_its_line(softmax_folder, source, note):
    answer(softmax_folder / "04_softmax.ipynb", "softmax", source)
    work = find_work(softmax_folder)
    stopped = "The cell stopped before it defined the answer: it raised SyntaxError."
    found = work.placed(GradedSubmission(verdict(replace(CRASHED, note=stopped))), work.read())
    assert found.exercises[0].note.endswith(note)
