"""The zip that an instructor uploads: the kit, an assignment with its answers, and the two scripts of Gradescope's."""

from __future__ import annotations

import json
import sys
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from grader import __version__
from grader.folder import CourseFolder
from grader.gradescope.archive import Entry, packed, write_bytes
from grader.gradescope.pins import needed, pins
from grader.gradescope.wheel import wheel

COURSE = "course"
"""Below the zip's root: a course folder with what judging needs of it."""

ENVIRONMENT = "/opt/grader"
"""Where `setup.sh` installs: student code reads its Python's own folders, so the answers must lie elsewhere."""

_SCRIPTS = ("setup.sh", "run_autograder")
_SECRET, _SCRIPT = 0o600, 0o755


def build_zip(folder: CourseFolder, names: tuple[str, ...], to: Path) -> Path:
    """Writes the autograder of these assignments to `to` (a file, or a folder to put it into); returns the file.

    The zip holds reference solutions and hidden suites: it is for instructors only, and readable by its owner only.
    UnknownNameError for an assignment unheard of, NotACourseError when the course cannot grade one.
    """
    for name in names:
        folder.require(name)
        folder.released_notebook(name)
    target = to / f"{'-'.join(names)}-autograder.zip" if to.is_dir() else to
    write_bytes(target, packed(_entries(folder, names)), _SECRET)
    return target


def _entries(folder: CourseFolder, names: tuple[str, ...]) -> dict[str, Entry]:
    kit, content = wheel()
    entries = {name: Entry(_script(name, kit).encode(), _SCRIPT) for name in _SCRIPTS}
    entries["requirements.txt"] = Entry(_lines(needed()))
    entries["constraints.txt"] = Entry(_lines(pins()))
    entries[f"wheels/{kit}"] = Entry(content)
    for name in names:
        for path in _parts(folder, name):
            entries[f"{COURSE}/{path.relative_to(folder.root).as_posix()}"] = Entry(path.read_bytes(), _SECRET)
    # the seed of the class, so that points are those of `grader autograde`
    seeds = {name: folder.seed(name) for name in sorted(names)}
    entries[f"{COURSE}/.grader/seeds.json"] = Entry((json.dumps(seeds, indent=1) + "\n").encode(), _SECRET)
    return entries


def _parts(folder: CourseFolder, name: str) -> list[Path]:
    wanted = (folder.released(name), folder.hidden_suite(name), folder.solution(name), folder.mistakes(name))
    return [path for path in wanted if path.is_file()]


def _script(name: str, kit: str) -> str:
    text = (files("grader.gradescope") / f"{name}.j2").read_text(encoding="utf-8")
    template = Environment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True).from_string(text)
    python = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return template.render(kit=kit, version=__version__, environment=ENVIRONMENT, python=python)


def _lines(lines: tuple[str, ...]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()
