"""Taking the kit into an nbgrader course that is there already: what is copied, and the lines in its configuration.

All is looked at before anything is written. What the course has is never written over; who is stopped half-way, or
takes in one assignment after another, runs it again.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import grader
from grader import course
from grader.folder import CONFIG, CourseFolder, NotACourseError, write_atomically
from grader.nbgrader.course import course_api, require_layout
from grader.nbgrader.settings import set_elsewhere
from grader.panel.plain import inert

_JSON = "nbgrader_config.json"
_LINES = """
# the kit's part: it stands last, and leaves what is set above to the other assignments
from grader.nbgrader_plugin import configure

configure(get_config())
"""
_SKIPPED = ("__pycache__", ".ipynb_checkpoints")


class AdoptError(ValueError):
    """A course that cannot take the kit in as it is; the message says why and what to do. Nothing was written."""


@dataclass(frozen=True)
class Plan:
    """What taking the kit in comes to. copies: {goal: the kit's file}, without those that are there already.

    config: the text of the new `nbgrader_config.py`; empty where it holds the kit's lines. release: whether nbgrader's
    folder `release/` must be made, so that other assignments are never released elsewhere.
    """

    folder: CourseFolder
    names: tuple[str, ...]
    copies: dict[Path, Path]
    there: int
    config: str
    release: bool


def plan(target: Path | None = None, course_at: Path | None = None, names: tuple[str, ...] = ()) -> Plan:
    """Looks at a course (this folder by default) and at the kit's checkout, and writes nothing.

    names: which assignments; all of the kit's by default. AdoptError, NotACourseError and UnknownNameError say what is
    in the way.
    """
    root = (target or Path.cwd()).expanduser().resolve()
    kit = _kit(course_at)
    chosen = names or course.assignments()
    for name in chosen:
        course.exercises(name)
    _require_nbgrader_course(root, kit)
    wanted = {root / path.relative_to(kit.root): path for name in chosen for path in _files(kit, name)}
    copies = {goal: path for goal, path in wanted.items() if not _is_there(goal, path)}
    config = _with_our_lines(root / CONFIG)
    folder = CourseFolder(root)
    release = _release_directory(folder)
    return Plan(folder, chosen, copies, len(wanted) - len(copies), config, release != folder.releases.name)


def adopt(plan: Plan) -> None:
    """Does what was planned, the configuration last; AdoptError where a file cannot be written."""
    try:
        for goal, path in plan.copies.items():
            write_atomically(goal, path.read_text(encoding="utf-8"))
        if plan.release:
            (plan.folder.root / "release").mkdir(exist_ok=True)
        if plan.config:
            path = plan.folder.root / CONFIG
            write_atomically(path, plan.config, mode=path.stat().st_mode & 0o777 if path.exists() else 0o644)
    except OSError as error:
        name = inert(str(error.filename or plan.folder.root))
        raise AdoptError(f"{name} cannot be written: {error.strerror}; mend that, and run the command again") from None


def told(plan: Plan, *, done: bool) -> Iterator[str]:
    """What was done, or would be, and what to do next."""
    root = plan.folder.root
    would = "" if done else "would be "
    yield f"{inert(str(root))}: {len(plan.copies)} files {would}copied, {plan.there} there already"
    for goal in plan.copies if not done else ():
        yield f"  {inert(str(goal.relative_to(root)))}"
    if plan.release:
        yield f"  release/ {would}made: assignments are released there, yours as the kit's"
    if plan.config:
        yield f"  {CONFIG}: the kit's lines {would}added at its end"
    if done:
        yield "Next:"
        yield f"  cd {inert(str(root))}"
        yield f"  grader release {' '.join(plan.names)}"
        yield "  grader doctor    (whether this machine may run students' code)"


def _require_nbgrader_course(root: Path, kit: CourseFolder) -> None:
    shown = inert(str(root))
    if root == kit.root:
        raise AdoptError(f"{shown} is the kit's own course; give the folder of yours: `grader adopt FOLDER`")
    if not any((root / name).exists() for name in (CONFIG, _JSON, "source")):
        raise AdoptError(f"{shown} is no nbgrader course: it holds neither {CONFIG} nor source/; give its folder")


def _kit(given: Path | None) -> CourseFolder:
    """The kit's checkout: the one given, or that this program is run from. A wheel holds no hidden suite to copy."""
    place = given.expanduser() if given is not None else Path(grader.__file__).resolve().parents[1]
    found = CourseFolder.around(place)
    if found is None and given is not None:
        raise NotACourseError(
            f"{inert(str(place))} is not the kit's checkout: neither it nor a folder above it holds {CONFIG}; say "
            "where the checkout lies: `grader adopt FOLDER --course PATH`"
        )
    if found is None:
        raise NotACourseError("the kit's checkout is not known; say where it lies: `grader adopt FOLDER --course PATH`")
    return found


def _files(kit: CourseFolder, name: str) -> Iterator[Path]:
    """What the kit needs of itself to release and to grade an assignment."""
    for path in (kit.source(name), kit.hidden_suite(name), kit.mistakes(name)):
        if not path.is_file():
            raise NotACourseError(f"{inert(str(path))} is missing; say where the kit's checkout lies with --course")
    for path in sorted(kit.source(name).parent.rglob("*")):
        if path.is_file() and not set(path.parts) & set(_SKIPPED):
            yield path
    yield kit.hidden_suite(name)
    yield from (path for path in (kit.solution(name), kit.mistakes(name), kit.variants(name)) if path.is_file())


def _is_there(goal: Path, path: Path) -> bool:
    """Whether the course holds the very file; AdoptError for another one in its place."""
    if goal.is_file() and goal.read_bytes() == path.read_bytes():
        return True
    if goal.exists() or goal.is_symlink():
        raise AdoptError(
            f"{inert(str(goal))} is there, and is not the kit's of today; keep it by doing nothing, or move it away "
            "and run the command again"
        )
    return False


def _with_our_lines(path: Path) -> str:
    """The configuration with the kit's lines at its end; empty where they are in it."""
    text = path.read_text(encoding="utf-8") if path.exists() else '"""This course\'s nbgrader settings."""\n'
    try:
        imports = [each for each in ast.walk(ast.parse(text)) if isinstance(each, ast.ImportFrom)]
    except SyntaxError as error:
        raise AdoptError(f"{inert(str(path))} is no valid Python in line {error.lineno}; mend it first") from None
    return "" if any(each.module == "grader.nbgrader_plugin" for each in imports) else f"{text.rstrip()}\n{_LINES}"


def _release_directory(folder: CourseFolder) -> str:
    """Where the course releases to. AdoptError and LayoutError where its settings would keep the kit from its work."""
    with course_api(folder) as api:
        release = str(api.coursedir.release_directory)
        require_layout(api, release if release == "release" else folder.releases.name)
        elsewhere = set_elsewhere(folder, api.parent.config_file_paths)
    if elsewhere:
        setting, file = elsewhere
        raise AdoptError(
            f"`{setting}` is set in {inert(str(file))}, and what the kit sets would not stand beside it; set it in "
            f"{inert(str(folder.root / CONFIG))} instead"
        )
    return release
