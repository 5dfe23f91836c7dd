"""A self-learner's own folder: the assignments laid out in it, and renewed without touching what was worked on.

A pointer file in the folder says where the course lies, and for each file what was laid out: by that, a file that was
changed since is told from one that was not.
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import grader
from grader import course
from grader.achieved import Place
from grader.folder import CONFIG, POINTER, CourseFolder, NotACourseError, write_atomically
from grader.panel.plain import inert

DEFAULT = "logreg-by-hand"
"""The folder's name where none is given; in the home folder."""

_SCHEMA = 1
_SKIPPED = ("__pycache__", ".ipynb_checkpoints")


class StartError(ValueError):
    """A folder in which nothing can be laid out; the message says why and where else to go."""


@dataclass
class Laid:
    """What came of laying out. Names are paths below `folder`.

    kept: {a changed file: the new version beside it}.
    """

    folder: Path
    course: Path
    new: list[str] = field(default_factory=list)
    renewed: list[str] = field(default_factory=list)
    kept: dict[str, str] = field(default_factory=dict)


def start(folder: Path | None = None, course_at: Path | None = None) -> Laid:
    """Lays every released assignment out in a folder of the learner's own, or renews what was not changed there.

    StartError for a folder that cannot be used; NotACourseError where no course is found.
    """
    target = _target(folder)
    root = _course(course_at, target)
    _require_free(target, root)
    laid = Laid(target, root)
    known = _known(target)
    _note(target, root, known)  # first of all: who is stopped here goes on from here
    for source in _released(root):
        name = source.relative_to(CourseFolder(root).releases).as_posix()
        known[name] = _lay(source, target / name, known.get(name, {}), laid)
    _note(target, root, known)
    return laid


def told(laid: Laid, place: Place) -> Iterator[str]:
    """What was done, and what to do next for somebody who is so far."""
    yield f"{inert(str(laid.folder))}: {_done(laid)}"
    for name, beside in laid.kept.items():
        yield f"  you changed {inert(name)}, so it stays; the new version is beside it: {inert(beside)}"
    now = place.next.assignment if place.next else course.assignments()[0]
    yield "Next:"
    yield f"  cd {_quoted(laid.folder / now)}"
    yield f"  {_command('jupyter')} lab {now}.ipynb"
    yield f"  {_command('grader')} check --watch    (in a second terminal: it checks at every save)"


def _done(laid: Laid) -> str:
    new, renewed, kept = len(laid.new), len(laid.renewed), len(laid.kept)
    parts = [f"{_counted(new)} new"] if new else []
    parts += [f"{_counted(renewed)} that you had not changed renewed"] if renewed else []
    parts += [f"{_counted(kept)} of yours kept"] if kept else []
    return ", ".join(parts) or "nothing is new, and all is as you left it"


def _target(folder: Path | None) -> Path:
    """The folder meant; without one the learner's folder that this is in, else the default one."""
    if folder is not None:
        return folder.expanduser().absolute()
    here = Path.cwd()
    return next((each for each in (here, *here.parents) if (each / POINTER).is_file()), Path.home() / DEFAULT)


def _course(given: Path | None, target: Path) -> Path:
    """The course to lay out: the one given, of this place, that was laid out before, or that this program came with."""
    if given is not None:
        root = given.expanduser().resolve()
        if not (root / CONFIG).is_file():
            raise NotACourseError(f"{inert(str(root))} is no course: it holds no {CONFIG}")
        return root
    if (target / POINTER).is_file():
        return CourseFolder.find(target).root
    for place in (Path.cwd(), Path(grader.__file__).resolve().parents[1]):
        found = CourseFolder.around(place)
        if found is not None:
            return found.root
    raise NotACourseError("there is no course here; say where it lies: `grader start FOLDER --course PATH`")


def _holds_notebooks(target: Path) -> bool:
    """Whether it was laid out before, though the note on that is gone: then every file counts as changed."""
    return any((target / name / f"{name}.ipynb").is_file() for name in course.assignments())


