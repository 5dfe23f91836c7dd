"""One labelled row of a panel."""

from __future__ import annotations

from dataclasses import dataclass

from grader.panel.plain import MAX_LINE
from grader.verdict import Grid


@dataclass(frozen=True)
class Row:
    """A label and what stands behind it: text, and perhaps a drawing or a bar under it.

    code: the text is shown as code. most: characters of it that are shown. bar: (done, total).
    """

    label: str
    text: str
    code: bool = False
    most: int = MAX_LINE
    drawing: tuple[Grid, ...] = ()
    bar: tuple[int, int] | None = None
