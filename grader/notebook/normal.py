"""The normal form of a notebook: nbformat 4.5, bounded, without outputs, valid whatever was in its cells.

What a notebook as a whole may get wrong is refused with a reason; what a single cell may get wrong is put right.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import partial
from typing import Any

MAX_CELLS = 2_000
"""The longest released notebook has about 60 cells; a student's scratch cells do not come near."""

MAX_CODE = 2**20
"""Characters of all code cells together: a hundred times a finished notebook, parsed within seconds."""

MAX_TEXT = 2**20
"""Characters of one text cell; only a picture pasted into it makes it that long."""

_CUT_NOTE = "\n\n(The text was longer; grading cut it off here.)"
_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")  # neither UTF-8 nor a compiler takes them
_CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_TAG = re.compile(r"[^,]+")
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")
_PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})  # SVG can carry scripts
_Types = dict[str, type | tuple[type, ...]]
_KERNELSPEC: _Types = {"name": str, "display_name": str, "language": str}
_LANGUAGE_INFO: _Types = {
    "name": str,
    "version": str,
    "file_extension": str,
    "mimetype": str,
    "pygments_lexer": str,
    "nbconvert_exporter": str,
    "codemirror_mode": (str, dict),
}


class UnreadableNotebookError(ValueError):
    """A notebook that cannot be graded; the message names the file, the reason and the remedy."""


def normalised(notebook: Any, name: str = "the notebook") -> dict[str, Any]:
    """A copy of `notebook` in the normal form; UnreadableNotebookError when it is none or beyond the bounds."""
    if not isinstance(notebook, dict):
        raise UnreadableNotebookError(f"`{name}` is JSON but no notebook. Hand in the `.ipynb` file itself.")
    cells = [_cell(each) for each in _cells(notebook, name)]
    _bound_code(cells, name)
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": _notebook_metadata(notebook.get("metadata")),
        "cells": with_distinct_ids(cells),
    }


def _bound_code(cells: list[dict[str, Any]], name: str) -> None:
    lengths = [len(cell["source"]) if cell["cell_type"] == "code" else 0 for cell in cells]
    if sum(lengths) > MAX_CODE:
        longest = lengths.index(max(lengths)) + 1
        raise UnreadableNotebookError(
            f"`{name}` has more than {MAX_CODE:,} characters of code, most of them in cell {longest}. "
            "Keep data out of the code, save and hand in again."
        )


def with_distinct_ids(cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The cells, each with a valid id of its own: the first to bear an id keeps it, others get `cell-POSITION`."""
    taken: set[str] = set()
    result = []
    for position, cell in enumerate(cells, start=1):
        own = cell.get("id")
        if not isinstance(own, str) or not _CELL_ID.fullmatch(own) or own in taken:
            own = _fresh(f"cell-{position}", taken)
        taken.add(own)
        result.append({**cell, "id": own})
    return result


def source_text(cell: dict[str, Any]) -> str:
    """The source of a cell, whether one string or a list of lines; empty when it is neither."""
    source = cell.get("source")
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    return source if isinstance(source, str) else ""


def without_marks(cell: dict[str, Any]) -> dict[str, Any]:
    """The cell as an ordinary one: nothing of nbgrader's in its metadata."""
    kept = {key: value for key, value in cell["metadata"].items() if key != "nbgrader"}
    return {**cell, "metadata": kept}


def _fresh(wanted: str, taken: set[str]) -> str:
    candidates = (wanted, *(f"{wanted}-{number}" for number in range(len(taken) + 1)))
    return next(each for each in candidates if each not in taken)


def _cells(notebook: dict[str, Any], name: str) -> list[Any]:
    cells = notebook.get("cells")
    if not isinstance(cells, list):
        cells = _cells_of_format_3(notebook)
    if not _is_known_format(notebook.get("nbformat"), found=cells is not None):
        raise UnreadableNotebookError(
            f"`{name}` is no notebook of nbformat 3 or 4. Open it in Jupyter, save it and hand in again."
        )
    if cells is None:
        raise UnreadableNotebookError(
            f"`{name}` has no list of cells. Work on a fresh copy of the assignment and hand that in."
        )
    if len(cells) > MAX_CELLS:
        raise UnreadableNotebookError(
            f"`{name}` has {len(cells):,} cells; at most {MAX_CELLS:,} are read. "
            "Delete cells that are not yours and hand in again."
        )
    return cells


def _is_known_format(version: Any, *, found: bool) -> bool:
    """A number is taken at its word. Where there is none, a list of cells is a notebook."""
    if isinstance(version, bool) or not isinstance(version, int | float):
        return found
    return version in (3, 4)


def _cells_of_format_3(notebook: dict[str, Any]) -> list[Any] | None:
    """Format 3 kept its cells in worksheets, code in `input`, and had a type of its own for headings."""
    sheets = notebook.get("worksheets")
    if not isinstance(sheets, list):
        return None
    found = [sheet["cells"] for sheet in sheets if isinstance(sheet, dict) and isinstance(sheet.get("cells"), list)]
    return [_from_format_3(cell) for cells in found for cell in cells]


def _from_format_3(cell: Any) -> Any:
    if not isinstance(cell, dict):
        return cell
    if cell.get("cell_type") == "code":
        return {**cell, "source": cell.get("input")}
    if cell.get("cell_type") == "heading":
        level = cell.get("level")
        marks = "#" * (level if isinstance(level, int) and 1 <= level <= 6 else 1)
        return {**cell, "cell_type": "markdown", "source": f"{marks} {source_text(cell)}"}
    return cell


def _cell(given: Any) -> dict[str, Any]:
    given = given if isinstance(given, dict) else {}
    kind = given.get("cell_type")
    cell: dict[str, Any] = {
        "id": given.get("id"),
        "cell_type": kind if kind in ("code", "markdown") else "raw",
        "metadata": _cell_metadata(given.get("metadata")),
        "source": _writable(source_text(given)),
    }
    if kind == "code":
        return {**cell, "execution_count": None, "outputs": []}
    cell["source"] = _cut(cell["source"])
    attachments = _attachments(given.get("attachments"))
    return {**cell, "attachments": attachments} if attachments else cell


def _cut(text: str) -> str:
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - len(_CUT_NOTE)] + _CUT_NOTE


