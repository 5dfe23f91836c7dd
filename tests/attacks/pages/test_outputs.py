"""What cells show: text and pictures, whatever was displayed, printed or raised."""

from __future__ import annotations

import base64
import json
import subprocess
import sys

import nbformat
import pytest

from grader.jail.runs import CellRun
from grader.judge.outputs import MAX_COLOURS, MAX_TEXT, cell_outputs
from grader.notebook.raster import MAX_PIXELS, sound_picture
from grader.notebook.running import RunCell

CELL = RunCell("1", "", 0)
JPEG = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08\x00\x08\x00\x08\x03" + bytes(9) + b"\xff\xd9"

HEAD = b"\x89PNG\r\n\x1a\n"
NO_PICTURES = (
    *(b"", b"<svg onload='alert(1)'/>", b"GIF89a<script>", HEAD, HEAD + b"\xff" * 100),
    *(b"\xff\xd8\xff", JPEG[:-2], b"\xff\xd8" + b"\xff" * 500),
)


def shown(text: str) -> str:
    (output,) = cell_outputs(CellRun(CELL, True, ({"output_type": "stream", "name": "stdout", "text": text},)))
    return output["text"]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("\x1b[31mred\x1b[0m", "\x1b[31mred\x1b[0m"),
        ("\x1b[2J\x1b[1;1Hmoved", "moved"),
        ("\x1b]0;title\x07x\x1b]8;;http://e\x1b\\link", "xlink"),
        ("\x1b]0;never ends\nnext line", "\nnext line"),
        ("10 %\r100 %\nwindows\r\nend\r", "100 %\nwindows\nend\n"),
        ("a\x08b\x9b31m\u202ec\ud800", "a\ufffdb\ufffd31m\ufffdc\ufffd"),
        ("family \U0001f468\u200d\U0001f469, tab\t, é", "family \U0001f468\u200d\U0001f469, tab\t, é"),
    ],
)
def test_only_colours_are_left_of_what_a_terminal_obeys(text, left):
    assert shown(text) == left


def test_a_flood_of_colours_is_shown_without_any():
    assert "\x1b" not in shown("\x1b[0mx" * (MAX_COLOURS + 1))
    assert shown("\x1b[0mx" * MAX_COLOURS).count("\x1b") == MAX_COLOURS


def test_all_texts_of_a_cell_together_are_bounded():
    outputs = tuple({"output_type": "stream", "name": "stdout", "text": "x" * MAX_TEXT} for _ in range(9))
    assert sum(len(each["text"]) for each in cell_outputs(CellRun(CELL, True, outputs))) == MAX_TEXT


def test_a_flood_of_colours_reaches_the_page_soon(hostile):
    text = (hostile.autograded("slow") / "04_softmax.ipynb").read_text()
    assert text.count("\\u001b") <= MAX_COLOURS
    assert hostile.page("slow").is_file()


def test_control_nbconvert_spends_its_time_on_the_same_flood():
    code = (
        "import resource, time; from nbconvert.filters.ansi import ansi2html\n"
        "used = int(time.process_time()) + 3\n"
        "resource.setrlimit(resource.RLIMIT_CPU, (used, used))\n"
        f"print(len(ansi2html('\\x1b[0mx' * {MAX_COLOURS})), flush=True)\n"
        "print(len(ansi2html('\\x1b[0mx' * 200_000)), flush=True)"
    )
    command = [sys.executable, "-W", "ignore", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.splitlines() == [str(MAX_COLOURS)]
    assert done.returncode != 0


def test_a_picture_is_what_its_type_says(tools):
    small = tools.picture(3, 3)
    assert sound_picture("image/png", small) == small
    assert sound_picture("image/jpeg", base64.b64encode(JPEG).decode()) is not None
    assert sound_picture("image/jpeg", small) is None


@pytest.mark.parametrize("data", NO_PICTURES)
@pytest.mark.parametrize("mime", ["image/png", "image/jpeg"])
def test_what_is_no_picture_is_not_shown_as_one(mime, data):
    assert sound_picture(mime, base64.b64encode(data).decode()) is None


@pytest.mark.parametrize("value", [None, 3, [], "not base64!", "\ud800", "QQ"])
def test_what_is_no_base64_is_not_shown_as_a_picture(value):
    assert sound_picture("image/png", value) is None


def test_what_hangs_behind_a_picture_is_cut_off(tools):
    assert sound_picture("image/png", tools.picture(3, 3, b"<script>alert(1)</script>")) == tools.picture(3, 3)


def test_a_picture_that_would_fill_the_readers_memory_is_not_shown(tools):
    assert sound_picture("image/png", tools.picture(60_000, 60_000)) is None
    assert sound_picture("image/png", tools.picture(5_000, MAX_PIXELS // 5_000)) is not None


def test_a_graded_notebook_shows_text_and_pictures_only(hostile):
    graded = nbformat.read(hostile.autograded("outputs") / "04_softmax.ipynb", as_version=4)
    outputs = graded.cells[-1].outputs
    kinds = {kind for each in outputs if "data" in each for kind in each.data}
    assert kinds == {"text/plain", "image/png"}
    assert sum("image/png" in each.get("data", {}) for each in outputs) == 1
    assert not any(each.get("metadata") for each in outputs)
    assert all(mark not in json.dumps(outputs) for mark in ("\\u001b]", "\\u009b", "\\u202e", "\\r"))
