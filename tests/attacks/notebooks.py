"""An attack as the notebook that its author hands in."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attacks.attack import FIRST, LAST, Attack, Notebook
from grader.author.cells import marked, reference_answers
from grader.folder import CourseFolder


def facts(attack: Attack, known: Mapping[str, Any]) -> str:
    """The cell at the head of an attacker's notebook: all that a well-informed cheat would know.

    ME, ASSIGNMENT; COURSE and HOME_FOLDER (paths of the course and of the teacher's home); SUPERVISORS (process
    ids); TCP, UDP, DNS, ORACLE (ports of the accomplice on 127.0.0.1), ABSTRACT (an abstract socket), DROP and SHM
    (folders with a `socket` and a `fifo`); KEY (a number that only the attacker and the friend share).
    """
    known = {"ME": attack.student, "ASSIGNMENT": attack.assignment, "KEY": _key(attack), **known}
    return "\n".join(f"{name} = {value!r}" for name, value in known.items())


def _key(attack: Attack) -> int:
    return 0x5EC000 + sum(attack.name.encode())


def notebook_of(attack: Attack, released: Notebook, known: Mapping[str, Any]) -> str | bytes:
    """The text of the attacker's notebook."""
    notebook = filled(released, attack.cells, facts(attack, known))
    made = attack.mangle(notebook) if attack.mangle else notebook
    return made if isinstance(made, str | bytes) else json.dumps(made)


def friends_notebook(attack: Attack, released: Notebook, known: Mapping[str, Any], answer: str) -> str:
    """The text of the friend's notebook, whose ANSWER must not get across."""
    notebook = filled(released, attack.friend, facts(attack, {**known, "ANSWER": answer}))
    return json.dumps(notebook)


def filled(released: Notebook, cells: Mapping[str, str], head: str = "") -> Notebook:
    """The released notebook with the sources of some cells replaced, and cells before and after all others."""
    notebook = copy.deepcopy(released)
    known = marked(notebook)
    for name, source in cells.items():
        if name not in (FIRST, LAST):
            known[name]["source"] = source
    before = [source for source in (head, cells.get(FIRST, "")) if source]
    after = [cells[LAST]] if LAST in cells else []
    notebook["cells"] = [*map(code_cell, before), *notebook["cells"], *map(code_cell, after)]
    return notebook


def code_cell(source: str) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None}


def solved_notebook(folder: CourseFolder, assignment: str, secret: str) -> str:
    """An honest student's notebook with every reference answer, and a secret in it."""
    released = folder.released_notebook(assignment)
    cells = {**reference_answers(folder, assignment), LAST: f"MINE = {secret!r}"}
    return json.dumps(filled(released, cells))


def short(notebook: Notebook) -> Notebook:
    """What the naive grader needs of a notebook: the cells that nbgrader knows, and those at its head and end."""
    last = len(notebook["cells"]) - 1
    kept = [
        cell
        for position, cell in enumerate(notebook["cells"])
        if cell["cell_type"] == "code" and (cell["metadata"].get("nbgrader") or position < 3 or position == last)
    ]
    return {**notebook, "cells": kept}


def write(path: Path, text: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    return path
