"""Where tensors pretend to be: a place for each storage, and the author's line that put it there.

Views share a storage, so they share its place; whatever PyTorch makes of a tensor behind Python's back does too.
"""

from __future__ import annotations

import linecache
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import torch
from torch.multiprocessing.reductions import StorageWeakRef

MOST_FRAMES = 400


class Place(Enum):
    """OPEN: nobody can tell; such a tensor agrees with every other one, and nothing is said of it."""

    GPU = "cuda:0"
    CPU = "cpu"
    OPEN = "?"


@dataclass(frozen=True)
class Line:
    """A line of the author's; number 0 where there is none, as in `NOWHERE`."""

    cell: str = ""
    number: int = 0
    text: str = ""

    def to_data(self) -> dict[str, Any]:
        return {"cell": self.cell, "line": self.number, "text": self.text}


NOWHERE = Line()


@dataclass(frozen=True)
class Origin:
    """How a tensor came to be where it is: the kind of call, its line, and the storage that it made.

    A tensor computed from others keeps the origin of the one that decided its place.
    """

    how: str
    line: Line = NOWHERE
    key: int = 0


@dataclass(frozen=True)
class Record:
    place: Place
    origin: Origin


class NotDecidedError(Exception):
    """The pretence cannot follow here; whatever happens afterwards is not told."""


def key_of(tensor: torch.Tensor) -> int:
    """What a tensor shares with its views alone; NotDecidedError for one without an ordinary storage."""
    try:
        return int(tensor.untyped_storage()._cdata)
    except (NotImplementedError, RuntimeError) as error:
        raise NotDecidedError("a tensor without a storage of its own") from error


def _weak(tensor: torch.Tensor) -> StorageWeakRef:
    return StorageWeakRef(tensor.untyped_storage())  # type: ignore[no-untyped-call]


@dataclass
class Places:
    """The places of all storages that were seen. is_authors: tells the author's frames by their file name.

    beforehand: how a tensor is known that was there before the pretence began, by its key; None for one that was not.
    """

    is_authors: Callable[[str], bool]
    beforehand: Callable[[int], Record | None] = lambda _key: None
    doubts: list[str] = field(default_factory=list)
    _records: dict[int, tuple[StorageWeakRef, Record]] = field(default_factory=dict)

    def put(self, tensor: torch.Tensor, place: Place, origin: Origin) -> None:
        key = key_of(tensor)
        if not origin.key:
            origin = Origin(origin.how, origin.line, key)
        # while a weak reference is held, no other storage gets this address
        self._records[key] = _weak(tensor), Record(place, origin)

    def knows(self, tensor: torch.Tensor) -> bool:
        return key_of(tensor) in self._records

    def of(self, tensor: torch.Tensor) -> Record:
        """Where a tensor is. One that nobody recorded was there beforehand, or made where nobody watched: OPEN."""
        key = key_of(tensor)
        if key not in self._records:
            found = self.beforehand(key) or Record(Place.OPEN, Origin("unseen", key=key))
            self._records[key] = _weak(tensor), found
        return self._records[key][1]

    def doubt(self, why: str) -> None:
        """From here on nothing can be said for certain."""
        self.doubts.append(why)

    def line(self) -> Line:
        """The innermost line of the author's that is being run."""
        return next(self.lines(), NOWHERE)

    def lines(self) -> Iterator[Line]:
        frame, steps = sys._getframe(1), 0
        while frame is not None and steps < MOST_FRAMES:
            file = frame.f_code.co_filename
            if self.is_authors(file):
                yield Line(file, frame.f_lineno, linecache.getline(file, frame.f_lineno).strip()[:200])
            frame, steps = frame.f_back, steps + 1  # type: ignore[assignment]


def tensors_in(value: Any, depth: int = 0) -> Iterator[torch.Tensor]:
    """All tensors in arguments or results: in lists, tuples and dicts, a few levels deep."""
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, list | tuple) and depth < 4:
        for each in value:
            yield from tensors_in(each, depth + 1)
    elif isinstance(value, dict) and depth < 4:
        for each in value.values():
            yield from tensors_in(each, depth + 1)