def _require_free(target: Path, root: Path) -> None:
    shown = inert(str(target))
    parts = (CourseFolder(root).releases.name, "source", "solutions", "tests")
    if any(target.resolve().is_relative_to(root / part) for part in parts):
        raise StartError(f"{shown} is a part of the course itself; give a folder of your own")
    try:
        target.mkdir(parents=True, exist_ok=True)
        if not (target / POINTER).is_file() and any(target.iterdir()) and not _holds_notebooks(target):
            raise StartError(f"{shown} is not empty, and holds nothing of `grader start`; give a new folder")
    except OSError as error:
        raise StartError(f"{shown} cannot be used: {error.strerror}; give another folder") from None
    if not os.access(target, os.W_OK | os.X_OK):
        raise StartError(f"{shown} cannot be used: Permission denied; give another folder")


def _released(root: Path) -> list[Path]:
    releases = CourseFolder(root).releases
    folders = [releases / name for name in course.assignments()]
    files = [
        path
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not set(path.parts) & set(_SKIPPED)
    ]
    if not files:
        raise NotACourseError(f"{inert(str(releases))} holds no assignment; run `grader release` there")
    return files


def _known(target: Path) -> dict[str, dict[str, str]]:
    """{file: {digest of what was laid out; of what was offered beside it}}; nothing where that cannot be read.

    Then every file that is not the course's own counts as changed, and is kept.
    """
    try:
        data = json.loads((target / POINTER).read_text(encoding="utf-8"))
        files = data["files"] if data["schema"] == _SCHEMA else {}
    except (OSError, ValueError, LookupError, TypeError):
        return {}
    return {str(name): dict(each) for name, each in files.items() if isinstance(each, dict)}


def _note(target: Path, root: Path, known: dict[str, dict[str, str]]) -> None:
    told = {"schema": _SCHEMA, "course": str(root), "files": known}
    write_atomically(target / POINTER, json.dumps(told, indent=1, sort_keys=True) + "\n")


def _lay(source: Path, target: Path, known: dict[str, str], laid: Laid) -> dict[str, str]:
    """Lays one file out, unless that would cost somebody's work; what is known of it then."""
    new, name = _digest(source), target.relative_to(laid.folder).as_posix()
    there = _digest(target)
    if there == new:
        return {"laid": new}
    if not there and _copy(source, target):
        laid.new.append(name)
        return {"laid": new}
    if there and there == known.get("laid") and _copy(source, target, instead_of=there):
        laid.renewed.append(name)
        return {"laid": new}
    if new in (known.get("laid"), known.get("offered")):
        return known  # it was changed, and the course was not
    beside = _free(target)
    _copy(source, beside)
    laid.kept[name] = beside.relative_to(laid.folder).as_posix()
    return {**known, "offered": new}


def _free(target: Path) -> Path:
    """A name beside a file that nothing has: `04_softmax.new.ipynb`, then `04_softmax.new2.ipynb`."""
    number = 1
    while True:
        path = target.with_name(f"{target.stem}.new{number if number > 1 else ''}{target.suffix}")
        if not os.path.lexists(path):
            return path
        number += 1


def _copy(source: Path, target: Path, *, instead_of: str = "") -> bool:
    """Copies a file as a whole or not at all; not where there is anything else than `instead_of`, a digest.

    StartError when it cannot be written.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        shutil.copyfile(source, draft)
        # asked last of all: an editor may have saved meanwhile
        if _digest(target) != instead_of or (not instead_of and os.path.lexists(target)):
            return False
        draft.replace(target)
    except OSError as error:
        raise StartError(f"{inert(str(target))} cannot be written: {error.strerror}; mend that, then go on") from None
    finally:
        draft.unlink(missing_ok=True)
    return True


def _digest(path: Path) -> str:
    """SHA-256 of a regular file; empty for anything else."""
    if path.is_symlink() or not path.is_file():
        return ""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _counted(files: int) -> str:
    return f"{files} file" if files == 1 else f"{files} files"


def _command(name: str) -> str:
    """A command as it can be typed here: by its path where the shell would not find this one."""
    beside = Path(sys.executable).with_name(name)
    found = shutil.which(name)
    if found and (not beside.exists() or Path(found).resolve() == beside.resolve()):
        return name
    return _quoted(beside) if beside.exists() else name


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))
