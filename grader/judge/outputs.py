"""What a cell showed, as notebook outputs that are safe to keep, to open and to publish."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from grader.jail.runs import CellRun
from grader.notebook.raster import sound_picture

MAX_OUTPUTS = 200
MAX_TEXT = 2**20
"""Characters of text that one cell may show, in all its outputs together."""

MAX_COLOURS = 1_000
"""Colour escapes in one text. nbconvert copies the rest of the text at each of them: a million would take it hours."""

IMAGES = ("image/png", "image/jpeg")
"""Besides plain text only pictures are kept: HTML, SVG, JavaScript and Markdown could act on their reader."""

_COLOUR = re.compile(r"\x1b\[[0-9;]{0,24}m")
# CSI (colours among them), OSC and the other strings up to their end (at most their line), two-character escapes
_ESCAPE = re.compile(
    r"(?P<colour>\x1b\[[0-9;]{0,24}m)|\x1b\[[0-?]*[ -/]*[@-~]?|\x1b[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)?|\x1b[ -~]?"
)
_OVERWRITTEN = re.compile(r"^[^\n]*\r(?=[^\n])", re.MULTILINE)  # a progress bar: a terminal shows only its last state
# controls but tab and line feed, what turns the direction of text, lone surrogates
_REFUSED = re.compile("[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def cell_outputs(run: CellRun) -> list[dict[str, Any]]:
    """The outputs of one cell, of known form and bounded size; a last one says if the cell did not end."""
    outputs, left = [], MAX_TEXT
    for given in run.outputs[:MAX_OUTPUTS]:
        for output in _clean(given, left):
            left = max(0, left - _length(output))
            outputs.append(output)
    if run.lost:
        reason = f"This cell was stopped: {run.lost}."
        outputs.append({"output_type": "error", "ename": "Stopped", "evalue": run.lost, "traceback": [reason]})
    return outputs


def _clean(output: dict[str, Any], most: int) -> Iterator[dict[str, Any]]:
    kind = output.get("output_type")
    if kind == "stream" and output.get("name") in ("stdout", "stderr"):
        yield {"output_type": "stream", "name": output["name"], "text": _text(output.get("text"), most)}
    elif kind == "error":
        lines = output.get("traceback")
        trace = [_text(line, 2000) for line in lines[:200]] if isinstance(lines, list) else []
        name, value = _text(output.get("ename"), 200), _text(output.get("evalue"), 2000)
        yield {"output_type": "error", "ename": name, "evalue": value, "traceback": trace}
    elif kind in ("display_data", "execute_result") and isinstance(output.get("data"), dict):
        count = {"execution_count": None} if kind == "execute_result" else {}
        yield {"output_type": kind, "data": _bundle(output["data"], most), "metadata": {}, **count}


def _bundle(data: dict[str, Any], most: int) -> dict[str, str]:
    pictures = {kind: sound_picture(kind, data.get(kind)) for kind in IMAGES}
    kept = {kind: picture for kind, picture in pictures.items() if picture is not None}
    return {**kept, "text/plain": _text(data.get("text/plain"), most)}


def _length(output: dict[str, Any]) -> int:
    if output["output_type"] == "error":
        return sum(map(len, output["traceback"]))
    return len(output["text"] if output["output_type"] == "stream" else output["data"]["text/plain"])


def _text(value: object, most: int) -> str:
    """Text in which only colours are left of what a terminal obeys, and those within bounds."""
    if not isinstance(value, str):
        return ""
    shown = _OVERWRITTEN.sub("", value[:most].replace("\r\n", "\n"))
    shown = _REFUSED.sub("\ufffd", _ESCAPE.sub(lambda found: found["colour"] or "", shown).replace("\r", "\n"))
    return _COLOUR.sub("", shown) if shown.count("\x1b") > MAX_COLOURS else shown
