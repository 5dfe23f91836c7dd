"""One submission in the jail: its cells run in order, then it answers probes, whatever happens on the way.

A cell or a probe that hangs or kills its process costs only itself: a new child runs the other cells again,
without those that did harm, and goes on from there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from grader.jail.children import Child, LostError
from grader.jail.gate import Gate
from grader.jail.limits import Limits
from grader.notebook.repair import RunCell

MAX_REPLAYS_OF_CELLS = 5


@dataclass(frozen=True)
class CellRun:
    """What became of one cell: its notebook outputs, and why it did not end, if it did not."""

    cell: RunCell
    ok: bool
    outputs: tuple[dict[str, Any], ...] = ()
    lost: str = ""


@dataclass
class Session:
    """Runs the cells of one submission and asks it; `close` ends it."""

    gate: Gate
    cells: Sequence[RunCell]
    limits: Limits
    runs: list[CellRun] = field(default_factory=list)
    _child: Child | None = None
    _harmful: set[int] = field(default_factory=set)

    def run_cells(self) -> None:
        """Runs every cell once, in order; `runs` then holds what each came to."""
        for position, cell in enumerate(self.cells):
            if len(self._harmful) >= MAX_REPLAYS_OF_CELLS:
                self.runs.append(CellRun(cell, False, lost="not run: too many cells before it did not end"))
                self._harmful.add(position)
                continue
            self.runs.append(self._run(position))

    def _run(self, position: int) -> CellRun:
        cell = self.cells[position]
        try:
            reply = self._ready().ask({"name": cell.name, "source": cell.source}, self.limits.cell_seconds)
        except LostError as lost:
            self._child = None
            self._harmful.add(position)
            return CellRun(cell, False, lost=str(lost))
        return _cell_run(cell, reply)

    def probe(self, code: bytes, payload: bytes, forbidden: tuple[str, ...], seconds: float | None = None) -> Any:
        """The reply to one probe, as plain data still to be judged; LostError when the answer gave none.

        seconds: its limit, where it is not the usual one.
        """
        request = {"code": code, "inputs": payload, "forbidden": list(forbidden)}
        try:
            return self._ready().ask(request, seconds or self.limits.probe_seconds)
        except LostError:
            self._child = None
            raise

    def _ready(self) -> Child:
        """A child in which all cells that ran so far have run."""
        while self._child is None:
            self._child = self._replayed()
        return self._child

    def _replayed(self) -> Child | None:
        child = self.gate.spawn(self.limits)
        for position in range(len(self.runs)):
            if position in self._harmful:
                continue
            cell = self.cells[position]
            try:
                child.ask({"name": cell.name, "source": cell.source}, self.limits.cell_seconds)
            except LostError as lost:
                # it behaved the first time; now it counts as harmful, which also bounds this loop
                self._harmful.add(position)
                self.runs[position] = CellRun(cell, False, self.runs[position].outputs, str(lost))
                return None
        return child

    @property
    def layers(self) -> tuple[str, ...]:
        """The walls around the child that runs now."""
        return self._ready().layers

    def close(self) -> None:
        if self._child is not None:
            self._child.end()
            self._child = None


def _cell_run(cell: RunCell, reply: Any) -> CellRun:
    """A cell's reply may be anything the student likes; only its form is used here."""
    if not isinstance(reply, dict) or not isinstance(reply.get("outputs"), list):
        return CellRun(cell, False, lost="its outputs could not be read")
    outputs = tuple(each for each in reply["outputs"] if isinstance(each, dict) and _is_json(each))
    return CellRun(cell, reply.get("ok") is True, outputs)


def _is_json(value: Any) -> bool:
    """Whether a value is as a notebook holds it. Of arrays and tensors, even `==` is more than yes or no."""
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_json(each) for key, each in value.items())
    if isinstance(value, list):
        return all(map(_is_json, value))
    return value is None or type(value) in (str, bool, int, float)
