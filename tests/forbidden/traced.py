"""One attempt, run and traced in this process."""

from __future__ import annotations

import contextlib
import io
import linecache
from typing import Any

import torch
from attempts import Attempt

from grader.course import exercise
from grader.jail.answers import Answers, run_probe
from grader.jail.owners import is_own
from grader.jail.probing import probe_function
from grader.jail.tracer import Tracer


def is_cell(file: str) -> bool:
    return file.startswith("cell ")


def inputs_of(name: str) -> tuple[Any, ...]:
    """Small inputs for one exercise, the same at each call."""
    generator = torch.Generator().manual_seed(5)
    x = torch.randn(3, 4, generator=generator)
    if name == "one_hot":
        return torch.tensor([0, 1, 1]), 2
    if name == "matmul":
        return x, torch.randn(4, 5, generator=generator)
    if exercise(name).assignment in ("03_losses",):
        return torch.eye(3, 4), torch.sigmoid(x)
    return (x,)


def namespace_of(attempt: Attempt) -> dict[str, Any]:
    """The names that the attempt's cells define; a cell that raises or does not parse ends early."""
    names: dict[str, Any] = {"__name__": "__main__"}
    for cell, source in attempt.cells:
        file = f"cell {cell}"
        linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
        with contextlib.suppress(SyntaxError), contextlib.redirect_stdout(io.StringIO()):
            exec(compile(source, file, "exec"), names)
    return names


def run(attempt: Attempt, tracer: Tracer | None = None) -> dict[str, Any]:
    """The reply of the attempt's probe."""
    names = namespace_of(attempt)
    probe = probe_function(compile(attempt.probe, "<probe>", "eval").co_consts[0])
    torch.manual_seed(0)
    return run_probe(probe, Answers(names), inputs_of(attempt.exercise), is_authors=is_cell, tracer=tracer)


def trace(attempt: Attempt) -> list[dict[str, Any]]:
    """The forbidden calls that the tracer saw."""
    tracer = Tracer(exercise(attempt.exercise).forbidden, is_own, is_cell)
    run(attempt, tracer)
    return tracer.calls