def _cell_metadata(given: Any) -> dict[str, Any]:
    """What grading reads and Jupyter's own locks and tags; every other tool's notes are left out."""
    return _only(given, {"nbgrader": _anything, "deletable": _is_bool, "editable": _is_bool, "tags": _are_tags})


def _notebook_metadata(given: Any) -> dict[str, Any]:
    given = given if isinstance(given, dict) else {}
    kernel = _only(given.get("kernelspec"), _types(_KERNELSPEC))
    language = _only(given.get("language_info"), _types(_LANGUAGE_INFO))
    found = _only(given, _types({"celltoolbar": str}))
    if "name" in kernel and "display_name" in kernel:
        found["kernelspec"] = kernel
    if "name" in language:
        found["language_info"] = language
    return found


def _only(given: Any, wanted: dict[str, Callable[[Any], bool]]) -> dict[str, Any]:
    given = given if isinstance(given, dict) else {}
    return {key: _writable(given[key]) for key, fits in wanted.items() if key in given and fits(given[key])}


def _types(table: _Types) -> dict[str, Callable[[Any], bool]]:
    return {key: partial(_is_a, kind) for key, kind in table.items()}


def _is_a(kind: type | tuple[type, ...], value: Any) -> bool:
    return isinstance(value, kind)


def _anything(value: Any) -> bool:
    return True


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool)


def _are_tags(value: Any) -> bool:
    if not isinstance(value, list) or not all(isinstance(tag, str) and _TAG.fullmatch(tag) for tag in value):
        return False
    return len({_writable(tag) for tag in value}) == len(value)


def _attachments(given: Any) -> dict[str, Any]:
    """The pictures among the attachments, as {file name: {MIME type: base64}}; all else is dropped."""
    given = given if isinstance(given, dict) else {}
    pictures = {_writable(name): _pictures(bundle) for name, bundle in given.items() if isinstance(name, str)}
    return {name: bundle for name, bundle in pictures.items() if bundle}


def _pictures(bundle: Any) -> dict[str, str]:
    bundle = bundle if isinstance(bundle, dict) else {}
    texts = {mime: source_text({"source": bundle[mime]}) for mime in sorted(_PICTURES & bundle.keys())}
    return {mime: text for mime, text in texts.items() if text and _BASE64.fullmatch(text)}


def _writable(value: Any) -> Any:
    """The same plain value with only what UTF-8 and strict JSON can hold; its depth is the reader's to bound."""
    if isinstance(value, str):
        return _UNWRITABLE.sub("\ufffd", value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {_writable(key): _writable(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_writable(each) for each in value]
    return value
