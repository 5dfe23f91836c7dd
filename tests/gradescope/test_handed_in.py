"""Whatever students upload ends in results with a clear sentence; none of these has to start a judge."""

from __future__ import annotations

import json
import os

import pytest

from grader.gradescope import run
from grader.gradescope.handed_in import MAX_ENTRIES, find_notebook

NAME = "04_softmax"
FILE = f"{NAME}.ipynb"


@pytest.fixture
def folders(lay_out):
    """Laid-out folders, and what the autograder says about what lies in them."""
    root = lay_out()
    return root, root / "submission"


def said(root, read_results):
    assert run.main([str(root)]) == 0
    found = read_results(root)
    assert (found["score"], len(found["tests"])) == (0.0, 3)
    assert all(each["score"] == 0 for each in found["tests"])
    return found["output"]


def test_nothing(folders, read_results):
    assert f"Nothing was handed in. Hand in the notebook, `{FILE}`." in said(folders[0], read_results)


def test_a_python_file_instead(folders, read_results):
    root, submission = folders
    (submission / f"{NAME}.py").write_text("def softmax(x): ...")
    assert f"There is no notebook, only `{NAME}.py`. Hand in the notebook itself" in " ".join(
        said(root, read_results).split()
    )


def test_a_file_that_pretends_to_be_the_results(folders, read_results):
    root, submission = folders
    (submission / "results.json").write_text('{"score": 8}')
    assert "only `results.json`" in said(root, read_results)


def test_text_that_is_not_utf8(folders, read_results):
    root, submission = folders
    (submission / FILE).write_bytes(b'{"cells": "\xff\xfe\xfa"}')
    assert "is not UTF-8 text" in said(root, read_results)


def test_a_zip_with_the_name_of_a_notebook(folders, read_results, built):
    root, submission = folders
    (submission / FILE).write_bytes(built.read_bytes())
    assert "is a ZIP archive" in said(root, read_results)


def test_a_link_leads_nowhere(folders, read_results, answered):
    root, submission = folders
    (root / "other.ipynb").write_text(answered())
    (submission / FILE).symlink_to(root / "other.ipynb")
    assert "is a symbolic link, not a file" in said(root, read_results)


def test_a_linked_folder_is_not_entered(folders, read_results, answered):
    root, submission = folders
    (root / "elsewhere").mkdir()
    (root / "elsewhere" / FILE).write_text(answered())
    (submission / "mine").symlink_to(root / "elsewhere")
    assert "There is no notebook, only `mine`" in said(root, read_results)


def test_a_pipe_and_a_folder_of_that_name_do_not_block(folders, read_results):
    root, submission = folders
    os.mkfifo(submission / FILE)
    assert "is a named pipe, not a file" in said(root, read_results)
    (submission / FILE).unlink()
    (submission / FILE).mkdir()
    assert "is a folder, not a file" in said(root, read_results)


def test_two_notebooks_of_which_neither_tells(folders, read_results, answered):
    root, submission = folders
    (submission / "one.ipynb").write_text(answered())
    (submission / "two.ipynb").write_text(answered())
    assert f"There are 2 notebooks: `one.ipynb`, `two.ipynb`. Hand in one, and name it `{FILE}`." in " ".join(
        said(root, read_results).split()
    )


def test_names_that_would_act_in_a_page_or_a_terminal_are_text(folders, read_results):
    root, submission = folders
    (submission / "\x1b[31m<script>`x`\n.py").write_text("")
    words = said(root, read_results)
    assert "<script>x" in words  # as text: that is the format the results declare
    assert not any(char in words for char in "\x1b\r")


def test_more_files_than_anybody_hands_in(folders, read_results):
    root, submission = folders
    for number in range(MAX_ENTRIES + 50):
        (submission / f"{number}.bin").touch()
    assert "There is no notebook, only" in said(root, read_results)
    (submission / FILE).write_text("{}")  # found all the same
    assert find_notebook(submission, NAME).handed_in.content == b"{}"


def test_a_notebook_too_large_to_be_one(folders, read_results):
    root, submission = folders
    with (submission / FILE).open("wb") as file:
        file.truncate(40 * 2**20)
    assert "is larger than 32 MiB" in said(root, read_results)


def test_a_single_notebook_of_any_name_is_taken_wherever_it_lies(tmp_path, answered):
    (tmp_path / "hw").mkdir()
    (tmp_path / "hw" / "my work (1).IPYNB").write_text(answered())
    (tmp_path / "hw" / "notes.txt").write_text("")
    found = find_notebook(tmp_path, NAME)
    assert found.handed_in.name == "my work (1).IPYNB"
    assert found.beside == "Only `my work (1).IPYNB` was graded. Left out: `notes.txt`."


def test_of_several_notebooks_the_one_of_the_assignments_name_is_taken(tmp_path):
    (tmp_path / "draft.ipynb").write_text("draft")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / FILE).write_text("mine")
    (tmp_path / ".ipynb_checkpoints").mkdir()
    (tmp_path / ".ipynb_checkpoints" / FILE).write_text("old")
    assert find_notebook(tmp_path, NAME).handed_in.content == b"mine"


def test_of_several_notebooks_the_only_one_with_the_assignments_marks_is_taken(tmp_path, answered):
    (tmp_path / "scratch.ipynb").write_text(json.dumps({"cells": [], "metadata": {}, "nbformat": 4}))
    (tmp_path / "work.ipynb").write_text(answered())
    assert find_notebook(tmp_path, NAME).handed_in.name == "work.ipynb"
