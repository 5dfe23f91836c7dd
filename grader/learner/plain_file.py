"""Answers in a plain Python file, for those who like an editor: read as the cells of a notebook, and never imported.

Every top-level definition of an exercise becomes that exercise's cell, what stands around it ordinary cells, in the
order of the file. A cell keeps its statements in the lines where they stand in the file and has comments in all others,
so that every line number is the file's own.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import re
import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from grader import course
from grader.judge.submission import Submission
from grader.notebook.marks import known_cells, top_level_names
from grader.notebook.normal import MAX_CODE, UnreadableNotebookError, with_distinct_ids
from grader.notebook.read import read_bytes, shown_name
from grader.notebook.solutions import SETUP_CELL
from grader.verdict import CaseVerdict, ExerciseVerdict, Verdict

SUFFIX = ".py"

_PLACE = re.compile(r"^cell \S+ (?=line \d)")
_PLACE_IN_FLAG = re.compile(rf"\b[Ll]ine (\d+) of cell `(?!{SETUP_CELL}`)[^`]*`")
NO_LINE = "#"
_ORDINARY: dict[str, Any] = {"id": None, "cell_type": "code", "metadata": {}, "execution_count": None, "outputs": []}


class PlainFileError(ValueError):
    """A file that cannot be graded; the message names the file, its line and the remedy."""


@dataclass(frozen=True)
class _Part:
    """Statements of a file that stay together: those of one exercise, or those between two of them."""

    exercise: str
    spans: tuple[tuple[int, int], ...]

    @property
    def last(self) -> int:
        return self.spans[-1][1]


def read_source(path: Path) -> str:
    """The text of a file, in the encoding that it declares; PlainFileError when it is no Python that parses."""
    name = shown_name(path)
    try:
        source = importlib.util.decode_source(read_bytes(path))
    except UnreadableNotebookError as error:
        raise PlainFileError(str(error).replace("Hand in the notebook itself", "Give the path of a file")) from None
    except (SyntaxError, UnicodeDecodeError, LookupError):
        raise PlainFileError(f"`{name}` is not UTF-8 text. Save it with the encoding UTF-8.") from None
    if len(source) > MAX_CODE:
        raise PlainFileError(f"`{name}` has more than {MAX_CODE:,} characters. Keep data out of the code.")
    _parsed(source, name)
    return source


def submission(source: str, name: str, assignment: str, released: dict[str, Any]) -> Submission:
    """The file's text as a submission: the released notebook's imports, then the cells of the file.

    Nothing under `if __name__ == "__main__":` is in them, as when the file is imported. PlainFileError when it does
    not parse.
    """
    lines = source.split("\n")
    known = {each.grade_id: each.cell for each in known_cells(released)}
    cells = [known[SETUP_CELL]] if SETUP_CELL in known else []
    for part in _parts(_parsed(source, name), assignment):
        blank: dict[str, Any] = {
            "id": None,
            "cell_type": "code",
            "metadata": {},
            "execution_count": None,
            "outputs": [],
        }
        cells.append({**known.get(part.exercise, blank), "source": _in_place(lines, part)})
    notebook = {**released, "cells": with_distinct_ids(cells)}
    return Submission("you", assignment, notebook, digest=hashlib.sha256(source.encode()).hexdigest())


def placed(verdict: Verdict, name: str) -> Verdict:
    """The verdict in words for the author of a file: lines of the file in the place of lines of cells."""
    flags = tuple(_PLACE_IN_FLAG.sub(rf"{_escaped(name)} line \1", each) for each in verdict.flags)
    return replace(verdict, exercises=tuple(_placed(each, name) for each in verdict.exercises), flags=flags)


def fault_in(source: str) -> str:
    """Why text is no valid Python, with the line: `line 3: expected ':'`; empty when it is."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an invalid escape is shown where the code runs
            ast.parse(source)
    except SyntaxError as error:
        return f"line {error.lineno}: {error.msg}" if error.lineno else error.msg
    except (ValueError, RecursionError, MemoryError):
        return "it nests too deep, or holds what no text does"
    return ""


def _parsed(source: str, name: str) -> ast.Module:
    if fault := fault_in(source):
        raise PlainFileError(f"`{name}` is not valid Python ({fault}). Mend that and save.")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source)


def _parts(module: ast.Module, assignment: str) -> list[_Part]:
    answers = _answers(module, {each.name for each in course.exercises(assignment)})
    parts: list[_Part] = []
    for position, statement in enumerate(module.body):
        if _is_main(statement):
            continue
        part = _Part(answers.get(position, ""), (_span(statement),))
        if parts and (part.spans[0][0] <= parts[-1].last or not (part.exercise or parts[-1].exercise)):
            before = parts.pop()
            part = _Part(before.exercise or part.exercise, (*before.spans, *part.spans))
        parts.append(part)
    return parts


def _answers(module: ast.Module, exercises: set[str]) -> dict[int, str]:
    """{position of a statement: the exercise that it answers}; of several definitions the last one counts."""
    last = {
        name: position
        for position, statement in enumerate(module.body)
        for name in top_level_names(ast.unparse(statement)) & exercises
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign)
    }
    return {position: name for name, position in last.items()}


def _is_main(statement: ast.stmt) -> bool:
    """Whether this is `if __name__ == "__main__":`."""
    return isinstance(statement, ast.If) and ast.unparse(statement.test) in (
        "__name__ == '__main__'",
        "'__main__' == __name__",
    )


def _span(statement: ast.stmt) -> tuple[int, int]:
    decorators = [each.lineno for each in getattr(statement, "decorator_list", [])]
    return min([statement.lineno, *decorators]), statement.end_lineno or statement.lineno


def _in_place(lines: list[str], part: _Part) -> str:
    """The part's lines where the file has them. IPython drops blank lines at the start of a cell, but no comments."""
    kept = [NO_LINE] * part.last
    for first, last in part.spans:
        kept[first - 1 : last] = lines[first - 1 : last]
    return "\n".join(kept)


def _placed(verdict: ExerciseVerdict, name: str) -> ExerciseVerdict:
    forbidden = verdict.forbidden and replace(verdict.forbidden, cell=name if verdict.forbidden.cell else "")
    note = verdict.note.replace("The cell stopped before it defined the answer", "The definition stopped on its way")
    cases = tuple(_placed_case(each, name) for each in verdict.cases)
    astray = verdict.on_gpu
    on_gpu = astray and replace(astray, made=_placed_line(astray.made, name), used=_placed_line(astray.used, name))
    return replace(verdict, forbidden=forbidden, note=note, cases=cases, on_gpu=on_gpu)


def _placed_line(line: str, name: str) -> str:
    return _PLACE.sub(f"{_escaped(name)} ", line)


def _placed_case(case: CaseVerdict, name: str) -> CaseVerdict:
    if case.finding is None:
        return case
    line = _placed_line(case.finding.line, name)
    message = case.finding.message.replace("The notebook does not define", f"`{name}` does not define", 1)
    return replace(case, finding=replace(case.finding, line=line, message=message))


def _escaped(name: str) -> str:
    return name.replace("\\", r"\\")
