"""Accidents with the file: encodings, damaged JSON, files cut off, files that are something else."""

from __future__ import annotations

import codecs
import gzip
import io
import json
import pickle
import re
import zipfile
from collections.abc import Callable

from mangled.drafts import Draft
from tests_support import ROOT

Writing = Callable[[Draft, bytes], bytes]
"""Makes the file's content from what Jupyter would have written."""


def encoded(codec: str, mark: bytes = b"") -> Writing:
    return lambda draft, content: mark + content.decode().encode(codec)


def line_ends(new: bytes) -> Writing:
    return lambda draft, content: content.replace(b"\n", new)


def on_one_line(draft: Draft, content: bytes) -> bytes:
    return json.dumps(json.loads(content), separators=(",", ":")).encode()


def keys_sorted(draft: Draft, content: bytes) -> bytes:
    return json.dumps(json.loads(content), sort_keys=True, indent="\t").encode()


def blanks_around(draft: Draft, content: bytes) -> bytes:
    return b"\n\n \t" + content + b"\n" * 1000


def keys_twice(draft: Draft, content: bytes) -> bytes:
    """Of equal keys the last counts, as Jupyter's own reader has it."""
    return content.replace(b'"cells": [', b'"cells": null, "metadata": 7, "metadata": {}, "cells": [', 1)


_BEFORE_A_TEXT = re.compile(rb'"markdown",(?:(?!"source").)*"source": "', re.DOTALL)


def put_before_texts(inserted: bytes) -> Writing:
    return lambda draft, content: _BEFORE_A_TEXT.sub(lambda found: found[0] + inserted, content)


def zero_bytes_in_comments(draft: Draft, content: bytes) -> bytes:
    return content.replace(b"# The points of this exercise", b"# \\u0000 The points of this exercise")


def conflict_inside_an_answer(draft: Draft, content: bytes) -> bytes:
    name = draft.pick()
    start = json.dumps(draft.answers[name]["source"], ensure_ascii=False)[1:-1].encode()
    if start not in content:
        raise LookupError(f"{name} is written in another form")
    shared = [other for other, cell in draft.answers.items() if cell is draft.answers[name]]
    draft.lose(*shared)
    return content.replace(start, rb"<<<<<<< HEAD\n" + start + rb"\n=======\n" + start + rb"\n>>>>>>> main")


# No longer a notebook

NO_JSON = "is not the JSON of a notebook"
NO_UTF_8 = "is not UTF-8 text"


def broken(write: Callable[[bytes], bytes], reason: str) -> Writing:
    def change(draft: Draft, content: bytes) -> bytes:
        draft.reason = reason
        return write(content)

    return change


def _conflict(content: bytes) -> bytes:
    lines = content.split(b"\n")
    at = len(lines) // 2
    both = [b"<<<<<<< HEAD", lines[at], b"=======", lines[at], b">>>>>>> 4f2e1d0 (mine)"]
    return b"\n".join([*lines[:at], *both, *lines[at + 1 :]])


def _zipped(content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("04_softmax.ipynb"), content)
    return file.getvalue()


def _script(content: bytes) -> bytes:
    cells = json.loads(content)["cells"]
    return "\n\n# In[ ]:\n\n".join(["#!/usr/bin/env python", *(str(cell.get("source")) for cell in cells)]).encode()


def _page(content: bytes) -> bytes:
    return b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>" + content + b"</body></html>"


def cut_off_at(share: float) -> Callable[[bytes], bytes]:
    return lambda content: content[: int(len(content) * share)]


def _cut_in_a_character(content: bytes) -> bytes:
    return content[: content.index("·".encode()) + 1]


_METRICS = ROOT / "assignments" / "05_metrics" / "05_metrics.ipynb"

CUTS = (0.0005, 0.02, 0.1, 0.25, 0.4, 0.55, 0.7, 0.85, 0.95, 0.99, 0.999)

