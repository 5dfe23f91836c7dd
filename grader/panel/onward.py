"""What stands behind a result in its author's panel: how to get help, what comes next, and how far one is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.panel.row import Row

if TYPE_CHECKING:
    from grader.achieved import Place

_STARS = 3


@dataclass(frozen=True)
class Onward:
    """help: one sentence on where help is. place: how far one is, after full points; here: the assignment at hand."""

    help: str = ""
    place: Place | None = None
    here: str = ""

    @property
    def rows(self) -> Iterator[Row]:
        if self.place is not None:
            yield Row("next", _next(self.place, self.here))
        if self.place is not None and self.place.done:
            done, total = self.place.done, self.place.total
            yield Row("course", f"{done} of {total} done", bar=(done, total))
        if self.help:
            yield Row("help", self.help)


def _next(place: Place, here: str) -> str:
    """`log_softmax(x)` · ★★★ · 15 min."""
    if place.next is None:
        return f"Nothing: all {place.total} exercises of the course are done."
    about = place.next
    where = "" if about.assignment == here else f" · in {about.assignment}"
    stars = "★" * about.difficulty + "☆" * (_STARS - about.difficulty)
    return f"`{about.call}` · {stars} · {about.minutes} min{where}"
