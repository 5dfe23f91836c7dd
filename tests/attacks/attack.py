"""What an attack is: data. One submission, what its answers deserve, and what its control must show."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

Notebook = dict[str, Any]

FIRST, LAST = "first", "last"
"""Keys of `Attack.cells` that stand for a cell of the attacker's own, before or after all others."""


def code(source: str) -> str:
    """A cell's source, written indented."""
    return textwrap.dedent(source).strip("\n")


class Bite(StrEnum):
    """What an attack gets where nothing holds it back; its control must show it."""

    POINTS = "points"  # more than its answers deserve
    LEAK = "leak"  # a planted secret stands in what comes out
    PACKET = "packet"  # the accomplice outside got a message
    FILE = "file"  # something outside the submission's own folder was written
    KILL = "kill"  # the neighbour, graded after it, has no result
    STALL = "stall"  # the run does not end
    FLOOD = "flood"  # memory, processes, disk or output without bound
    NONE = "none"  # nothing without the jail either: an honest twin, see `note`


@dataclass(frozen=True)
class Attack:
    """One cheat. The names in `notebooks.facts` are what its author knows and may use in every cell.

    name: a sentence without its subject, unique in all chapters. cells: {exercise or grade_id: source}, and FIRST
    and LAST; all other exercises stay as released. honest: exactly the points that its answers deserve, and so
    what it must get. must_not: what it is after. bites: what its control must show.

    mangle: changes the notebook, or turns it into the file's text or bytes. beside: writes what else lies in the
    submission's folder. friend: cells of a second student's submission, graded beside this one or, with
    `friend_first`, before it by the same worker; the friend knows `ANSWER`, which must not get across.
    needs: what the control needs, see `arena.NEEDS`. limits_hit: how many time limits it may
    use up. alone: nothing else is graded meanwhile, and no process may be left afterwards. caught: what the
    verdict must say of it (a word of its outcome, a flag or a repair). control: the chapter's own control, where
    the naive grader's run is none; it returns what bit, and nothing when nothing did.
    """

    name: str
    chapter: str
    assignment: str
    cells: Mapping[str, str]
    must_not: str
    bites: Bite
    honest: float = 0.0
    mangle: Callable[[Notebook], Notebook | str | bytes] | None = None
    beside: Callable[[Path], None] | None = None
    friend: Mapping[str, str] = field(default_factory=dict)
    friend_first: bool = False
    needs: str = ""
    limits_hit: int = 0
    alone: bool = False
    caught: str = ""
    control: Callable[[Path], str] | None = None
    note: str = ""

    @property
    def student(self) -> str:
        """The attacker's name in `submitted/`."""
        return re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")


@dataclass(frozen=True)
class Chapter:
    """Makes the attacks of one chapter; keywords beyond those named here are fields of `Attack`."""

    name: str
    assignment: str = "04_softmax"

    def attack(self, name: str, cells: Mapping[str, str], must_not: str, bites: Bite, **rest: Any) -> Attack:
        """Any cells at all."""
        fields = {"assignment": self.assignment, **rest}
        sources = {key: code(source) for key, source in cells.items()}
        fields["friend"] = {key: code(source) for key, source in fields.get("friend", {}).items()}
        return Attack(name, self.name, cells=sources, must_not=must_not, bites=bites, **fields)

    def hunt(self, name: str, must_not: str, source: str, bites: Bite = Bite.LEAK, **rest: Any) -> Attack:
        """Does no exercise, only acts in a cell before all others, and prints what it finds."""
        return self.attack(name, {FIRST: source}, must_not, bites, **rest)

    def answer(self, name: str, must_not: str, source: str, bites: Bite = Bite.POINTS, **rest: Any) -> Attack:
        """Answers one exercise, `exercise` or softmax, by a cheat, and no other."""
        return self.attack(name, {rest.pop("exercise", "softmax"): source}, must_not, bites, **rest)
