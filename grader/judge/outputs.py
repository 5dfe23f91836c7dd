"""What a cell showed, as notebook outputs that are safe to keep, to open and to publish."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import Any

from grader.jail.session import CellRun

MAX_OUTPUTS = 200
MAX_TEXT = 2**20
IMAGES = ("image/png", "image/jpeg")
"""Besides plain text only pictures are kept: HTML, SVG, JavaScript and Markdown could act on their reader."""


def cell_outputs(run: CellRun) -> list[dict[str, Any]]:
    """The outputs of one cell, of known form and bounded size; a last one says if the cell did not end."""
    outputs = [output for each in run.outputs[:MAX_OUTPUTS] for output in _clean(each)]
    if run.lost:
        reason = f"This cell was stopped: {run.lost}."
        outputs.append({"output_type": "error", "ename": "Stopped", "evalue": run.lost, "traceback": [reason]})
    return outputs


def _clean(output: dict[str, Any]) -> Iterator[dict[str, Any]]:
    kind = output.get("output_type")
    if kind == "stream" and output.get("name") in ("stdout", "stderr"):
        yield {"output_type": "stream", "name": output["name"], "text": _text(output.get("text"))}
    elif kind == "error":
        lines = output.get("traceback")
        trace = [_text(line)[:2000] for line in lines[:200]] if isinstance(lines, list) else []
        name, value = _text(output.get("ename"))[:200], _text(output.get("evalue"))[:2000]
        yield {"output_type": "error", "ename": name, "evalue": value, "traceback": trace}
    elif kind in ("display_data", "execute_result") and isinstance(output.get("data"), dict):
        count = {"execution_count": None} if kind == "execute_result" else {}
        yield {"output_type": kind, "data": _bundle(output["data"]), "metadata": {}, **count}


def _bundle(data: dict[str, Any]) -> dict[str, str]:
    kept = {kind: data[kind] for kind in IMAGES if _is_base64(data.get(kind))}
    return {**kept, "text/plain": _text(data.get("text/plain"))}


def _is_base64(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        base64.b64decode(value.replace("\n", ""), validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _text(value: object) -> str:
    if not isinstance(value, str):
        return ""
    return value[:MAX_TEXT].encode("utf-8", "replace").decode("utf-8").replace("\x00", "\ufffd")
