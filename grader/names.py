"""Which folder names may stand for a student: they reach paths, patterns, pages, tables and spreadsheets."""

from __future__ import annotations

import unicodedata

MAX_BYTES = 200
"""A file system takes 255, and a verdict's draft adds a suffix."""

_BESIDES = frozenset(" ._-+@'")
"""Signs within a name, as in `o'brien`, `ada.b@school.edu`, `Ada Lovelace`. Each of the others means something to a
shell, a path, nbgrader's patterns (`*`, `[`), HTML, an address (`#`, `%`, `?`) or a list of names (`,`)."""

_REMEDY = "Rename the folder"


def refusal(name: str) -> str:
    """Why no student's folder may have this name, and what to do; empty when it may."""
    if not name or len(name.encode("utf-8", "surrogateescape")) > MAX_BYTES:
        return f"the folder's name is empty or longer than {MAX_BYTES} bytes. {_REMEDY}."
    for sign in name:
        if not _allowed(sign):
            return f"the folder's name holds {_told(sign)}. {_REMEDY}: letters, digits and . _ - + @ ' are allowed."
    if not name[0].isalnum():
        return f"the folder's name begins with {_told(name[0])}. {_REMEDY}: begin with a letter or digit."
    if name[-1] in " .":
        return f"the folder's name ends with {_told(name[-1])}. {_REMEDY}: end with a letter or digit."
    scripts = _scripts(name)
    if len(scripts) > 1:
        return f"the folder's name mixes look-alike alphabets ({', '.join(scripts)}). {_REMEDY} in one of them."
    return ""


def _allowed(sign: str) -> bool:
    return sign in _BESIDES or unicodedata.category(sign)[0] in "LN" or unicodedata.category(sign) in ("Mn", "Mc")


def _told(sign: str) -> str:
    """A character in words: it may be one that nobody should print."""
    known = unicodedata.name(sign, "")
    return f"{known.lower()} (U+{ord(sign):04X})" if known else f"the character U+{ord(sign):04X}"


def _scripts(name: str) -> tuple[str, ...]:
    """Of the alphabets whose letters can be taken for each other, those that the name uses."""
    firsts = {unicodedata.name(sign, "").split(" ")[0].capitalize() for sign in name if sign.isalpha()}
    return tuple(sorted(firsts & {"Latin", "Cyrillic", "Greek", "Armenian", "Cherokee", "Fullwidth", "Mathematical"}))
