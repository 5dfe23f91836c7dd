"""What became of a notebook's cells in the jail."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

from grader.notebook.running import RunCell


@dataclass(frozen=True)
class CellRun:
    """What became of one cell: its notebook outputs, and why it did not end, if it did not.

    timed_out: it used up its time, or the cells before it used up theirs.
    """

    cell: RunCell
    ok: bool
    outputs: tuple[dict[str, Any], ...] = ()
    lost: str = ""
    timed_out: bool = False

    @classmethod
    def of(cls, cell: RunCell, reply: Any, *, timed_out: bool) -> CellRun:
        """From the reply, which may be anything the student likes; only its form is used here."""
        if not isinstance(reply, dict) or not isinstance(reply.get("outputs"), list):
            return cls(cell, False, lost="its outputs could not be read", timed_out=timed_out)
        outputs = tuple(each for each in reply["outputs"] if isinstance(each, dict) and _is_json(each))
        return cls(cell, reply.get("ok") is True, outputs, timed_out=timed_out)


def size(value: Any) -> int:
    """About how many bytes such a value takes."""
    if isinstance(value, dict):
        return 64 + sum(size(key) + size(each) for key, each in value.items())
    if isinstance(value, list | tuple):
        return 64 + sum(map(size, value))
    return 64 + (sys.getsizeof(value) if isinstance(value, str) else 0)


def cell_request(cell: RunCell) -> dict[str, Any]:
    """What a child is told of a cell that it is to run."""
    return {"name": cell.name, "source": cell.source, "drawn": cell.drawn}


def _is_json(value: Any) -> bool:
    """Whether a value is as a notebook holds it. Of arrays and tensors, even `==` is more than yes or no."""
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_json(each) for key, each in value.items())
    if isinstance(value, list):
        return all(map(_is_json, value))
    return value is None or type(value) in (str, bool, int, float)
