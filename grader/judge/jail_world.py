"""A submission in the jail, as a world that cases can ask."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any, TypeVar

from grader.course import Family
from grader.jail.answers import CELL_PREFIX, TIME_LIMIT
from grader.jail.children import LostError
from grader.jail.ready_made import MATMUL
from grader.jail.session import USED_UP, Session
from grader.judge.probe import Probe
from grader.judge.world import Raised, Reply, World
from grader.verdict import ForbiddenCall

_Placed = TypeVar("_Placed", Raised, ForbiddenCall)


MAX_LOST = 2
"""So many processes an exercise may lose at any price; after that it is asked as long as losing them is cheap."""

NOT_TRIED = "it was not tried, since earlier calls ended their process and took too long to make up for"


@dataclass(frozen=True)
class Question:
    """What is put to a session: a probe's code, its inputs, the families that it may not call, its own limit."""

    code: bytes
    payload: bytes
    forbidden: tuple[str, ...]
    seconds: float | None = None

    @classmethod
    def of(cls, probe: Probe, payload: bytes, forbidden: tuple[Family, ...], seconds: float | None) -> Question:
        return cls(probe.to_bytes(), payload, tuple(family.name for family in forbidden), seconds)

    @property
    def parts(self) -> tuple[bytes, bytes, tuple[str, ...]]:
        return self.code, self.payload, self.forbidden


class Lines:
    """The lines of a session's cells, for claims about them that come out of the jail."""

    def __init__(self, session: Session) -> None:
        self._lines = {CELL_PREFIX + cell.name: cell.source.splitlines() for cell in session.cells}

    def text(self, cell: str, line: int) -> str | None:
        """The line (1-based) of a cell as it stands in the notebook; None where there is no such line."""
        lines = self._lines.get(cell, [])
        return lines[line - 1].strip()[:200] if 1 <= line <= len(lines) else None


class AskedWorld:
    """A world that remembers what it was asked."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.questions: list[Question] = []

    def call(
        self, probe: Probe, payload: bytes, forbidden: tuple[Family, ...], *, seconds: float | None = None
    ) -> Reply:
        self.questions.append(Question.of(probe, payload, forbidden, seconds))
        return self._world.call(probe, payload, (), seconds=seconds)

    @property
    def together(self) -> tuple[Question, ...]:
        """Those that can be put together: all before the first with a limit of its own."""
        return tuple(takewhile(lambda each: each.seconds is None, self.questions))


class JailWorld:
    """Puts one exercise's probes to a session; whatever ends the child becomes the reply to that one probe.

    After each loss all cells run again. An exercise that loses one process after another, where that takes long, is
    asked no more: what it takes is taken from the exercises after it.

    expected: the questions that a right answer is asked, in their order. The first is put together with all that
    follow, which costs half of what one by one does; only those that are then asked count. watched: whether the calls
    that answers make are watched for those that are forbidden.
    """

    def __init__(self, session: Session, expected: Sequence[Question] = (), *, watched: bool = True) -> None:
        self._session = session
        self._watched = watched
        self._expected = tuple(each if watched else replace(each, forbidden=()) for each in expected)
        self._ahead: dict[Question, Any] = {}
        self._lost = 0
        self._began = session.spent
        self._lines = Lines(session)

    def call(
        self, probe: Probe, payload: bytes, forbidden: tuple[Family, ...], *, seconds: float | None = None
    ) -> Reply:
        patience = MAX_LOST * (seconds or self._session.limits.probe_seconds)
        if self._lost >= MAX_LOST and self._session.spent - self._began >= patience:
            return Reply("timed out", note=NOT_TRIED)
        try:
            question = Question.of(probe, payload, forbidden if self._watched else (), seconds)
            reply = self._checked(Reply.parse(self._said(question)), forbidden)
        except LostError as lost:
            self._lost += 1
            return Reply(lost.status, note=str(lost))
        if reply.raised is not None and reply.raised.kinds[0] == TIME_LIMIT:
            spent = self._session.spent >= self._session.limits.seconds
            return Reply(
                "timed out", note=USED_UP if spent else "the time limit was reached", forbidden=reply.forbidden
            )
        return reply

    def _said(self, question: Question) -> Any:
        expected, self._expected = self._expected, ()
        if expected and expected[0] == question:
            replies = self._session.probes([each.parts for each in expected])
            self._ahead = dict(zip(expected, replies, strict=False))
        if question in self._ahead:
            return self._ahead.pop(question)
        return self._session.probe(*question.parts, question.seconds)

    def _checked(self, reply: Reply, forbidden: tuple[Family, ...]) -> Reply:
        """The reply without words of its own choosing in the places that students read.

        Cell, line and called name are claims: text made up in the jail could carry hidden inputs out.
        """
        raised = reply.raised and self._placed(reply.raised)
        calls = tuple(self._placed(call) for call in reply.forbidden)
        return replace(reply, raised=raised, forbidden=tuple(_named(call, forbidden) for call in calls))

    def _placed(self, claim: _Placed) -> _Placed:
        """The claim with the line as it stands in the notebook, or with none where there is no such line."""
        text = self._lines.text(claim.cell, claim.line)
        return replace(claim, cell="", line=0, text="") if text is None else replace(claim, text=text)


def _named(call: ForbiddenCall, forbidden: tuple[Family, ...]) -> ForbiddenCall:
    """The call under its claimed name if that is one which can be forbidden, else under no particular one."""
    known = {name for family in forbidden for name in (*family.names, *family.aten)}
    if call.call == MATMUL and "matmul" in known:
        return call
    plausible = re.fullmatch(r"[\w.]{1,80}", call.call) and (
        call.call.rpartition(".")[2] in known or _in_module(call.call, forbidden)
    )
    return call if plausible else replace(call, call="a ready-made function")


def _in_module(name: str, forbidden: tuple[Family, ...]) -> bool:
    modules = (module for family in forbidden for module in family.modules)
    return any(name.startswith(f"{module}.") for module in modules) and _exists(name)


def _exists(name: str) -> bool:
    """Whether a dotted name really stands for something: one made up in the jail may spell out a hidden input."""
    parts = name.split(".")
    found: object = sys.modules.get(parts[0])
    for position, part in enumerate(parts[1:], start=2):
        # only what is loaded here: nothing is imported at the word of a submission
        found = (
            sys.modules.get(".".join(parts[:position])) or vars(found).get(part) if hasattr(found, "__dict__") else None
        )
    return found is not None
