"""Where answers live: behind one call, so that a suite never knows whether it asks a jail or a module."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Hashable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, Protocol

from grader.course import Family, assignments, exercises
from grader.jail import wire
from grader.jail.answers import MAX_MESSAGE, Answers, CallLog, run_probe
from grader.judge.probe import Probe
from grader.verdict import ForbiddenCall

STATUSES = frozenset({"returned", "raised", "missing", "timed out", "crashed", "unreadable"})
MAX_CALLS = 20
"""Forbidden calls that are kept of one reply."""


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
    """What came back from one probe. `note` says more where there is no value (which limit, which rule).

    unwatched: the watching of its calls was stopped meanwhile. on_gpu: which of the value's arrays lay on a GPU, by
    their number in the order in which they travel; none where no GPU is used.
    """

    status: str
    value: Any = None
    inputs: tuple[Any, ...] = ()
    raised: Raised | None = None
    forbidden: tuple[ForbiddenCall, ...] = ()
    note: str = ""
    unwatched: bool = False
    on_gpu: frozenset[int] = frozenset()
    _essences: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def essence(self, of: Callable[[Any], Any]) -> Any:
        """`of(value)`, worked out once by each function: a reply is compared with many, and those with it.

        Functions that were made by the same line of a suite for the same question are one function.
        """
        key = getattr(of, "__code__", of)
        if key not in self._essences:
            self._essences[key] = of(self.value)
        return self._essences[key]

    @classmethod
    def parse(cls, data: object) -> Reply:
        """Reads what a world sent, any plain data; whatever breaks the form becomes an `unreadable` reply.

        Never an error. Texts are bounded and can be written as UTF-8; a note is the kit's own words or an exercise's
        name: a reason made up in the jail could carry hidden inputs out, or pass for the judge's.
        """
        try:
            return replace(cls._parse(_as_dict(data)), unwatched=_as_dict(data).get("unwatched") is True)
        except (KeyError, TypeError):
            return cls("unreadable", note="the reply had no known form")

    @classmethod
    def _parse(cls, data: dict[Any, Any]) -> Reply:
        status = _text(data["status"])
        calls = tuple(_call(_as_dict(each)) for each in _parts(data["forbidden"])[:MAX_CALLS])
        inputs = tuple(_parts(data["inputs"]))
        if status == "returned":
            places = frozenset(map(_line, _parts(data.get("on_gpu", ()))[: wire.MAX_BLOBS]))
            return cls(status, data["value"], inputs, forbidden=calls, on_gpu=places)
        if status == "raised":
            return cls(status, None, inputs, _raised(_as_dict(data["raised"])), calls)
        if status == "missing":
            return cls(status, None, inputs, None, calls, _exercise_name(_text(data["value"])))
        if status == "unreadable":
            return cls(status, None, inputs, None, calls, _refusal(_text(data["value"])))
        raise TypeError("a status that no world has")


# Plain data of another kind is asked nothing: a tensor as a sequence is a million tensors, and `==` of one is no bool.


def _as_dict(value: object) -> dict[Any, Any]:
    if type(value) is not dict:
        raise TypeError("dict expected")
    return value


def _parts(value: object) -> tuple[Any, ...] | list[Any]:
    if not isinstance(value, tuple | list):
        raise TypeError("tuple or list expected")
    return value


def _text(value: object, most: int = 200) -> str:
    if not isinstance(value, str):
        raise TypeError("text expected")
    return value[:most].encode("utf-8", "replace").decode("utf-8")  # a lone surrogate could not be written anywhere


def _line(value: object) -> int:
    if type(value) is not int or not 0 <= value < 10**7:
        raise TypeError("line number expected")
    return value


def _call(data: dict[Any, Any]) -> ForbiddenCall:
    return ForbiddenCall(_text(data["call"]), _text(data["cell"]), _line(data["line"]), _text(data["text"]))


def _raised(data: dict[Any, Any]) -> Raised:
    kinds = tuple(_text(kind) for kind in _parts(data["kinds"])[:10])
    message, text = _text(data["message"], MAX_MESSAGE), _text(data["text"])
    return Raised(kinds or ("Exception",), message, _text(data["cell"]), _line(data["line"]), text)


def _exercise_name(claimed: str) -> str:
    """The name that is missing: suites ask for exercises, so any other is made up."""
    known = any(claimed == each.name for name in assignments() for each in exercises(name))
    return claimed if known else "a name that this case calls"


def _refusal(claimed: str) -> str:
    """Why a value did not travel, if that is one of the kit's reasons; empty otherwise."""
    reason = claimed.removeprefix(f"{wire.WireError.__name__}: ")
    return reason if reason in wire.REFUSALS else ""


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

    What comes back has gone through the same encoding as a jail's reply, so that both are judged alike. device: where
    they get their inputs, `cpu` or `cuda`.
    """

    def __init__(
        self,
        names: Mapping[str, Any],
        is_authors: Callable[[str], bool],
        tracer: Callable[[tuple[Family, ...]], AbstractContextManager[CallLog]] | None = None,
        device: str = "cpu",
    ) -> None:
        self._answers = Answers(names)
        self._is_authors = is_authors
        self._tracer = tracer
        self.device = device

    def call(
        self, probe: Probe, payload: bytes, forbidden: tuple[Family, ...], *, seconds: float | None = None
    ) -> Reply:
        inputs = wire.decode(payload)
        tracer = self._tracer(forbidden) if self._tracer and forbidden else None
        reply = run_probe(
            probe.function(), self._answers, inputs, is_authors=self._is_authors, tracer=tracer, device=self.device
        )
        try:
            return Reply.parse(wire.decode(wire.encode(reply)))
        except wire.WireError as error:
            return Reply("unreadable", note=str(error))


class RememberingWorld:
    """A world whose answers do not change: the same probe on the same inputs is run once for all submissions."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.device: str = getattr(world, "device", "cpu")
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
