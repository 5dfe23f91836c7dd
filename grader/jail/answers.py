"""The answers as a probe sees them, and the one way in which a probe runs, inside the jail or out of it."""

from __future__ import annotations

import linecache
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType
from typing import Any, Protocol

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

    def __getattr__(self, name: str) -> Any:
        try:
            return self._names[name]
        except KeyError:
            raise MissingAnswerError(name) from None


class CallLog(Protocol):
    """What the tracer leaves behind: forbidden calls as plain dicts (call, cell, line, text)."""

    calls: list[dict[str, Any]]


def run_probe(
    probe: Callable[..., Any],
    answers: Answers,
    inputs: tuple[Any, ...],
    *,
    is_authors: Callable[[str], bool],
    tracer: AbstractContextManager[CallLog] | None = None,
) -> dict[str, Any]:
    """Runs a probe once and tells, as plain data, what came of it.

    Returns status (returned, raised, missing), value, inputs (as they are afterwards), raised and forbidden.
    Whatever the answer raises is caught, SystemExit and KeyboardInterrupt too. `is_authors` tells the
    author's frames by their file name.
    """
    log: CallLog | None = None
    reply: dict[str, Any] = {
        "status": "returned",
        "value": None,
        "inputs": (),
        "raised": None,
        "forbidden": [],
    }
    try:
        with tracer or nullcontext() as log:
            reply["value"] = probe(answers, *inputs)
        reply["inputs"] = inputs
    except MissingAnswerError as error:
        reply.update(status="missing", value=str(error)[:200])
    except BaseException as error:
        reply.update(status="raised", raised=describe_exception(error, is_authors))
    if log is not None:
        reply["forbidden"] = log.calls[:20]
    return reply


def describe_exception(error: BaseException, is_authors: Callable[[str], bool]) -> dict[str, Any]:
    """Type names (most special first), message, and the author's own line of an exception."""
    where = authors_line(error.__traceback__, is_authors)
    try:
        message = str(error)[:MAX_MESSAGE]
    except Exception:  # a __str__ of the author's may raise anything
        message = ""
    kinds = [each.__name__[:100] for each in type(error).__mro__[:10]]
    return {"kinds": kinds, "message": message, **where}


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
