"""Signs that a terminal's encoding lacks: the kit's own have a plain stand-in each, of the same width."""

from __future__ import annotations

import codecs

NAME = "grader-signs"
"""Of the error handler, as `TextIOWrapper.reconfigure(errors=…)` takes it once `register` was called."""

_STAND_INS = str.maketrans("✓✗·★☆▸…−×–—█░≠↑↓→\u00a0", "+x-*.>.-x--#-!^v> ")


def register() -> None:
    """Makes the error handler known: whatever else a terminal cannot show becomes an escape, and stops nothing."""
    codecs.register_error(NAME, _plain)


def _plain(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    shown = error.object[error.start : error.end].translate(_STAND_INS)
    return shown.encode("ascii", "backslashreplace").decode("ascii"), error.end
