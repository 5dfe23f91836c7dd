"""One submission in the jail: its cells run in order, then it answers probes, whatever happens on the way.

A cell or a probe that hangs or kills its process costs only itself: a new child runs the other cells again,
without those that did harm, and goes on from there. All of it together keeps to one budget of seconds.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from grader.jail.children import Child, LostError
from grader.jail.faults import lost_words
from grader.jail.gate import Gate
from grader.jail.headstart import HeadStart
from grader.jail.limits import Limits
from grader.jail.runs import CellRun, cell_request, size
from grader.notebook.running import RunCell

SHARE_OF_CELLS = 0.5
"""How much of a submission's seconds its cells may use up before it is asked anything."""

PATIENT = 2
"""So many cells may use up their limit; after that each has half as long as the one before it."""

LEAST_SECONDS = 2.0
"""What a cell has at least: cells of a few milliseconds must run beside any number that hang."""

QUICK_SECONDS = 1.0
"""Questions are put together as long as all of them take no longer than this."""

PRETENCE_SECONDS = 1.0
"""What answers may take together on the pretended GPU; they need a hundredth of it."""

MOST_SHOWN = 64 * 2**20
"""Bytes of what cells show that are kept of one submission; a notebook itself may have half of that."""

NOT_KEPT = "[output not kept: the cells before it have shown as much as one notebook may]\n"

USED_UP = "the time for the whole submission was used up"


class BudgetError(LostError):
    """Nothing more is asked: the submission has used up its seconds."""

    def __init__(self) -> None:
        super().__init__("timed out", USED_UP)


