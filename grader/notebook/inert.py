"""Text cells of the student's in which nothing acts on whoever opens them.

nbgrader's pages, formgrader's among them, put a text cell's raw HTML into the page of a logged-in TA. A sanitiser of
HTML does not fit Markdown (bleach, which nbconvert's own preprocessor uses, turns `a < b` in code into `a &lt; b`, and
what it passes is parsed once more by another parser). So no parser is trusted here: each rule takes away the
characters without which *every* parser of Markdown and HTML sees plain text. Headings, lists, tables, code, maths and
links keep working; so do pictures that come with the notebook. What was released is the course's own and stays.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from grader.notebook.marks import trimmed
from grader.notebook.normal import source_text
from grader.notebook.raster import sound_picture

MAX_OWN_TEXT = 20_000
"""Characters of one text cell of the student's without pictures: ten pages. nbconvert's time grows by the square."""

MAX_OWN_TEXTS = 200_000
"""Characters of all of them."""

CUT_NOTE = "\n\n(The text was longer; grading cut it off here.)"
NO_RESULT = "*(The student wrote this cell. Results of grading never stand in text cells.)*\n\n"
"""Stands over a text that speaks of points or scores, as the panels do."""

# `!` and a space are text, `[` after them begins a link. An attachment's name and a file's path hold nothing that a
# parser could take for syntax, no scheme, and no way up.
_PICTURE = re.compile(
    r"(!\[[^\[\]\n<>&\\`$]*\]\((?:attachment:[\w.-]+|data:image/(?:png|jpeg);base64,[A-Za-z0-9+/=]+"
    r"|(?!/)(?:[\w-]+/){0,4}[\w-]+(?:\.[\w-]+)*\.(?:png|jpe?g|gif|webp))\))"
)
_ENTITY = re.compile(r"&(?=#|\w+;)(?!(?:nbsp|lt|gt|amp(?!;#|;\w+;));)")
_TAG = re.compile(r"<(?=[A-Za-z/!?]|\Z)")
_SCHEME = re.compile(r"(?i)\b((?:java|vb|live|j)\s*script|vbs|file|blob|filesystem|view-source|intent)(?=\\?:)")
_DATA = re.compile(r"(?i)\b(data)(?=\\?:\S)")
_MATHS = re.compile(r"\\(href|url|cssId|class|style|require|data|html\w*|includegraphics|unicode|csname)(?![A-Za-z])")
_INNER_TAB = re.compile(r"(?<=[^\t\n ])([ ]*)\t+")  # browsers drop a tab within an address
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
_TAG_OF_A_CELL = re.compile(r"[\w-]{1,40}")  # they become classes of the page's: a space would add one such as `hidden`
_SPEAKS_OF_POINTS = re.compile(r"(?i)\d\s*(?:of|/|out of)\s*\d+(?:\.\d+)?\s*(?:points?|marks?)|\bscore\s*:")


def with_inert_texts(notebook: dict[str, Any], released: dict[str, Any]) -> dict[str, Any]:
    """The notebook with every text and raw cell inert that is not as it was released. Doing it twice changes nothing.

    Neither argument is changed. Both are in the normal form.
    """
    ours = {trimmed(source_text(cell)): cell for cell in released["cells"] if cell["cell_type"] != "code"}
    left = MAX_OWN_TEXTS
    cells = []
    for given in notebook["cells"]:
        cell = _with_plain_tags(given)
        known = ours.get(trimmed(source_text(cell)))
        if cell["cell_type"] == "code":
            cells.append(cell)
        elif known is not None and known["cell_type"] == cell["cell_type"]:
            cells.append(_with_attachments(cell, known.get("attachments", {})))
        else:
            pictures = _sound(cell.get("attachments", {}))
            text = inert_text(source_text(cell), pictures, most=min(MAX_OWN_TEXT, left))
            left -= min(left, len(_PICTURE.sub("", text)))
            cells.append(_with_attachments({**cell, "source": text}, pictures))
    return {**notebook, "cells": cells}


def inert_text(text: str, attachments: Collection[str] = (), *, most: int = MAX_OWN_TEXT) -> str:
    """Markdown that renders to no tag, comment, entity, script address or request of the student's choosing.

    attachments: names of the pictures that come with the cell; a picture of any other name becomes a link.
    """
    body = text.removeprefix(NO_RESULT)
    cut = body.endswith(CUT_NOTE)
    shown = []
    for index, part in enumerate(_PICTURE.split(body.removesuffix(CUT_NOTE))):
        if index % 2 and _comes_with_it(part, attachments):
            shown.append(part)
            continue
        plain = _plain(part)
        shown.append(plain[:most])
        if len(plain) > most:
            cut = True
            break
        most -= len(plain)
    result = "".join(shown)
    note = NO_RESULT if _SPEAKS_OF_POINTS.search(result) else ""
    return note + result + (CUT_NOTE if cut else "")


def _comes_with_it(picture: str, attachments: Collection[str]) -> bool:
    where = picture.rsplit("](", 1)[1][:-1]
    if where.startswith("attachment:"):
        # nbconvert stops at one that is missing, and the whole page with it
        return where.removeprefix("attachment:") in attachments
    if where.startswith("data:"):
        mime, _, data = where.removeprefix("data:").partition(";base64,")
        return sound_picture(mime, data) is not None
    return True


def _plain(text: str) -> str:
    text = _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _INNER_TAB.sub(r"\1 ", text)
    text = _ENTITY.sub("& ", text)  # before the schemes: `java&#115;cript` would become one later
    text = _TAG.sub("< ", text)
    text = _SCHEME.sub(r"\1 ", text)
    text = _DATA.sub(r"\1 ", text)
    text = _MATHS.sub(r"\\mathrm{\1}", text)
    return text.replace("![", "! [")


def _with_plain_tags(cell: dict[str, Any]) -> dict[str, Any]:
    if "tags" not in cell["metadata"]:
        return cell
    tags = [tag for tag in cell["metadata"]["tags"] if _TAG_OF_A_CELL.fullmatch(tag)]
    return {**cell, "metadata": {**cell["metadata"], "tags": tags}}


def _sound(attachments: dict[str, Any]) -> dict[str, Any]:
    """The PNG and JPEG among a cell's attachments that are such by their bytes."""
    found = {}
    for name, bundle in attachments.items():
        kept = {mime: sound_picture(mime, bundle[mime]) for mime in ("image/png", "image/jpeg") if mime in bundle}
        if any(kept.values()):
            found[name] = {mime: data for mime, data in kept.items() if data}
    return found


def _with_attachments(cell: dict[str, Any], attachments: dict[str, Any]) -> dict[str, Any]:
    rest = {key: value for key, value in cell.items() if key != "attachments"}
    return {**rest, "attachments": attachments} if attachments else rest
