"""The answers as a probe sees them, and the one way in which a probe runs, inside the jail or out of it."""

from __future__ import annotations

import linecache
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType
from typing import Any, Protocol

import torch

from grader.jail import wire

MAX_MESSAGE = 2000
CELL_PREFIX = "cell "
"""The file name of a cell's code is this and the cell's name."""

TIME_LIMIT = "TimeLimitExceeded"
"""The name of the exception that ends a cell or a probe at its limit."""


def is_cell(file: str) -> bool:
    """Whether a frame's file name is that of a notebook cell run in the jail."""
    return file.startswith(CELL_PREFIX)


class MissingAnswerError(AttributeError):
    """A probe asked for a name that the notebook does not define."""


class Answers:
    """The names that an author defined, as attributes: `m.softmax`."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        self._names = names
        self.given_: dict[str, Any] = {}
        """What was asked for."""

    def __getattr__(self, name: str) -> Any:
        try:
            found = self.given_[name] = self._names[name]
        except KeyError:
            raise MissingAnswerError(name) from None
        return found


class CallLog(Protocol):
    """What the tracer leaves behind: forbidden calls as plain dicts (call, cell, line, text).

    ended: something stopped the watching before its time, so that calls may have gone unseen.
    """

    calls: list[dict[str, Any]]
    ended: bool


def run_probe(
    probe: Callable[..., Any],
    answers: Answers,
    inputs: tuple[Any, ...],
    *,
    is_authors: Callable[[str], bool],
    tracer: AbstractContextManager[CallLog] | None = None,
    device: str = "cpu",
) -> dict[str, Any]:
    """Runs a probe once and tells, as plain data, what came of it.

    Returns status (returned, raised, missing, unreadable), value, inputs (as they are afterwards), raised,
    forbidden, unwatched and on_gpu. Whatever the answer raises is caught, SystemExit too. `is_authors` tells the
    author's frames by their file name. Value and inputs are as they will be sent: no object and no code of the
    author's is in them.

    device: where the tensors among the inputs are put before the call, `cpu` or `cuda`: here, and nowhere else. On a
    GPU on_gpu lists which of the value's arrays lie there, by their number in the order in which they travel.
    """
    log: CallLog | None = None
    reply = _reply("returned")
    try:
        with tracer or nullcontext() as log:
            inputs = placed(inputs, device)
            returned = probe(answers, *inputs)
            # A returned object may run its author's code when it is read: that is watched like the call, and
            # the inputs are read first, so that it cannot put them back.
            reply.update(_settled(inputs=inputs, value=returned))
    except MissingAnswerError as error:
        reply.update(status="missing", value=str(error)[:200])
    except BaseException as error:
        reply.update(status="raised", raised=describe_exception(error, is_authors))
    if log is not None:
        reply.update(forbidden=log.calls[:20], unwatched=log.ended)
    if device != "cpu" and isinstance(reply["value"], wire.Written):
        reply["on_gpu"] = list(reply["value"].on_gpu)
    return reply


def placed(value: Any, device: str) -> Any:
    """The same with every tensor in it on a device; arrays and all else stay as they are."""
    if device == "cpu":
        return value
    if isinstance(value, torch.Tensor):
        return value.to(device)
    if isinstance(value, tuple | list):
        return type(value)(placed(each, device) for each in value)
    if isinstance(value, dict):
        return {key: placed(each, device) for key, each in value.items()}
    return value


def _reply(status: str, value: Any = None) -> dict[str, Any]:
    return {"status": status, "value": value, "inputs": (), "raised": None, "forbidden": [], "unwatched": False}


def unreadable(error: Exception) -> dict[str, Any]:
    """The reply when what came of a probe could not be read or is too large to send."""
    return _reply("unreadable", f"{type(error).__name__}: {message_of(error)}"[:200])


def _settled(**parts: Any) -> dict[str, Any]:
    """What a reply says of these parts, read in this order, once and for all."""
    try:
        return {name: wire.written(part) for name, part in parts.items()}
    except Exception as error:  # objects that lie about themselves raise anything
        return unreadable(error)


def describe_exception(error: BaseException, is_authors: Callable[[str], bool]) -> dict[str, Any]:
    """Type names (most special first), message, and the author's own line of an exception."""
    where = authors_line(error.__traceback__, is_authors)
    kinds = [each.__name__[:100] for each in type(error).__mro__[:10]]
    return {"kinds": kinds, "message": message_of(error), **where}


def message_of(error: BaseException | None) -> str:
    """What an exception says, within MAX_MESSAGE; empty when it cannot be told."""
    try:
        return str(error)[:MAX_MESSAGE]
    except Exception:  # a __str__ of the author's may raise anything
        return ""


def authors_line(trace: TracebackType | None, is_authors: Callable[[str], bool]) -> dict[str, Any]:
    """cell, line (1-based) and text of the innermost frame of the author's; empty when there is none."""
    found: dict[str, Any] = {"cell": "", "line": 0, "text": ""}
    steps = 0
    while trace is not None and steps < 5000:
        file = trace.tb_frame.f_code.co_filename
        if is_authors(file):
            text = linecache.getline(file, trace.tb_lineno).strip()[:200]
            found = {"cell": file, "line": trace.tb_lineno, "text": text}
        trace, steps = trace.tb_next, steps + 1
    return found