@dataclass
class Session:
    """Runs the cells of one submission and asks it; `close` ends it.

    head: where children come from that begin behind the first cells, if there are such. spent: the seconds it took so
    far. unwatched: exercises whose calls were not watched to the end.
    """

    gate: Gate
    cells: Sequence[RunCell]
    limits: Limits
    head: HeadStart | None = None
    runs: list[CellRun] = field(default_factory=list)
    spent: float = 0.0
    unwatched: list[str] = field(default_factory=list)
    _child: Child | None = None
    _harmful: set[int] = field(default_factory=set)
    _begun: int = 0
    _shown: int = 0

    def run_cells(self) -> None:
        """Runs every cell once, in order; `runs` then holds what each came to."""
        if self.head:
            self.runs.extend(self.head.runs_of(self.cells))
            self._begun = len(self.runs)
        for position, cell in enumerate(self.cells[self._begun :], self._begun):
            if self.spent < SHARE_OF_CELLS * self.limits.seconds:
                self.runs.append(self._run(position))
            else:
                self._harmful.add(position)
                self.runs.append(CellRun(cell, False, lost=f"it was not run: {USED_UP}", timed_out=True))
        if self.head:
            self.head.learn(self.runs)

    def _run(self, position: int) -> CellRun:
        cell, seconds = self.cells[position], self._cell_seconds()
        try:
            child, before = self._ready(), self.spent
            reply = self._ask(child, cell_request(cell), seconds)
        except LostError as lost:
            self._child = None
            self._harmful.add(position)
            return CellRun(cell, False, lost=str(lost), timed_out=lost.status == "timed out")
        run = CellRun.of(cell, reply, timed_out=self.spent - before >= seconds)
        self._shown += size(run.outputs)
        note = {"output_type": "stream", "name": "stderr", "text": NOT_KEPT}
        return run if self._shown <= MOST_SHOWN else replace(run, outputs=(note,))

    def _cell_seconds(self) -> float:
        hung = sum(run.timed_out for run in self.runs)
        seconds = self.limits.cell_seconds * 0.5 ** max(0, hung - PATIENT + 1)
        return min(self.limits.cell_seconds, max(LEAST_SECONDS, seconds))

    def probe(self, code: bytes, payload: bytes, forbidden: tuple[str, ...], seconds: float | None = None) -> Any:
        """The reply to one probe, as plain data still to be judged; LostError when the answer gave none.

        seconds: its limit, where it is not the usual one.
        """
        try:
            return self._ask(self._ready(), _question(code, payload, forbidden), seconds or self.limits.probe_seconds)
        except LostError:
            self._child = None
            raise

    def probes(self, questions: Sequence[tuple[bytes, bytes, tuple[str, ...]]]) -> list[Any]:
        """Replies to the first of these questions (code, payload, forbidden), put together since that is cheaper.

        There are fewer than questions where they are slow or too large; none when the process was lost on the way:
        whose fault it was is to be found out one by one.
        """
        seconds = self.limits.probe_seconds
        request = {"questions": [_question(*each) for each in questions], "quick": QUICK_SECONDS}
        try:
            said = self._ask(self._ready(), request, seconds, patience=QUICK_SECONDS)
        except LostError:
            self._child = None
            return []
        replies = said.get("replies")
        return replies[: len(questions)] if isinstance(replies, list) else []

    def pretended(self, exercises: Sequence[str], *, chosen: bool, names_cuda: bool) -> Any:
        """What these exercises' answers do on a pretended GPU, as data still to be read; None when nothing came.

        Asked last: answers may leave anything behind. No cell runs again for it. For `chosen` and `names_cuda` see
        `grader.jail.pretend.trial.Notebook`.
        """
        if self._child is None:
            return None
        request = {"pretended": list(exercises), "chosen": chosen, "names_cuda": names_cuda}
        try:
            return self._ask(self._child, request, PRETENCE_SECONDS)
        except LostError:
            self._child = None
            return None

    def _ask(self, child: Child, request: dict[str, Any], seconds: float, patience: float = 0.0) -> Any:
        left = self.limits.seconds - self.spent
        if left <= 0:
            child.end()
            raise BudgetError
        try:
            with self._counted():
                said = child.ask(request, min(seconds, left), patience)
        except LostError as lost:
            if lost.status == "timed out" and left < seconds:
                raise BudgetError from None
            raise
        if words := isinstance(said, dict) and lost_words(said.get("fault")):
            child.end()
            raise LostError("crashed", words)
        return said

    @contextmanager
    def _counted(self) -> Iterator[None]:
        started = time.monotonic()
        try:
            yield
        finally:
            self.spent += time.monotonic() - started

    def _ready(self) -> Child:
        """A child in which all cells that ran so far have run."""
        while self._child is None:
            self._child = self._replayed()
        return self._child

    def _replayed(self) -> Child | None:
        if self.spent >= self.limits.seconds:
            raise BudgetError
        with self._counted():
            child, begun = self._fresh()
        for position, run in enumerate(self.runs):
            if position < begun or position in self._harmful:
                continue
            # one that hung comes back as far as it defined its answer; it is not waited for once more
            seconds = min(LEAST_SECONDS, self.limits.cell_seconds) if run.timed_out else self.limits.cell_seconds
            try:
                self._ask(child, cell_request(run.cell), seconds)
            except BudgetError:  # no fault of this cell
                raise
            except LostError as lost:
                # it behaved the first time; now it counts as harmful, which also bounds this loop
                self._harmful.add(position)
                self.runs[position] = CellRun(run.cell, False, run.outputs, str(lost), lost.status == "timed out")
                return None
        return child

    def _fresh(self) -> tuple[Child, int]:
        """A new child, and how many of the first cells have run in it."""
        if self.head and self._begun and (child := self.head.spawn()):
            return child, self._begun
        return self.gate.spawn(self.limits), 0

    @property
    def layers(self) -> tuple[str, ...]:
        """The walls around the child that runs now."""
        return self._ready().layers

    def close(self) -> None:
        if self._child is not None:
            self._child.leave()
            self._child = None


def _question(code: bytes, payload: bytes, forbidden: tuple[str, ...]) -> dict[str, Any]:
    return {"code": code, "inputs": payload, "forbidden": list(forbidden)}
