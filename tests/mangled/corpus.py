"""The corpus: mangled submissions, each with what it must come to. The same on every run; nothing of it is kept."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from random import Random

from mangled.copies import CELLS, Change
from mangled.drafts import Draft, lived_in, reference, unusual
from mangled.files import FILES
from mangled.forms import FORMS
from mangled.marking import MARKS
from mangled.order import ORDER
from mangled.scratch import LEFT
from mangled.tools import USED

from grader.folder import CourseFolder

Base = Callable[[CourseFolder, str, Random], Draft]

FAMILIES: tuple[dict[str, Change], ...] = (ORDER, CELLS | LEFT, MARKS, USED, FORMS)
"""In the order in which combined accidents happen: cells are moved before a first try is written above an answer."""

ALL: dict[str, object] = {name: each for family in (*FAMILIES, FILES) for name, each in family.items()}
"""Every single accident by its name."""

BASES: tuple[Base, ...] = (reference, unusual, lived_in)
"""The last one takes an assignment whose answers are functions."""

LARGE = ("03_losses", "04_softmax")
"""The assignments that grade fastest."""

CLASSES = (*LARGE, "06_modules")

SMALL = 5
"""Submissions in each of the other classes."""

COMBINED = 30
"""Combinations of two or three accidents for each of the two large classes."""


@dataclass(frozen=True)
class Mangled:
    """A submission and its due.

    keeps: the exercises that must have all of their points. harmed: the others. gone: those of them that must have
    none. reason: what the sentence must say with which the file is refused; then there are no points at all.
    """

    name: str
    content: bytes
    keeps: frozenset[str]
    harmed: frozenset[str]
    gone: frozenset[str]
    reason: str = ""

    @property
    def kind(self) -> str:
        if self.reason:
            return "reason"
        return "partial" if self.harmed else "full"


def mangled(folder: CourseFolder, assignment: str, base: Base, names: Sequence[str]) -> Mangled:
    """A submission after the accidents of these names, which happen in the order of their families.

    LookupError when one of them finds nothing left to happen to.
    """
    title = "-".join(names)
    draft = base(folder, assignment, Random(zlib.crc32(f"{assignment} {base.__name__} {title}".encode())))
    for family in FAMILIES:
        if family in (USED, FORMS):
            draft.settle()
        for name in names:
            if name in family:
                family[name](draft)
    content = draft.written()
    for name in names:
        if name in FILES:
            content = FILES[name](draft, content)
    harmed = draft.all_harmed()
    keeps = frozenset(draft.exercises) - harmed
    gone = frozenset(draft.gone) if len(names) == 1 else frozenset()  # another accident may have kept a copy
    return Mangled(f"{base.__name__}-{title}", content, keeps, harmed, gone, draft.reason)


def single(folder: CourseFolder, assignment: str, bases: Sequence[Base], names: Sequence[str]) -> Iterator[Mangled]:
    """One accident each, to one base after the other."""
    for name, base in zip(names, cycle(bases), strict=False):
        yield mangled(folder, assignment, base, [name])


def combined(folder: CourseFolder, assignment: str, bases: Sequence[Base], count: int) -> Iterator[Mangled]:
    """Two or three accidents of different families together, drawn with a fixed seed."""
    random = Random(f"combined {assignment}")
    made = 0
    while made < count:
        families = random.sample((*FAMILIES, FILES), random.choice([2, 2, 3]))
        names = [random.choice(list(family)) for family in families]
        try:
            result = mangled(folder, assignment, random.choice(bases), names)
        except LookupError:
            continue
        if not result.reason:
            made += 1
            yield result


def corpus(folder: CourseFolder, assignment: str) -> dict[str, Mangled]:
    """The class of one assignment by student: the two large classes share all single accidents between them."""
    random = Random(f"corpus {assignment}")
    if assignment in LARGE:
        own = list(ALL)[LARGE.index(assignment) :: len(LARGE)]
        found = [*single(folder, assignment, BASES, own), *combined(folder, assignment, BASES, COMBINED)]
    else:
        found = list(single(folder, assignment, BASES[:2], random.sample([*ORDER, *CELLS, *MARKS], SMALL)))
    return {_student(number, each.name): each for number, each in enumerate(found)}


def _student(number: int, name: str) -> str:
    """A folder's name without anything special: what names may hold is tested elsewhere."""
    return re.sub(r"[^a-z0-9_-]", "_", f"s{number:03}_{name}".lower())[:80]
