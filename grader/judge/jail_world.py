"""A submission in the jail, as a world that cases can ask."""

from __future__ import annotations

from grader.course import Family
from grader.jail.gate import LostError
from grader.jail.session import Session
from grader.judge.probe import Probe
from grader.judge.world import Reply


class JailWorld:
    """Puts probes to a session; whatever ends the child becomes the reply to that one probe."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def call(self, probe: Probe, payload: bytes, forbidden: tuple[Family, ...]) -> Reply:
        names = tuple(family.name for family in forbidden)
        try:
            reply = Reply.parse(self._session.probe(probe.to_bytes(), payload, names))
        except LostError as lost:
            return Reply(lost.status, note=str(lost))
        if reply.raised is not None and reply.raised.kinds[0] == "TimeLimitExceeded":
            return Reply("timed out", note="the time limit was reached", forbidden=reply.forbidden)
        return reply
