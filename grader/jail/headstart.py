"""Children that begin behind the cells with which all notebooks of a class begin, run once for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from grader.jail.children import Child
from grader.jail.gate import Gate
from grader.jail.layers import Missing
from grader.jail.limits import Limits
from grader.jail.runs import CellRun, cell_request
from grader.jail.system import JailError
from grader.notebook.running import RunCell

WORTH_IT = 2
"""After so many notebooks that began alike it is a class, and the next ones begin behind their first cells."""


class HeadStart:
    """One worker's way to children in which a notebook's first cells have run already.

    Where there are none (yet), whatever the reason, children begin as always: nothing else tells the difference.

    cells: those of the released notebook before any that students fill in. They are the course's own; a submission
    whose first cells differ in a letter gets nothing of this.
    """

    def __init__(self, gate: Gate, cells: Sequence[RunCell], limits: Limits) -> None:
        self.cells = tuple(cells)
        self._behind, self._limits = gate, limits
        self._runs: tuple[CellRun, ...] = ()
        self._alike = 0
        self._gate: Gate | None = None

    def runs_of(self, cells: Sequence[RunCell]) -> tuple[CellRun, ...]:
        """What the first of these cells came to, where a child can begin behind them; else nothing."""
        if not self._runs or self._gate is None or not self._fits(cells) or not self._is_open(self._gate):
            return ()
        return tuple(replace(run, cell=cell) for run, cell in zip(self._runs, cells, strict=False))

    def learn(self, runs: Sequence[CellRun]) -> None:
        """Looks at what a submission's cells came to; the first that began well tells what all of them come to."""
        if self._gate is not None or not self._fits([run.cell for run in runs]):
            return
        first = tuple(runs[: len(self.cells)])
        if all(run.ok and not run.timed_out for run in first):
            self._runs = self._runs or first
            self._alike += 1
            if [run.outputs for run in first] != [run.outputs for run in self._runs]:
                self._give_up()  # chance or the time has a part in them: what one saw is not what another has
                return
        if self._alike >= WORTH_IT:
            self._begin()

    def _begin(self) -> None:
        try:
            self._gate = self._behind.ahead([cell_request(cell) for cell in self.cells], self._limits)
        except JailError:
            self._give_up()

    def spawn(self) -> Child | None:
        """A child in which the first cells have run; None where there can be none any more."""
        if self._gate is None:
            return None
        try:
            return self._gate.spawn(self._limits)
        except JailError:
            self._give_up()
            return None

    def take_lost(self) -> tuple[Missing, ...]:
        """See `Gate.take_lost`."""
        return self._gate.take_lost() if self._gate else ()

    @property
    def suspended(self) -> float:
        """See `Gate`."""
        return self._gate.suspended if self._gate else 0.0

    def is_lost(self) -> bool:
        """Whether children were begun behind the first cells, and none can be any more: theirs ended with it."""
        lost = bool(self.cells) and self._gate is not None and self._gate.is_gone()
        if lost:
            self._give_up()
        return lost

    def _fits(self, cells: Sequence[RunCell]) -> bool:
        first = cells[: len(self.cells)]
        return bool(self.cells) and [*map(cell_request, first)] == [*map(cell_request, self.cells)]

    def _is_open(self, gate: Gate) -> bool:
        try:
            return gate.greeted()
        except JailError:
            self._give_up()
            return False

    def _give_up(self) -> None:
        """For good: whatever went wrong would go wrong once more."""
        self.cells = ()
