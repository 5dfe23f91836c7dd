"""Where answers live: behind one call, so that a suite never knows whether it asks a jail or a module."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, Protocol

from grader.course import Family
from grader.jail import wire
from grader.jail.answers import Answers, CallLog, run_probe
from grader.judge.probe import Probe
from grader.verdict import ForbiddenCall

STATUSES = frozenset({"returned", "raised", "missing", "timed out", "crashed", "unreadable"})


@dataclass(frozen=True)
class Raised:
    """An exception of the answer's: names of its types (most special first), message, the author's line."""

    kinds: tuple[str, ...]
    message: str = ""
    cell: str = ""
    line: int = 0
    text: str = ""


@dataclass(frozen=True)
class Reply:
    """What came back from one probe. `note` says more where there is no value (which limit, which rule)."""

    status: str
    value: Any = None
    inputs: tuple[Any, ...] = ()
    raised: Raised | None = None
    forbidden: tuple[ForbiddenCall, ...] = ()
    note: str = ""

    @classmethod
    def parse(cls, data: object) -> Reply:
        """Reads what a world sent; whatever breaks the form becomes an `unreadable` reply, never an error."""
        try:
            return cls._parse(data)
        except (KeyError, TypeError, ValueError, AttributeError):
            return cls("unreadable", note="the reply had no known form")

    @classmethod
    def _parse(cls, data: Any) -> Reply:
        status, raised = data["status"], data["raised"]
        if status not in ("returned", "raised", "missing", "unreadable"):
            raise ValueError(status)
        calls = tuple(
            ForbiddenCall(_text(c["call"]), _text(c["cell"]), _line(c["line"]), _text(c["text"]))
            for c in data["forbidden"][:20]
        )
        if status == "raised":
            kinds = tuple(_text(kind) for kind in raised["kinds"][:10])
            raised = Raised(
                kinds or ("Exception",),
                _text(raised["message"], 2000),
                _text(raised["cell"]),
                _line(raised["line"]),
                _text(raised["text"]),
            )
        note = _text(data["value"]) if status in ("missing", "unreadable") else ""
        return cls(
            status,
            data["value"] if status == "returned" else None,
            tuple(data["inputs"]),
            raised if status == "raised" else None,
            calls,
            note,
        )


def _text(value: object, most: int = 200) -> str:
    if not isinstance(value, str):
        raise TypeError("text expected")
    return value[:most]


def _line(value: object) -> int:
    if type(value) is not int or not 0 <= value < 10**7:
        raise TypeError("line number expected")
    return value


class World(Protocol):
    """A place in which answers live."""

    def call(
        self, probe: Probe, payload: bytes, forbidden: tuple[Family, ...], *, seconds: float | None = None
    ) -> Reply:
        """Runs the probe on the inputs that `payload` encodes; never raises because of the answers.

        seconds: how long it may take, where that is limited at all; None for what is usual.
        """
        ...


class LocalWorld:
    """Answers of this very process: reference solutions, known mistakes, or the live functions of a notebook.

    What comes back has gone through the same encoding as a jail's reply, so that both are judged alike.
    """

    def __init__(
        self,
        names: Mapping[str, Any],
        is_authors: Callable[[str], bool],
        tracer: Callable[[tuple[Family, ...]], AbstractContextManager[CallLog]] | None = None,
    ) -> None:
        self._answers = Answers(names)
        self._is_authors = is_authors
        self._tracer = tracer

    def call(
        self, probe: Probe, payload: bytes, forbidden: tuple[Family, ...], *, seconds: float | None = None
    ) -> Reply:
        inputs = wire.decode(payload)
        tracer = self._tracer(forbidden) if self._tracer and forbidden else None
        reply = run_probe(probe.function(), self._answers, inputs, is_authors=self._is_authors, tracer=tracer)
        try:
            return Reply.parse(wire.decode(wire.encode(reply)))
        except wire.WireError as error:
            return Reply("unreadable", note=str(error))


class RememberingWorld:
    """A world whose answers do not change: the same probe on the same inputs is run once for all submissions."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._replies: dict[tuple[CodeType, bytes, tuple[Family, ...]], Reply] = {}

    def call(
        self, probe: Probe, payload: bytes, forbidden: tuple[Family, ...], *, seconds: float | None = None
    ) -> Reply:
        key = (probe.code, payload, forbidden)
        if key not in self._replies:
            self._replies[key] = self._world.call(probe, payload, forbidden, seconds=seconds)
        return self._replies[key]


def load_module(path: Path, name: str) -> ModuleType:
    """The module in a file of any name (`03_losses.py`), imported once under `name`."""
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module
