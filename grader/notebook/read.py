"""Reading a submission from disk: bounded, never blocking, never following a link, parsed as plain JSON."""

from __future__ import annotations

import codecs
import json
import os
import re
import stat
from itertools import islice
from pathlib import Path
from typing import Any

from grader.notebook.normal import UnreadableNotebookError, normalised

__all__ = [
    "MAX_BYTES",
    "MAX_DEPTH",
    "MAX_PARTS",
    "UnreadableNotebookError",
    "read_bytes",
    "read_notebook",
    "shown_name",
    "to_notebook",
]

MAX_BYTES = 32 * 2**20
"""A finished notebook with all its plots stays under 5 MiB; more is output that nobody reads, or an attack."""

MAX_DEPTH = 100
"""A notebook nests 6 deep, the JSON of an interactive plot about 20; Python's parser gives up near 1,000."""

MAX_PARTS = 2_000_000
"""Strings and brackets: two for each line of the longest printout; two million take about 300 MB as objects."""

# Flags that a system lacks (Windows has none of the four) count as 0. NONBLOCK: a pipe without a writer opens.
_FLAGS = os.O_RDONLY | sum(
    getattr(os, flag, 0) for flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY")
)

_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISLNK, "a symbolic link"),
    (stat.S_ISSOCK, "a socket"),
)

_FOREIGN = (
    (b"PK", b"[Content_Types].xml", "is a file of Excel, Word or the like. Hand in the `.ipynb` file itself."),
    (b"PK\x03\x04", b"", "is a ZIP archive. Unpack it and hand in the notebook itself."),
    (b"\x1f\x8b", b"", "is a gzip archive. Unpack it and hand in the notebook itself."),
    (b"%PDF-", b"", "is a PDF. Hand in the `.ipynb` file itself."),
    (b"<<<<<<<", b"", ""),  # of a merge: with its line, `_about_json` tells
    (b"<", b"", "is a web page. Download the `.ipynb` file itself and hand that in."),
)
"""What is handed in by mistake, the first that fits: the first bytes, which can begin no JSON, and some behind them."""

_BLANK = b"\x00 \t\n\r\v\f"  # a disk that failed leaves zeros

_CONFLICT = re.compile(r"^(?:<{7}|>{7}) ", re.MULTILINE)
_LAST_WORD = re.compile(r"[-+.\w]*\s*")  # what is left behind the place where the JSON of a cut file breaks off

# A whole string (possessive, so that no text makes it search twice), or one bracket.
_PART = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[{]|[\]}]', re.DOTALL)


def read_notebook(path: Path) -> dict[str, Any]:
    """The notebook in its normal form (nbformat 4.5, no outputs); UnreadableNotebookError says why not."""
    return to_notebook(read_bytes(path), shown_name(path))


def to_notebook(content: bytes, name: str) -> dict[str, Any]:
    """The notebook in a file's content, in its normal form; UnreadableNotebookError, with `name`, says why not."""
    text = _text(content, name)
    _bound(text, name)
    return normalised(_parsed(text, name), name)


def read_bytes(path: Path) -> bytes:
    """The content of a regular file of at most MAX_BYTES; UnreadableNotebookError for anything else."""
    name = shown_name(path)
    try:
        content = _content(path, name)
    except UnreadableNotebookError:
        raise
    except (OSError, ValueError) as error:
        raise UnreadableNotebookError(_unopened(path, name, error)) from None
    if len(content) > MAX_BYTES:
        raise UnreadableNotebookError(
            f"`{name}` is larger than {MAX_BYTES // 2**20} MiB. Clear its outputs, save and hand in again."
        )
    return content


def _content(path: Path, name: str) -> bytes:
    descriptor = os.open(path, _FLAGS)
    try:
        _require_regular(os.fstat(descriptor).st_mode, name)
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(MAX_BYTES + 1)  # not the size that fstat gave: the file may still grow
    finally:
        os.close(descriptor)


def _require_regular(mode: int, name: str) -> None:
    if not stat.S_ISREG(mode):
        raise UnreadableNotebookError(f"`{name}` is {_kind(mode)}, not a file. Hand in the notebook itself.")


