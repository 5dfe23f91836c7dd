"""Making strangers' text harmless for terminals and pages alike; escaping for HTML comes on top of it."""

from __future__ import annotations

import re
import unicodedata

MAX_LINE = 300
"""Characters of one value that a panel shows: three lines of a terminal."""

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-_])")
_SPACES = re.compile(r"[\t\n\r\f\v\x1c-\x1e\x85\u2028\u2029]+")
# controls, formats (they hide text or turn its direction), surrogates, private use, characters that do not exist
_REFUSED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_MARKS = frozenset({"Mn", "Me"})
# more marks than this on one letter draw over the lines around it; no language needs as many
_MOST_MARKS = 3
# a cut must not be paid for with the length of what is cut off: escapes and marks vanish, so look a little further
_LOOK_AHEAD = 4


def inert(text: str, most: int = MAX_LINE) -> str:
    """One line of text in which nothing moves a cursor, colours, hides or turns what stands around it.

    Longer text is cut after `most` characters, and says so.
    """
    near = text[: most * _LOOK_AHEAD]
    shown = _few_marks(_SPACES.sub(" ", _ESCAPES.sub("", near)))
    if len(shown) <= most and len(near) == len(text):
        return shown
    return f"{shown[:most]} … (cut: {len(text):,} characters in all)"


def _few_marks(text: str) -> str:
    kept: list[str] = []
    marks = 0
    for char in text:
        category = unicodedata.category(char)
        marks = marks + 1 if category in _MARKS else 0
        if marks <= _MOST_MARKS:
            kept.append("\N{REPLACEMENT CHARACTER}" if category in _REFUSED else char)
    return "".join(kept)
