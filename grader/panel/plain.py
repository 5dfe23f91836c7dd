"""Making strangers' text harmless for terminals and pages alike; escaping for HTML comes on top of it."""

from __future__ import annotations

import re
import unicodedata

MAX_LINE = 300

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-_])")
# controls, surrogates, private use, and formats such as the marks that turn the direction of writing
_REFUSED = frozenset({"Cc", "Cf", "Cs", "Co"})


def inert(text: str) -> str:
    """One line of text in which nothing moves a cursor, colours, hides or turns what stands around it."""
    bare = _ESCAPES.sub("", text)
    shown = "".join("\ufffd" if unicodedata.category(char) in _REFUSED else char for char in bare.replace("\t", "    "))
    return shown if len(shown) <= MAX_LINE else shown[:MAX_LINE] + " …"
