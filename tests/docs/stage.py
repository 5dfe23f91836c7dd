"""Where the documentation's commands are run: a home folder with a checkout of the kit and a small graded class."""

from __future__ import annotations

import copy
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from tests_support import beside_python, copy_course, run_grader

from docs.pages import ROOT, Command
from grader.demo_class import students
from grader.folder import CourseFolder

ASSIGNMENT = "04_softmax"
CLASS = ("ada", "alan", "ursula")
"""All right, one mistake, and nothing attempted: enough for every column of every table."""

KIT, COURSE = "course-kit", "course"
"""Folders of the home: a checkout, and a course folder in which `CLASS` is graded."""

SUBSTITUTIONS = ((".venv/bin/", ""), ("pytest -q ", "pytest -q --collect-only "))
"""What a page writes, and what it is on this machine, where the tests of the kit run beside this one and not within."""

STARTS = {"README.md": KIT, "CONTRIBUTING.md": KIT}
"""The folder in which a page's first command is typed; `COURSE` for all others."""

EXIT_CODES: dict[str, int] = {}
"""Of commands that end with another exit code than 0, since their page shows just that."""

OPTIONAL = ("jq", "openssl", "zip")
"""Programs of other people's that a page may use; a command whose program is missing is left out, and said."""

EXCHANGE = "exchange"
"""nbgrader's, in the home as well."""

_SETTINGS = """
c = get_config()
c.Exchange.root = "{exchange}"
c.ExchangeCollect.check_owner = False  # all students of the stage are one user
"""
_WHEN = "2026-11-30 10:00:00.000000 UTC"
_SECONDS = 900  # of a page, on a machine that does much else
_NOT_COPIED = (".git", ".venv", "build", "dist", "*.egg-info", "__pycache__", ".*_cache", ".hypothesis", "_build")


@dataclass(frozen=True)
class Outcome:
    """What a command came to."""

    command: Command
    code: int
    output: str


@dataclass(frozen=True)
class Stage:
    """A home folder in which commands are typed."""

    home: Path

    def play(self, page: str, commands: Iterable[Command]) -> list[Outcome]:
        """Types a page's commands into one shell, up to the first that fails; prepares what the page takes as given."""
        PREPARE.get(page, _nothing)(self.home)
        typed, notes = list(commands), self.home / "notes"
        shutil.rmtree(notes, ignore_errors=True)
        notes.mkdir()
        script = "\n".join(_script(each, number, notes) for number, each in enumerate(typed))
        start = self.home / STARTS.get(page, COURSE)
        self._type(script, start)
        ended = [int(line) for line in (notes / "codes").read_text().split()]
        return [
            Outcome(each, code, (notes / f"{number}.out").read_text(encoding="utf-8", errors="replace"))
            for number, (each, code) in enumerate(zip(typed, ended, strict=False))
        ]

    def _type(self, script: str, start: Path) -> None:
        shell, nobody = ["bash", "-c", script], subprocess.DEVNULL
        subprocess.run(shell, cwd=start, env=self._environment(), stdin=nobody, timeout=_SECONDS, check=False)

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in beside_python().items() if not name.startswith(("PYTEST", "COLUMNS"))}
        cache = os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))
        return {**kept, "HOME": str(self.home), "XDG_CACHE_HOME": cache, "COLUMNS": "120"}


def build(home: Path) -> None:
    """The checkout, the course folder with its class graded, and settings for nbgrader's exchange."""
    shutil.copytree(ROOT, home / KIT, ignore=shutil.ignore_patterns(*_NOT_COPIED))
    exchange = home / EXCHANGE
    exchange.mkdir()
    exchange.chmod(0o777)  # nbgrader insists on it
    (home / ".jupyter").mkdir()
    (home / ".jupyter" / "nbgrader_config.py").write_text(_SETTINGS.format(exchange=exchange), encoding="utf-8")
    course = copy_course(home / COURSE)
    for command in ("release", ASSIGNMENT), ("autograde", ASSIGNMENT):
        if command[0] == "autograde":
            for student, text in submissions(course).items():
                path = CourseFolder(course).submission(ASSIGNMENT, student)
                path.parent.mkdir(parents=True)
                path.write_text(text, encoding="utf-8")
        done = run_grader(course, *command)
        assert done.returncode == 0, done.stderr + done.stdout


def submissions(course: Path) -> dict[str, str]:
    """The notebook of everyone in `CLASS`, as text."""
    folder = CourseFolder(course)
    released = folder.released_notebook(ASSIGNMENT)
    made = {each: students()[each](folder, ASSIGNMENT, copy.deepcopy(released)) for each in CLASS}
    return {student: json.dumps(notebook) for student, notebook in made.items()}


def lacking(command: Command) -> str:
    """The optional program that a command needs and this machine lacks; empty when there is none."""
    words = command.text.replace("|", " ").replace("(", " ").split()
    return next((each for each in OPTIONAL if each in words and shutil.which(each) is None), "")


def _script(command: Command, number: int, notes: Path) -> str:
    text = command.text
    for written, here in SUBSTITUTIONS:
        text = text.replace(written, here)
    wanted = EXIT_CODES.get(command.text, 0)
    return (
        f"{{ {text}\n}} > '{notes}/{number}.out' 2>&1\n"
        f"code=$?; echo $code >> '{notes}/codes'; [ $code = {wanted} ] || exit 0"
    )


def _nothing(_home: Path) -> None:
    pass


def _a_class_that_hands_in(home: Path) -> None:
    """What a TA has: a class list, submissions in nbgrader's exchange, and a download from a learning platform."""
    archive = home / "grading" / "downloaded" / "05_metrics" / "archive"
    archive.mkdir(parents=True)
    (home / "grading" / "class.csv").write_text(
        "id,first_name,last_name,email\nada,Ada,Lovelace,ada@example.org\nemmy,Emmy,Noether,emmy@example.org\n"
    )
    downloaded = archive / "ada_2026-11-30-10-00-00_attempt_05_metrics.ipynb"
    shutil.copy(home / KIT / "assignments/05_metrics/05_metrics.ipynb", downloaded)
    for student, text in submissions(home / COURSE).items():
        folder = home / EXCHANGE / "from-network-to-regression" / "inbound" / f"{student}+{ASSIGNMENT}+{_WHEN}+secret"
        folder.mkdir(parents=True)
        (folder / f"{ASSIGNMENT}.ipynb").write_text(text, encoding="utf-8")
        (folder / "timestamp.txt").write_text(_WHEN, encoding="utf-8")
        (folder / "submission_secret.txt").write_text("secret", encoding="utf-8")


def _clones(home: Path) -> None:
    """What staff have where each student has a repository: clones, side by side."""
    for student, text in submissions(home / COURSE).items():
        path = home / COURSE / "CLONES" / f"softmax-{student}" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")


def _another_course(home: Path) -> None:
    """An nbgrader course that knows nothing of the kit."""
    (home / "course101" / "source").mkdir(parents=True)
    settings = 'c = get_config()\nc.CourseDirectory.course_id = "course101"\n'
    (home / "course101" / "nbgrader_config.py").write_text(settings, encoding="utf-8")


def _pip_conf(home: Path) -> None:
    (home / COURSE / "pip.conf").write_text("[global]\n", encoding="utf-8")


PREPARE: dict[str, Callable[[Path], None]] = {
    "docs/adopt.md": _another_course,
    "docs/ta.md": _a_class_that_hands_in,
    "docs/github-classroom.md": _clones,
    "docs/gradescope.md": _pip_conf,
}
"""What a page takes as given, made in the home before its first command."""
