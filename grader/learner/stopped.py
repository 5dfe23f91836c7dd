"""Code of one's own, outside of all answers, that did not reach its end: no exercise would tell of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from grader.judge.submission import Submission
from grader.learner.plain_file import NO_LINE
from grader.notebook.marks import grade_id
from grader.notebook.normal import source_text
from grader.notebook.running import released_sources

_MOST = 3
_MOST_CHARACTERS = 160
_UNRUN = "What stands below it, up to the next answer or cell, did not run."
_TOP_LEVEL = re.compile(r"line (\d+), in <module>")


def stopped(
    submission: Submission, outputs: Mapping[int, Sequence[Mapping[str, Any]]], released: dict[str, Any], file: str = ""
) -> tuple[str, ...]:
    """A sentence for each such piece of code, of the first few.

    outputs: of the submission's cells, by index. file: the name of the plain file whose lines the cells' are, if so.
    The lesson's own cells do not count: many of them need answers that are not there yet.
    """
    return tuple(islice(_stopped(submission, outputs, released, file), _MOST))


def _stopped(
    submission: Submission, outputs: Mapping[int, Sequence[Mapping[str, Any]]], released: dict[str, Any], file: str
) -> Iterator[str]:
    known = released_sources(released)
    for index, cell in enumerate(submission.notebook["cells"]):
        source = source_text(cell)
        error = next((each for each in outputs.get(index, ()) if each["output_type"] == "error"), None)
        if error is None or cell["cell_type"] != "code" or grade_id(cell) or source in known:
            continue
        lines = source.split("\n")
        begins = next((at for at, line in enumerate(lines) if line != NO_LINE and line.strip()), 0)
        if error["ename"] == "Stopped":
            yield f"{_place(lines, begins, file)} was stopped: {error['evalue']}."
            continue
        found = _TOP_LEVEL.search("\n".join(error["traceback"]))
        at = int(found[1]) - 1 if found and int(found[1]) <= len(lines) else begins
        why = _cut(": ".join(filter(None, (error["ename"], error["evalue"]))))
        yield f"{_place(lines, at, file)} raised {why}. {_UNRUN}"


def _place(lines: Sequence[str], at: int, file: str) -> str:
    text = f"`{_cut(lines[at].strip())}`"
    return f"{file} line {at + 1}, {text}," if file else f"In a cell of your own, {text}"


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS]}…"