def _kind(mode: int) -> str:
    return next((word for fits, word in _KINDS if fits(mode)), "something else")


def _unopened(path: Path, name: str, error: Exception) -> str:
    """Why the file did not open. The kind is asked for by name, so it serves the message only."""
    try:
        mode = path.lstat().st_mode
    except (OSError, ValueError):
        return f"`{name}` cannot be found{_instead(path)}. Hand in a notebook of that name."
    if not stat.S_ISREG(mode):
        return f"`{name}` is {_kind(mode)}, not a file. Hand in the notebook itself."
    reason = error.strerror if isinstance(error, OSError) else "its name is not allowed"
    return f"`{name}` cannot be opened: {reason}. Make it readable for the account that grades."


def _instead(path: Path) -> str:
    """The notebooks of other names that lie in its place."""
    try:
        with os.scandir(path.parent) as entries:
            names = sorted(each.name for each in islice(entries, 1000) if each.name.casefold().endswith(".ipynb"))
    except (OSError, ValueError):
        return ""
    return f", only {', '.join(f'`{shown_name(Path(each))}`' for each in names[:3])}" if names else ""


def _text(content: bytes, name: str) -> str:
    if not content.strip(_BLANK):
        raise UnreadableNotebookError(f"`{name}` is empty. Save the notebook once more and hand in again.")
    start = content.removeprefix(codecs.BOM_UTF8).lstrip()[:8]
    found = (sentence for first, part, sentence in _FOREIGN if start.startswith(first) and part in content)
    if sentence := next(found, ""):
        raise UnreadableNotebookError(f"`{name}` {sentence}")
    try:
        return content.decode(json.detect_encoding(content))
    except UnicodeDecodeError as error:
        raise UnreadableNotebookError(
            f"`{name}` is not UTF-8 text (byte {error.start}). Save it with the encoding UTF-8 and hand in again."
        ) from None


def _bound(text: str, name: str) -> None:
    """Refuses what would take more memory or stack as objects than as text, before any object is made."""
    depth = 0
    for count, part in enumerate(_PART.finditer(text), start=1):
        first = text[part.start()]
        depth += (first in "[{") - (first in "]}")
        if depth > MAX_DEPTH:
            raise UnreadableNotebookError(
                f"`{name}` nests its data more than {MAX_DEPTH} levels deep. Clear its outputs, save and hand in again."
            )
        if count > MAX_PARTS:
            raise UnreadableNotebookError(
                f"`{name}` holds more than {MAX_PARTS:,} pieces of data. Clear its outputs, save and hand in again."
            )


def _parsed(text: str, name: str) -> Any:
    """The JSON value; of equal keys the last counts, NaN, Infinity and raw control characters in texts are read."""
    try:
        return json.loads(text, strict=False)
    except json.JSONDecodeError as error:
        sentence = _about_json(text, error)
    except ValueError:  # Python's own bound on reading an integer
        sentence = "holds a number of more than 4,300 digits. Open it in Jupyter, save it and hand in again."
    raise UnreadableNotebookError(f"`{name}` {sentence}")


def _about_json(text: str, error: json.JSONDecodeError) -> str:
    if conflict := _CONFLICT.search(text):
        line = text.count("\n", 0, conflict.start()) + 1
        return f"holds the marks of a git merge (line {line}). Finish the merge, save it and hand in again."
    if error.msg.startswith("Unterminated") or (error.msg != "Extra data" and _LAST_WORD.fullmatch(text, error.pos)):
        return f"is not the JSON of a notebook (line {error.lineno}: it ends in the middle). Hand in the whole file."
    reason = f"line {error.lineno}: {error.msg}"
    if not text.lstrip().startswith("{"):
        return f"is not the JSON of a notebook ({reason}). Hand in the `.ipynb` file that Jupyter saved."
    return f"is not the JSON of a notebook ({reason}). Open it in Jupyter, save it and hand in again."


def shown_name(path: Path) -> str:
    """The file's name as a message may show it, without what a terminal would obey."""
    return "".join(char if char.isprintable() else "\ufffd" for char in path.name)[:100]