FILES: dict[str, Writing] = {
    each.__name__: each
    for each in (
        on_one_line,
        keys_sorted,
        blanks_around,
        keys_twice,
        zero_bytes_in_comments,
        conflict_inside_an_answer,
    )
}
FILES |= {
    "raw_control_characters_in_texts": put_before_texts(b"\x00\t\x01\n"),  # what strict JSON forbids
    "surrogates_in_texts": put_before_texts(rb"\ud800 \udfff"),
    "conflict_inside_texts": put_before_texts(rb"<<<<<<< HEAD\nmine\n=======\nyours\n>>>>>>> main\n"),
    "utf_8_with_mark": encoded("utf-8-sig"),
    "utf_16": encoded("utf-16"),
    "utf_16_le_with_mark": encoded("utf-16-le", codecs.BOM_UTF16_LE),
    "utf_16_be_with_mark": encoded("utf-16-be", codecs.BOM_UTF16_BE),
    "utf_16_le_without_mark": encoded("utf-16-le"),
    "utf_16_be_without_mark": encoded("utf-16-be"),
    "utf_32": encoded("utf-32"),
    "windows_line_ends": line_ends(b"\r\n"),
    "old_macs_line_ends": line_ends(b"\r"),
    "empty": broken(lambda content: b"", "is empty"),
    "blank": broken(lambda content: b" \n\t\n", "is empty"),
    "zero_bytes_only": broken(lambda content: bytes(len(content)), "is empty"),
    "zero_bytes_at_the_end": broken(lambda content: content[:-4096] + bytes(4096), NO_JSON),
    "latin_1": broken(lambda content: content.decode().encode("latin-1", "replace"), NO_UTF_8),
    "mac_roman": broken(lambda content: content.decode().encode("mac-roman", "replace"), NO_UTF_8),
    "raw_surrogates": broken(lambda content: content.replace("·".encode(), b"\xed\xa0\x80"), NO_UTF_8),
    "cut_in_a_character": broken(_cut_in_a_character, NO_UTF_8),
    "conflict_in_the_json": broken(_conflict, "git"),
    "a_comma_too_many": broken(lambda content: content.replace(b'"cells": [', b'"cells": [,', 1), NO_JSON),
    "a_bracket_missing": broken(lambda content: content.rstrip()[:-1], NO_JSON),
    "two_notebooks": broken(lambda content: content + content, NO_JSON),
    "something_behind": broken(lambda content: content + b"EOF", NO_JSON),
    "a_diff": broken(lambda content: b"+" + content.replace(b"\n", b"\n+"), NO_JSON),
    "pythons_own_form": broken(lambda content: repr(json.loads(content)).encode(), NO_JSON),
    "a_comment_on_top": broken(lambda content: b"// my notebook\n" + content, NO_JSON),
    "a_script": broken(_script, NO_JSON),
    "an_html_page": broken(_page, "is a web page"),
    "an_html_page_after_a_mark": broken(lambda content: codecs.BOM_UTF8 + b"\n " + _page(content), "is a web page"),
    "a_zip": broken(_zipped, "is a ZIP archive"),
    "gzip": broken(lambda content: gzip.compress(content, mtime=0), "is a gzip archive"),
    "a_pdf": broken(lambda content: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + content, "is a PDF"),
    "a_picture": broken(lambda content: b"\x89PNG\r\n\x1a\n" + content, NO_UTF_8),
    "a_pickle": broken(lambda content: pickle.dumps(json.loads(content)), NO_UTF_8),
    "a_giant_integer": broken(
        lambda content: content.replace(b'"nbformat":', b'"x": %s,"nbformat":' % (b"9" * 5000)), "digits"
    ),
    "thirty_three_megabytes": broken(lambda content: b" " * (33 * 2**20) + content, "is larger than 32 MiB"),
    "two_million_pieces": broken(lambda content: b'{"x":[' + b'"",' * 2_000_001 + b"0]}", "pieces of data"),
    "another_lesson_s": broken(lambda content: _METRICS.read_bytes(), "holds the exercises of `05_metrics` and none"),
    "a_hundred_thousand_brackets": broken(lambda content: b"[" * 100_000 + b"]" * 100_000, "levels deep"),
}
FILES |= {f"cut_off_at_{share:.2%}": broken(cut_off_at(share), NO_JSON) for share in CUTS}
