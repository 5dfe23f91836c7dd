"""Which answers of a class share so much rare code that a human should compare them.

What many wrote is no sign: fingerprints that a large part of the class has are dropped, and rarer ones count more. For
each exercise two answers share, the evidence in bits is

    share² · (mean log₂(n / d) + Σ rarity(d) · BITS_A_PIECE)

where d students of n have a fingerprint, and share is the part that is common to both of what is rare in the shorter of
the two. The first term is what it tells that two of n made the same choice, however long the text; the second, that a
text which hardly anybody else wrote goes on and on. Evidence of several exercises adds up. A pair is worth a look when
it has more than pairs of so large a class have by chance: log₂(pairs) + MARGIN. docs/report.md says how well that does.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Prints: TypeAlias = NDArray[np.uint64]
Numbers: TypeAlias = NDArray[np.float64]
Keys: TypeAlias = NDArray[np.int64]

MIN_SHARED = 6
"""Rare fingerprints that two answers share at least: one line of some length. Less says nothing."""

BITS_A_PIECE = 0.6
"""Of one more fingerprint that only two have. They overlap: a new token makes six."""

LARGE = 128
"""From so many students on, what only two wrote is as rare as it looks; in a small class hardly anything is common."""

MARGIN = 4.0
"""Bits above chance: in one class of sixteen a pair is shown that only happened."""

MOST_LOOKS = 4_000_000
"""Pairs of owners of one fingerprint that are counted in an exercise, the rarest first: about a second."""


@dataclass(frozen=True)
class Overlap:
    """One exercise of a pair. shared: rare pieces in both. of: rare pieces of the shorter. only: nobody else's."""

    exercise: str
    shared: int
    of: int
    only: int


@dataclass(frozen=True)
class Pair:
    """Two students by their number, the evidence in bits, and the exercises that it comes from, the strongest first."""

    left: int
    right: int
    evidence: float
    overlaps: tuple[Overlap, ...]


@dataclass(frozen=True)
class _Counted:
    """All pairs that share enough in one exercise, as columns."""

    keys: Keys
    evidence: Numbers
    shared: Keys
    of: Keys
    only: Keys


def similar_pairs(prints: Mapping[str, Sequence[Prints]], most: int = 100) -> tuple[tuple[Pair, ...], int]:
    """The pairs with the most evidence, at most so many, and how many there are in all.

    prints: for each exercise the distinct fingerprints of every student, by number; empty for whoever has no answer.
    """
    n = max((len(each) for each in prints.values()), default=0)
    if n < 2:
        return (), 0
    counted = {exercise: _count(each, n) for exercise, each in prints.items()}
    keys = np.concatenate([each.keys for each in counted.values()])
    evidence = np.concatenate([each.evidence for each in counted.values()])
    pairs, where = np.unique(keys, return_inverse=True)
    sums = np.bincount(where, evidence, len(pairs))
    chosen = np.flatnonzero(sums >= math.log2(n * (n - 1) / 2) + MARGIN)
    best = chosen[np.lexsort((pairs[chosen], -sums[chosen]))][:most]
    found = (_pair(int(pairs[each]), float(sums[each]), n, counted) for each in best)
    return tuple(found), len(chosen)


def _pair(key: int, evidence: float, n: int, counted: Mapping[str, _Counted]) -> Pair:
    found = []
    for exercise, each in counted.items():
        row = int(np.searchsorted(each.keys, key))
        if row < len(each.keys) and each.keys[row] == key:
            overlap = Overlap(exercise, int(each.shared[row]), int(each.of[row]), int(each.only[row]))
            found.append((float(each.evidence[row]), overlap))
    overlaps = [overlap for _, overlap in sorted(found, key=lambda pair: -pair[0])]
    return Pair(*divmod(key, n), round(evidence, 1), tuple(overlaps))


def most_owners(n: int) -> int:
    """How many of n students may have a piece of code that still counts as rare: a tenth, from 3 to 40."""
    return min(max(3, n // 10), 40)


def _count(prints: Sequence[Prints], n: int) -> _Counted:
    owners = np.repeat(np.arange(len(prints), dtype=np.int64), [len(each) for each in prints])
    every = np.concatenate([np.zeros(0, np.uint64), *prints])
    order = np.argsort(every, kind="stable")
    _, first, owned_by = np.unique(every[order], return_index=True, return_counts=True)
    owners, rare = owners[order], owned_by <= most_owners(n)
    totals = np.bincount(owners[np.repeat(rare, owned_by)], minlength=n)
    keys, owned = _looks(owners, first[rare], owned_by[rare], n)
    pairs, where, shared = np.unique(keys, return_inverse=True, return_counts=True)
    of = np.minimum(totals[pairs // n], totals[pairs % n])
    choice = np.bincount(where, np.log2(n / owned), len(pairs)) / shared
    text = np.bincount(where, _rarity(owned, n), len(pairs))
    only = np.bincount(where[owned == 2], minlength=len(pairs))
    share = shared / of
    evidence = share**2 * (choice + text * BITS_A_PIECE * min(1.0, math.log2(n) / math.log2(LARGE)))
    kept = shared >= MIN_SHARED
    return _Counted(pairs[kept], evidence[kept], shared[kept], of[kept], only[kept])


def _looks(owners: Keys, first: Keys, owned_by: Keys, n: int) -> tuple[Keys, Numbers]:
    """A key for each pair of owners of each fingerprint, and how many owners that has; the rarest first."""
    chunks = [(np.zeros(0, np.int64), 0), *_chunks(owners, first, owned_by, n)]
    keys = np.concatenate([each for each, _ in chunks])
    return keys, np.repeat([float(owned) for _, owned in chunks], [len(each) for each, _ in chunks])


def _chunks(owners: Keys, first: Keys, owned_by: Keys, n: int) -> Iterator[tuple[Keys, int]]:
    left = MOST_LOOKS
    for owned in range(2, most_owners(n) + 1):
        starts = first[owned_by == owned]
        a, b = np.triu_indices(owned, 1)
        starts = starts[: left // len(a)]
        left -= len(starts) * len(a)
        groups = owners[starts[:, None] + np.arange(owned)]  # sorted within: the sorting was stable
        yield (groups[:, a] * n + groups[:, b]).ravel(), owned


def _rarity(owned: Numbers, n: int) -> Numbers:
    """1 for what two students have, nothing for what as many have as may have it, in between by doublings."""
    return np.maximum(0.0, 1.0 - np.log2(owned / 2) / math.log2(max(8, most_owners(n)) / 2))
