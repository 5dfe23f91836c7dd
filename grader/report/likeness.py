"""Answers of a class that a human should lay side by side, with both texts: a hint, and no verdict.

The submissions are read and repaired as for grading, and parsed; nothing of them is run.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from grader import course
from grader.folder import CourseFolder
from grader.judge.submission import HandedIn, handed_in
from grader.panel.plain import inert
from grader.report.answers import Answer, answers, own_cells
from grader.report.grams import TooLongError, fingerprints
from grader.report.known import known_prints
from grader.report.similar import Pair, Prints, similar_pairs

MOST_PAIRS = 30
"""A human looks at so many; the strongest come first."""

MOST_LINES = 60
LONGEST_LINE = 160


@dataclass(frozen=True)
class Line:
    """One line of an answer. shared: it holds a rare piece that the other answer has too."""

    text: str
    shared: bool


@dataclass(frozen=True)
class Comparison:
    """One exercise of a pair. shared: rare pieces in both. of: those of the shorter. only: those nobody else has."""

    exercise: str
    shared: int
    of: int
    only: int
    left: tuple[Line, ...]
    right: tuple[Line, ...]


@dataclass(frozen=True)
class Likeness:
    """Two students, the evidence in bits, and what it consists of."""

    left: str
    right: str
    evidence: float
    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True)
class Likenesses:
    """pairs: the strongest. in_all: how many there are. compared: students. too_long: whose answers were left out."""

    pairs: tuple[Likeness, ...] = ()
    in_all: int = 0
    compared: int = 0
    too_long: tuple[str, ...] = ()


@dataclass
class Answers:
    """The answers of a class, added one student after another; only fingerprints stay in memory."""

    folder: CourseFolder
    assignment: str
    students: list[str] = field(default_factory=list)
    too_long: list[str] = field(default_factory=list)
    _prints: dict[str, list[Prints]] = field(default_factory=dict)

    @cached_property
    def _released(self) -> dict[str, Any]:
        return self.folder.released_notebook(self.assignment)

    @cached_property
    def _known(self) -> frozenset[int]:
        return known_prints(self.folder, self.assignment)

    @cached_property
    def _exercises(self) -> tuple[str, ...]:
        return tuple(each.name for each in course.exercises(self.assignment))

    def add(self, submission: HandedIn) -> None:
        """Reads one submission; one that is no notebook has no answers."""
        self.students.append(submission.student)
        found = self._read(submission)
        for exercise in self._exercises:
            prints = self._of(found.get(exercise), submission.student)
            row = np.array(sorted(prints - self._known), dtype=np.uint64)
            self._prints.setdefault(exercise, []).append(row)

    def likenesses(self) -> Likenesses:
        """What stands out now that all are read."""
        pairs, in_all = similar_pairs(self._prints, MOST_PAIRS)
        shown = tuple(self._likeness(each) for each in pairs)
        return Likenesses(shown, in_all, len(self.students), tuple(self.too_long))

    def _read(self, submission: HandedIn) -> dict[str, Answer]:
        opened = submission.opened(self._released)
        if opened.problem:
            return {}
        return answers(own_cells(opened.notebook, self._released), self._exercises)

    def _of(self, answer: Answer | None, student: str) -> set[int]:
        try:
            return set(fingerprints(answer)) if answer else set()
        except TooLongError:
            if student not in self.too_long:
                self.too_long.append(student)
            return set()

    def _likeness(self, pair: Pair) -> Likeness:
        left, right = self.students[pair.left], self.students[pair.right]
        sides = [self._read(handed_in(self.folder, each, self.assignment)) for each in (left, right)]
        comparisons = []
        for each in pair.overlaps:
            both = [side[each.exercise] for side in sides if each.exercise in side]
            if len(both) == 2:  # else it was handed in anew meanwhile
                texts = side_by_side(both[0], both[1], self._known)
                comparisons.append(Comparison(each.exercise, each.shared, each.of, each.only, *texts))
        return Likeness(left, right, pair.evidence, tuple(comparisons))


def side_by_side(left: Answer, right: Answer, known: Collection[int]) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """Both texts, with the lines marked that hold pieces of both which the course did not write."""
    places = [_places(each) for each in (left, right)]
    shared = (places[0].keys() & places[1].keys()) - set(known)
    first, second = (
        _lines(answer, {place for each in shared for place in found[each]})
        for answer, found in zip((left, right), places, strict=True)
    )
    return first, second


def _places(answer: Answer) -> Mapping[int, Iterable[tuple[int, int]]]:
    try:
        return fingerprints(answer)
    except TooLongError:
        return {}


def _lines(answer: Answer, marked: Collection[tuple[int, int]]) -> tuple[Line, ...]:
    """The lines of all pieces, each once, in the order of the notebook's cells as far as it is known."""
    cells: dict[str, Sequence[str]] = {}
    wanted: dict[tuple[str, int], bool] = {}
    for number, piece in enumerate(answer.pieces):
        statement = piece.statement
        cells.setdefault(statement.cell, statement.lines)
        for line in _range(statement.node):
            key = (statement.cell, line)
            wanted[key] = wanted.get(key, False) or (number, line) in marked
    order = {cell: place for place, cell in enumerate(cells)}
    found = sorted(wanted, key=lambda key: (order[key[0]], key[1]))
    lines = [
        Line(_shown(cells[cell][line - 1]), wanted[cell, line]) for cell, line in found if line <= len(cells[cell])
    ]
    if len(lines) > MOST_LINES:
        return (*lines[:MOST_LINES], Line(f"… ({len(lines) - MOST_LINES} more lines)", shared=False))
    return tuple(lines)


def _range(node: Any) -> range:
    first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", ()))])
    return range(first, (node.end_lineno or node.lineno) + 1)


def _shown(line: str) -> str:
    return inert(line.expandtabs(4).rstrip(), LONGEST_LINE)
