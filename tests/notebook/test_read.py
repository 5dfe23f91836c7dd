"""Reading a submission: what is refused, with which words, and what is put right instead."""

from __future__ import annotations

import codecs
import json
import os
import socket
from pathlib import Path
from typing import Any

import nbformat
import pytest
from notebooks import Notebook, code, markdown, notebook, released

from grader.notebook import normal, read
from grader.notebook.normal import normalised
from grader.notebook.read import UnreadableNotebookError, read_bytes, read_notebook


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "04_softmax.ipynb"


def read_back(path: Path, content: object) -> Notebook:
    path.write_text(json.dumps(content), encoding="utf-8")
    result = read_notebook(path)
    nbformat.validate(result)
    json.dumps(result, allow_nan=False, ensure_ascii=False).encode("utf-8")
    return result


def only_cell(path: Path, cell: object) -> dict[str, Any]:
    (result,) = read_back(path, {**notebook(), "cells": [cell]})["cells"]
    return result


def refusal(path: Path) -> str:
    with pytest.raises(UnreadableNotebookError) as caught:
        read_notebook(path)
    return str(caught.value)


def test_a_notebook_in_normal_form_is_read_as_it_is(path: Path) -> None:
    assert read_back(path, released()) == released()


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"]
)
def test_each_encoding_of_unicode_is_read_with_its_mark_and_without(path: Path, encoding: str) -> None:
    path.write_text(json.dumps(notebook(markdown("π ± é")), ensure_ascii=False), encoding=encoding)
    assert read_notebook(path)["cells"][0]["source"] == "π ± é"


# What is no file


def make_folder(path: Path) -> None:
    path.mkdir()


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def make_link(path: Path) -> None:
    path.with_name("other.ipynb").write_text(json.dumps(released()))
    path.symlink_to("other.ipynb")


def make_socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # a socket's whole path may have 107 bytes only
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path.name)
    os.chdir(here)


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (make_folder, "a folder"),
        (make_pipe, "a named pipe"),
        (make_link, "a symbolic link"),
        (make_socket, "a socket"),
    ],
)
def test_what_is_no_regular_file_is_named_and_refused_at_once(path: Path, make: Any, kind: str) -> None:
    make(path)
    assert refusal(path) == f"`04_softmax.ipynb` is {kind}, not a file. Hand in the notebook itself."


def test_a_device_is_refused() -> None:
    assert refusal(Path("/dev/zero")) == "`zero` is a device, not a file. Hand in the notebook itself."


@pytest.mark.parametrize("name", ["absent.ipynb", "nul\x00.ipynb", "long" * 100])
def test_a_file_that_is_not_there_is_refused(tmp_path: Path, name: str) -> None:
    assert refusal(tmp_path / name).endswith("` cannot be found. Hand in a notebook of that name.")


def test_where_only_others_are_they_are_named(tmp_path: Path) -> None:
    for name in ("04_softmax (1).ipynb", "b\x1b.IPYNB", "c.ipynb", "d.ipynb", "notes.txt"):
        (tmp_path / name).touch()
    there = "`04_softmax (1).ipynb`, `b\ufffd.IPYNB`, `c.ipynb`"
    reason = f"`04_softmax.ipynb` cannot be found, only {there}. Hand in a notebook of that name."
    assert refusal(tmp_path / "04_softmax.ipynb") == reason


