"""The names of a running notebook as a world to ask, with places told as the notebook shows them.

Importing this imports the judge, and torch with it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from grader.course import Family
from grader.jail.owners import is_own
from grader.jail.tracer import Tracer
from grader.judge.probe import Probe
from grader.judge.world import LocalWorld, Reply
from grader.kernel import cell_label, user_names


class LiveWorld:
    """The names of a running notebook, and the answer at hand. An interrupt ends the check, as it ends any cell."""

    def __init__(self, name: str, answer: object) -> None:
        self._own = _code_file(answer)
        self._local = LocalWorld(
            {**user_names(), name: answer},
            self._is_authors,
            lambda families: Tracer(families, is_own, self._is_authors),
        )

    def call(
        self, probe: Probe, payload: bytes, forbidden: tuple[Family, ...], *, seconds: float | None = None
    ) -> Reply:
        """The reply of the notebook's names; KeyboardInterrupt when its author interrupts."""
        reply = self._local.call(probe, payload, forbidden)
        if reply.raised is not None and "KeyboardInterrupt" in reply.raised.kinds:
            raise KeyboardInterrupt
        calls = tuple(replace(each, cell=_place(each.cell)) for each in reply.forbidden)
        if reply.raised is None:
            return replace(reply, forbidden=calls)
        place = _place(reply.raised.cell)
        where = place if place.endswith(".py") else f"cell {place}"
        return replace(reply, forbidden=calls, raised=replace(reply.raised, cell=where))

    def _is_authors(self, file: str) -> bool:
        return file == self._own or cell_label(file) != ""


def _code_file(answer: object) -> str:
    """The file that a function's code, or that of a class' methods, was compiled from; empty when none tells."""
    things = [answer, *vars(answer).values()] if isinstance(answer, type) else [answer]
    files = (getattr(getattr(thing, "__code__", None), "co_filename", "") for thing in things)
    return next((file for file in files if isinstance(file, str) and file), "")


def _place(file: str) -> str:
    """`In[5]` for a cell's code; the bare name of any other file; empty for code made from text."""
    return cell_label(file) or ("" if file.startswith("<") else Path(file).name)
