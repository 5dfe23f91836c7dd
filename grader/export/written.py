"""What a format makes: the file's text, and what a person should know of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Written:
    """said: sentences about what could not be matched, filled in or kept; safe to show."""

    text: str
    said: tuple[str, ...] = ()