def test_a_file_that_may_not_be_opened_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def deny(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    path.write_text("{}")
    monkeypatch.setattr(os, "open", deny)  # root may open everything, so the system's refusal is played
    reason = "`04_softmax.ipynb` cannot be opened: Permission denied. Make it readable for the account that grades."
    assert refusal(path) == reason


def test_a_name_is_shown_without_what_a_terminal_would_obey(tmp_path: Path) -> None:
    assert "\x1b" not in refusal(tmp_path / "\x1b[2J.ipynb")


# What is no notebook

NOT_IN_FORM = "is no notebook of nbformat 3 or 4. Open it in Jupyter, save it and hand in again."
SAVE_AGAIN = "Open it in Jupyter, save it and hand in again."
HAND_IN_JUPYTERS = "Hand in the `.ipynb` file that Jupyter saved."
SAVE_AS_UTF_8 = "Save it with the encoding UTF-8 and hand in again."


FINISH = "Finish the merge, save it and hand in again."
CUT_OFF = "is not the JSON of a notebook (line 1: it ends in the middle). Hand in the whole file."


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty. Save the notebook once more and hand in again."),
        (b" \n", "is empty. Save the notebook once more and hand in again."),
        (b"\x00" * 8, "is empty. Save the notebook once more and hand in again."),
        (b'{"a": "\xff"}', f"is not UTF-8 text (byte 7). {SAVE_AS_UTF_8}"),
        (codecs.BOM_UTF16_LE + b"\x00\xd8", f"is not UTF-8 text (byte 2). {SAVE_AS_UTF_8}"),
        (b'{\n<<<<<<< HEAD\n"a": 1}', f"holds the marks of a git merge (line 2). {FINISH}"),
        (b'{"a": 1\r\n>>>>>>> main\r\n}', f"holds the marks of a git merge (line 2). {FINISH}"),
        (b'{"a": 1,}', "is not the JSON of a notebook (line 1: "),
        (b"{} EOF", f"is not the JSON of a notebook (line 1: Extra data). {SAVE_AGAIN}"),
        (b"My answer:\nx = 1\n", f"is not the JSON of a notebook (line 1: Expecting value). {HAND_IN_JUPYTERS}"),
        (b'{"a": "unfinished', CUT_OFF),
        (b'{"a": "unfinished \\u12', CUT_OFF),
        (b'{"a": [1, nul', CUT_OFF),
        (b'{"a": 1 ', CUT_OFF),
        (b'{"a"', CUT_OFF),
        (b"PK\x03\x04\x14", "is a ZIP archive. Unpack it and hand in the notebook itself."),
        (
            b"PK\x03\x04\x14 [Content_Types].xml",
            "is a file of Excel, Word or the like. Hand in the `.ipynb` file itself.",
        ),
        (b"\n<<<<<<< HEAD\n{}", f"holds the marks of a git merge (line 2). {FINISH}"),
        (b"\x1f\x8b\x08", "is a gzip archive. Unpack it and hand in the notebook itself."),
        (b"%PDF-1.7", "is a PDF. Hand in the `.ipynb` file itself."),
        (b"\xef\xbb\xbf \n<!DOCTYPE html>", "is a web page. Download the `.ipynb` file itself and hand that in."),
        (b"\x80\x04\x95", f"is not UTF-8 text (byte 0). {SAVE_AS_UTF_8}"),
        (b"1" * 5000, f"holds a number of more than 4,300 digits. {SAVE_AGAIN}"),
        (b"[]", "is JSON but no notebook. Hand in the `.ipynb` file itself."),
        (b"{}", NOT_IN_FORM),
        (b'{"nbformat": 2, "worksheets": []}', NOT_IN_FORM),
        (b'{"nbformat": 5, "cells": []}', NOT_IN_FORM),
        (b'{"nbformat": 4.5, "cells": []}', NOT_IN_FORM),
        (b'{"nbformat": NaN, "cells": []}', NOT_IN_FORM),
        (b'{"nbformat": true}', NOT_IN_FORM),
        (b'{"nbformat": "4"}', NOT_IN_FORM),
        (b'{"nbformat": 4}', "has no list of cells. Work on a fresh copy of the assignment and hand that in."),
        (b'{"nbformat": 4, "cells": {}}', "has no list of cells."),
        (b'{"nbformat": 3, "worksheets": 7}', "has no list of cells."),
        (b"[" * 101, "nests its data more than 100 levels deep. Clear its outputs, save and hand in again."),
        (b'{"a":' * 500_000, "nests its data more than 100 levels deep."),
    ],
)
def test_what_is_no_notebook_is_refused_with_the_reason(path: Path, content: bytes, reason: str) -> None:
    path.write_bytes(content)
    assert f"`04_softmax.ipynb` {reason}" in refusal(path)


@pytest.mark.parametrize("version", [3, 4, 4.0, "4", "v4", None, True, [4]])
def test_a_list_of_cells_is_read_unless_a_number_says_that_it_is_of_another_format(path: Path, version: object) -> None:
    cells = [code("a = 1")]
    assert read_back(path, {"nbformat": version, "cells": cells})["cells"][0]["source"] == "a = 1"
    old = {"nbformat": version, "worksheets": [{"cells": [{"cell_type": "code", "input": "a = 1"}]}]}
    assert read_back(path, old)["cells"][0]["source"] == "a = 1"


