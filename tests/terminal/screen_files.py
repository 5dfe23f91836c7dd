"""Whole screens, held equal to files; `GRADER_GOLDEN=write pytest tests/terminal` writes them anew."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console, RenderableType

from grader import signs

FOLDER = Path(__file__).parent / "golden"


def drawn(what: Iterable[RenderableType], columns: int, rows: int = 30, *, encoding: str = "utf-8") -> str:
    """What a terminal of so many columns shows, without colours."""
    signs.register()
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding, errors=signs.NAME, newline="\n")
    console = Console(file=file, width=columns, height=rows, force_terminal=True, color_system=None)
    for each in what:
        console.print(each, width=min(columns, 100))
    file.flush()
    return "\n".join(line.rstrip() for line in raw.getvalue().decode(encoding).split("\n"))


def hold(name: str, shown: str) -> None:
    """AssertionError where a screen is not as its file has it."""
    path = FOLDER / f"{name}.txt"
    if os.environ.get("GRADER_GOLDEN") == "write":
        path.write_text(shown, encoding="utf-8")
    assert shown == path.read_text(encoding="utf-8")
