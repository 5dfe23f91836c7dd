"""Which file of a submission is the notebook: students upload folders, copies, other formats and nothing at all."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from grader import course
from grader.judge.submission import HandedIn
from grader.notebook.marks import grade_id
from grader.notebook.normal import UnreadableNotebookError
from grader.notebook.read import read_notebook, shown_name

STUDENT = "submission"
"""Stands for its author in a verdict: whose it is, Gradescope knows."""

MAX_ENTRIES = 2_000
MAX_DEPTH = 4
MAX_READ = 5
"""So many notebooks are looked into, to find the one that answers the assignment."""

MAX_NAMES = 3
_SUFFIX = ".ipynb"
_SKIPPED = frozenset({"__MACOSX", "__pycache__"})


@dataclass(frozen=True)
class Found:
    """A submission's notebook, as it will be graded, and what else lay in the folder, as one sentence or nothing."""

    handed_in: HandedIn
    beside: str = ""


@dataclass(frozen=True)
class _Looked:
    """What a folder holds, by paths: ordinary files, and what is none (links, pipes, devices)."""

    files: tuple[Path, ...]
    odd: tuple[Path, ...]
    more: bool

    @property
    def notebooks(self) -> tuple[Path, ...]:
        return tuple(path for path in self.files if path.suffix.casefold() == _SUFFIX)


def find_notebook(submission: Path, assignment: str) -> Found:
    """The notebook that was handed in for an assignment; a `problem` in it says why there is none. Never raises.

    One of the assignment's name comes first, then the only one there is, then the only one that bears its marks.
    """
    looked = _look(submission)
    chosen, problem = _chosen(submission, looked, assignment)
    if chosen is None:
        return Found(HandedIn(STUDENT, assignment, "", problem=problem))
    others = [path for path in (*looked.files, *looked.odd) if path != chosen]
    return Found(HandedIn.at(chosen, STUDENT, assignment), _told(chosen, others, more=looked.more))


def _look(root: Path) -> _Looked:
    """A look into the folder that follows no link and has an end."""
    files: list[Path] = []
    odd: list[Path] = []
    waiting, left = deque([(root, 0)]), MAX_ENTRIES
    while waiting and left > 0:
        folder, depth = waiting.popleft()
        for entry in _entries(folder, left):
            left -= 1
            if entry.name.startswith(".") or entry.name in _SKIPPED:
                continue
            path = Path(entry.path)
            if entry.is_dir(follow_symlinks=False):
                if depth < MAX_DEPTH:
                    waiting.append((path, depth + 1))
            elif entry.is_file(follow_symlinks=False):
                files.append(path)
            else:
                odd.append(path)
    return _Looked(tuple(sorted(files, key=_nearest)), tuple(sorted(odd, key=_nearest)), left <= 0)


def _entries(folder: Path, most: int) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            yield from islice(entries, most)
    except OSError:
        return


def _nearest(path: Path) -> tuple[int, str]:
    return len(path.parts), str(path)


def _chosen(root: Path, looked: _Looked, assignment: str) -> tuple[Path | None, str]:
    name = f"{assignment}{_SUFFIX}"
    if os.path.lexists(root / name):
        return root / name, ""  # whatever it is, and however much lies beside it
    notebooks = looked.notebooks
    named = [path for path in notebooks if path.name.casefold() == name.casefold()]
    ambiguous = len(named) != 1 and 1 < len(notebooks) <= MAX_READ
    marked = [each for each in notebooks if _bears(each, assignment)] if ambiguous else []
    for choice in (named, notebooks, marked):
        if len(choice) == 1:
            return choice[0], ""
    if notebooks:
        return None, f"There are {len(notebooks)} notebooks: {_names(notebooks)}. Hand in one, and name it `{name}`."
    linked = [path for path in looked.odd if path.suffix.casefold() == _SUFFIX]
    if linked:
        return linked[0], ""  # reading it will say what it is
    if looked.files or looked.odd:
        found = _names((*looked.files, *looked.odd))
        return None, f"There is no notebook, only {found}. Hand in the notebook itself, `{name}`."
    return None, f"Nothing was handed in. Hand in the notebook, `{name}`."


def _bears(path: Path, assignment: str) -> bool:
    """Whether a notebook has cells of the assignment's exercises, by their marks."""
    try:
        found = {grade_id(cell) for cell in read_notebook(path)["cells"]}
    except UnreadableNotebookError:
        return False
    return bool(found & {each.name for each in course.exercises(assignment)})


def _told(chosen: Path, others: list[Path], *, more: bool) -> str:
    if not others and not more:
        return ""
    rest = f" There were more than {MAX_ENTRIES:,} files; the rest was not looked at." if more else ""
    left = f" Left out: {_names(others)}." if others else ""
    return f"Only `{shown_name(chosen)}` was graded.{left}{rest}"


def _names(paths: list[Path] | tuple[Path, ...]) -> str:
    shown = ", ".join(f"`{shown_name(path).replace('`', '')}`" for path in paths[:MAX_NAMES])
    return shown + (f" and {len(paths) - MAX_NAMES:,} more" if len(paths) > MAX_NAMES else "")
