"""What a template repository needs, so that every push is answered by the visible tests. It holds no answer."""

from __future__ import annotations

import sys
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from grader import __version__, course
from grader.folder import CourseFolder, NotACourseError
from grader.gradescope.archive import write_bytes
from grader.gradescope.pins import needed, pins
from grader.gradescope.wheel import wheel

WORKFLOW = ".github/workflows/classroom.yml"
KIT = ".github/grader"
"""The kit's own place in the repository: its wheel, what it needs, and the assignments as they were released."""

COURSE = f"{KIT}/course"

GIVEN = ("test_visible.py", "explanations.json")
"""What students get beside the notebook."""


def write_workflow(folder: CourseFolder, to: Path, names: tuple[str, ...] = ()) -> Path:
    """Writes into the folder `to` what a template repository needs; returns the workflow's file.

    names: the assignments; by default those whose folders are there already, else all that the course has released.
    What students work on is laid out where it is missing and never overwritten. `to` may also be the name of a `.yml`
    file: then the folder of that name without the ending. NotACourseError when nothing is released.
    """
    root = to.with_suffix("") if to.suffix in (".yml", ".yaml") else to
    chosen = names or _present(root) or _released(folder)
    if not chosen:
        raise NotACourseError(f"{folder.root} has released no assignment; run `grader release` there")
    for name in chosen:
        course.exercises(name)
        folder.released_notebook(name)
    for name in chosen:
        _lay_out(folder, name, root)
    kit, content = wheel()
    for old in (root / KIT / "wheels").glob("*.whl"):
        old.unlink()
    write_bytes(root / KIT / "wheels" / kit, content)
    write_bytes(root / KIT / "requirements.txt", _lines(needed()))
    write_bytes(root / KIT / "constraints.txt", _lines(pins()))
    write_bytes(root / WORKFLOW, _workflow(kit).encode())
    return root / WORKFLOW


def _present(root: Path) -> tuple[str, ...]:
    return tuple(name for name in course.assignments() if (root / name).is_dir() or (root / f"{name}.ipynb").is_file())


def _released(folder: CourseFolder) -> tuple[str, ...]:
    return tuple(name for name in course.assignments() if folder.released(name).is_file())


def _lay_out(folder: CourseFolder, name: str, root: Path) -> None:
    """The assignment as it was released, once for the kit, and once for the student where it is not there yet."""
    notebook = f"{name}.ipynb"
    work = root if (root / notebook).is_file() else root / name
    for file in (notebook, *GIVEN):
        source = folder.released(name).with_name(file)
        if not source.is_file():
            continue
        write_bytes(root / COURSE / "assignments" / name / file, source.read_bytes())
        if not (work / file).exists():
            write_bytes(work / file, source.read_bytes())


def _workflow(kit: str) -> str:
    text = (files("grader.classroom") / "classroom.yml.j2").read_text(encoding="utf-8")
    # GitHub's own `${{ … }}` stays as it is
    environment = Environment(
        undefined=StrictUndefined,
        autoescape=False,
        keep_trailing_newline=True,
        variable_start_string="<<",
        variable_end_string=">>",
    )
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return environment.from_string(text).render(kit=kit, version=__version__, place=KIT, python=python)


def _lines(lines: tuple[str, ...]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()
