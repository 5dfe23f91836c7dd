"""Running a solved notebook from top to bottom in a real Jupyter kernel."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from grader import course
from grader.author.cells import Cell, solved
from grader.folder import CourseFolder
from grader.notebook.normal import source_text

CELL_SECONDS = 180


def executed(folder: CourseFolder, assignment: str) -> Any:
    """The solved notebook with the outputs that it gives in its released folder; CellExecutionError when it raises."""
    with tempfile.TemporaryDirectory() as scratch:
        beside = Path(scratch) / assignment
        shutil.copytree(folder.released(assignment).parent, beside)
        notebook = nbformat.from_dict(solved(folder, assignment))
        client = NotebookClient(
            notebook,
            timeout=CELL_SECONDS,
            resources={"metadata": {"path": str(beside)}},
            extra_arguments=["--log-level=ERROR"],  # the kernel's own log is not the notebook's
        )
        return client.execute()


def disturbances(folder: CourseFolder, assignment: str) -> Iterator[str]:
    """A sentence for each error, warning or check without full points in the solved notebook."""
    try:
        notebook = executed(folder, assignment)
    except (CellExecutionError, CellTimeoutError, DeadKernelError, RuntimeError) as error:  # RuntimeError: no answer
        # a cell's own exception comes with a coloured traceback
        words = f"{error.ename}: {error.evalue}" if isinstance(error, CellExecutionError) else str(error)
        yield f"{assignment} does not run to its end: {words}"
        return
    points = {f'check("{each.name}", {each.name})': each.points for each in course.exercises(assignment)}
    for number, cell in enumerate(notebook["cells"]):
        if cell["cell_type"] != "code":
            continue
        name = cell.get("id", number)
        yield from (f"cell `{name}` writes to stderr: {text.strip()[:200]}" for text in _warnings(cell))
        expected = points.get(source_text(cell).strip().splitlines()[-1] if source_text(cell).strip() else "")
        if expected is not None and _result(cell) != repr(float(expected)):
            yield f"cell `{name}`: the visible tests give the solution {_result(cell)} of {expected:g} points"


def _warnings(cell: Cell) -> list[str]:
    return [str(o["text"]) for o in cell["outputs"] if o["output_type"] == "stream" and o["name"] == "stderr"]


def _result(cell: Cell) -> str:
    results = [output["data"]["text/plain"] for output in cell["outputs"] if output["output_type"] == "execute_result"]
    return str(results[-1]) if results else "nothing"