def test_raw_control_characters_in_texts_are_read(path: Path) -> None:
    path.write_bytes(b'{"nbformat": 4, "cells": [{"cell_type": "markdown", "source": "a\n\tb\x00c"}]}')
    assert read_notebook(path)["cells"][0]["source"] == "a\n\tb\ufffdc"


def test_brackets_in_text_are_no_depth(path: Path) -> None:
    text = '[{"' * 500 + "\\"
    assert only_cell(path, code(text))["source"] == text


def test_a_file_beyond_the_size_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_bytes(b" " * (2**20 + 1))
    monkeypatch.setattr(read, "MAX_BYTES", 2**20)
    reason = "`04_softmax.ipynb` is larger than 1 MiB. Clear its outputs, save and hand in again."
    assert refusal(path) == reason


def test_a_file_of_just_the_size_is_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_bytes(b"{}")
    monkeypatch.setattr(read, "MAX_BYTES", 2)
    assert read_bytes(path) == b"{}"


def test_more_pieces_than_memory_should_hold_are_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_text("[" + '"",' * 1000 + "0]")
    monkeypatch.setattr(read, "MAX_PARTS", 1000)
    assert "holds more than 1,000 pieces of data. Clear its outputs, save and hand in again." in refusal(path)


def test_too_many_cells_are_refused(path: Path) -> None:
    path.write_text(json.dumps({"nbformat": 4, "cells": [0] * (normal.MAX_CELLS + 1)}))
    assert "has 2,001 cells; at most 2,000 are read. Delete cells that are not yours and hand in again." in refusal(
        path
    )


@pytest.mark.parametrize("lengths", [(1, 2**20 + 1), (2**18, 2**19, 2**18 + 1)])
def test_too_much_code_is_refused(path: Path, lengths: tuple[int, ...]) -> None:
    path.write_text(json.dumps(notebook(*(code("x" * length) for length in lengths))))
    reason = "has more than 1,048,576 characters of code, most of them in cell 2. Keep data out of the code"
    assert refusal(path) == f"`04_softmax.ipynb` {reason}, save and hand in again."


def test_as_much_code_as_may_be_is_read(path: Path) -> None:
    assert len(only_cell(path, code("x" * normal.MAX_CODE))["source"]) == normal.MAX_CODE


def test_too_long_a_text_is_cut_off(path: Path) -> None:
    source = only_cell(path, markdown("x" * (normal.MAX_TEXT + 1)))["source"]
    assert len(source) == normal.MAX_TEXT
    assert source.endswith("x\n\n(The text was longer; grading cut it off here.)")


# What is put right


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (["a = 1\n", "b = 2"], "a = 1\nb = 2"),
        (["a", 7, None, "b"], "ab"),
        (None, ""),
        (7, ""),
        ("a\x00b\ud800c", "a\ufffdb\ufffdc"),
        ("😀", "😀"),
    ],
)
def test_a_source_becomes_one_writable_string(path: Path, given: object, wanted: str) -> None:
    assert only_cell(path, {**code(""), "source": given})["source"] == wanted


@pytest.mark.parametrize(
    "cell", [7, None, "text", [], {}, {"cell_type": ["code"]}, {"cell_type": "graph", "metadata": 3}]
)
def test_a_cell_of_no_known_kind_becomes_an_empty_raw_cell(path: Path, cell: object) -> None:
    assert only_cell(path, cell) == {"id": "cell-1", "cell_type": "raw", "metadata": {}, "source": ""}


@pytest.mark.parametrize("outputs", [[{"output_type": "error"}], "text", [[[]]]])
def test_outputs_and_counts_of_the_submission_are_dropped(path: Path, outputs: object) -> None:
    cell = only_cell(path, {**code("1"), "outputs": outputs, "execution_count": -7, "stray": 1})
    assert (cell["outputs"], cell["execution_count"], "stray" in cell) == ([], None, False)


def test_ids_become_valid_and_distinct(path: Path) -> None:
    given = ["same", "same", "", "ä", "x" * 65, 7, "trailing\n", "cell-9", None]
    cells = read_back(path, {**notebook(), "cells": [{**code(""), "id": each} for each in given]})["cells"]
    wanted = ["same", "cell-2", "cell-3", "cell-4", "cell-5", "cell-6", "cell-7", "cell-9", "cell-9-0"]
    assert [cell["id"] for cell in cells] == wanted


@pytest.mark.parametrize(
    "metadata",
    [
        {"tags": ["a,b"]},
        {"tags": ["a", "a"]},
        {"tags": ["\ud800", "\ud801"]},
        {"tags": "a"},
        {"tags": [1]},
        {"name": 7},
        {"collapsed": "yes"},
        {"deletable": "no"},
        {"colab": {"base_uri": "https://example.org"}},
    ],
)
def test_metadata_that_is_invalid_or_another_tools_is_left_out(path: Path, metadata: dict[str, Any]) -> None:
    assert only_cell(path, code("", **metadata))["metadata"] == {}


def test_metadata_that_grading_reads_stays(path: Path) -> None:
    metadata = {"nbgrader": {"grade_id": "softmax"}, "deletable": False, "editable": True, "tags": ["mine"]}
    assert only_cell(path, code("", **metadata))["metadata"] == metadata


def test_marks_are_kept_without_what_strict_json_cannot_hold(path: Path) -> None:
    given = {"points": float("nan"), "grade_id": "a\ud800", "more": [float("inf"), {"k\x00": 1}]}
    wanted = {"points": None, "grade_id": "a\ufffd", "more": [None, {"k\ufffd": 1}]}
    assert only_cell(path, code("", nbgrader=given))["metadata"]["nbgrader"] == wanted


def test_of_equal_keys_the_last_counts(path: Path) -> None:
    path.write_text('{"nbformat": 4, "cells": 7, "cells": []}')
    assert read_notebook(path)["cells"] == []


PICTURE = {"plot.png": {"image/png": "iVBORw0KGgo="}}


def test_pictures_in_text_cells_stay(path: Path) -> None:
    assert only_cell(path, {**markdown("![](attachment:plot.png)"), "attachments": PICTURE})["attachments"] == PICTURE


@pytest.mark.parametrize(
    "attachments",
    [7, {"a": 7}, {"a": {"image/png": 7}}, {"a": {"text/html": "aaaa"}}, {"a": {"image/png": '"><script>'}}],
)
def test_attachments_that_are_no_pictures_are_dropped(path: Path, attachments: object) -> None:
    assert "attachments" not in only_cell(path, {**markdown(""), "attachments": attachments})


def test_attachments_of_code_cells_are_dropped(path: Path) -> None:
    assert "attachments" not in only_cell(path, {**code(""), "attachments": PICTURE})


@pytest.mark.parametrize(
    "metadata",
    [7, {"kernelspec": 7}, {"kernelspec": {"name": "python3"}}, {"language_info": {"version": 3}}, {"authors": 7}],
)
def test_notebook_metadata_that_is_invalid_is_left_out(path: Path, metadata: object) -> None:
    assert read_back(path, {**notebook(), "metadata": metadata})["metadata"] == {}


def test_the_language_is_kept(path: Path) -> None:
    language = {"name": "python", "version": "3.11.7", "codemirror_mode": {"name": "ipython", "version": 3}}
    assert read_back(path, notebook(language_info=language))["metadata"]["language_info"] == language


def test_format_3_is_converted(path: Path) -> None:
    cells = [
        {"cell_type": "code", "input": ["a = 1\n", "a"], "outputs": [], "prompt_number": 3, "language": "python"},
        {"cell_type": "heading", "level": 2, "source": ["Scores"]},
        {"cell_type": "heading", "level": 99, "source": "Odd"},
        {"cell_type": "markdown", "source": "text"},
        7,
    ]
    result = read_back(path, {"nbformat": 3, "worksheets": [{"cells": cells}, 7, {"cells": 7}]})
    found = [(cell["cell_type"], cell["source"]) for cell in result["cells"]]
    wanted = [("code", "a = 1\na"), ("markdown", "## Scores"), ("markdown", "# Odd"), ("markdown", "text"), ("raw", "")]
    assert found == wanted


def test_a_parsed_notebook_is_normalised_and_not_changed() -> None:
    given = {**notebook(), "cells": [{"cell_type": "code", "source": ["a"]}]}
    before = json.dumps(given)
    assert normalised(given)["cells"][0]["source"] == "a"
    assert json.dumps(given) == before


def test_what_is_no_dict_is_never_normalised() -> None:
    with pytest.raises(UnreadableNotebookError, match="`the notebook` is JSON but no notebook"):
        normalised([])
