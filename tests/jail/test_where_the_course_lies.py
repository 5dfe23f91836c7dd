"""Wherever the course and Python lie, in or above each other: student code reads Python and never the course."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests_support import ROOT

import grader

HERE = Path(__file__).parent
HUNT = HERE / "hunt.py"
PLACES = (
    "nbgrader_config.py",
    "gradebook.db",
    ".grader/seeds.json",
    "solutions/04_softmax.py",
    "solutions/mistakes/04_softmax.py",
    "tests/hidden/test_04_softmax.py",
    "submitted/ada/04_softmax/04_softmax.ipynb",
    "bin-of-notes/bin/notes.txt",
    "share/notes.txt",
)
TIERS = {"A": [], "B": ["--refuse", "namespaces"]}

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the jail needs Linux")


class Site:
    """A folder that everybody may enter, with a course and a Python of its own somewhere in it, and a secret word."""

    def __init__(self, root: Path) -> None:
        self.root, self.word = root, secrets.token_hex(16)

    def plant(self, course: Path) -> Path:
        """Makes a folder the course, with the word in all its corners."""
        for place in PLACES:
            self.plant_file(course / place)
        return course

    def plant_file(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# {self.word}\n")

    def python(self, prefix: Path, repository: Path | None = None) -> str:
        """A virtual environment with the packages of this one; the kit is the repository's, where one is given."""
        venv.create(prefix, symlinks=True)
        packages = Path(sysconfig.get_path("purelib", vars={"base": str(prefix), "platbase": str(prefix)}))
        lines = [f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})"]
        if repository is not None:
            shutil.copytree(Path(grader.__file__).parent, repository / "grader")
            lines.insert(0, str(repository))
        (packages / "packages.pth").write_text("\n".join(lines) + "\n")
        return str(prefix / "bin" / "python")

    def hunt(self, python: str, course: Path, tier: str) -> dict[str, Any]:
        command = [python, str(HUNT), self.word, str(self.root)]
        if TIERS[tier]:
            command = [sys.executable, str(HERE / "restricted.py"), *TIERS[tier], "--", *command]
        settings = {"TMPDIR": str(self.root / "tmp"), "HOME": str(self.root), "PATH": os.environ["PATH"]}
        done = subprocess.run(
            command, cwd=course, env=settings, capture_output=True, text=True, timeout=300, check=False
        )
        assert done.returncode == 0, done.stderr[-3000:]
        told: dict[str, Any] = json.loads(done.stdout)
        assert told["outside"], "the same hunt without a jail must be known to bite"
        return told


@pytest.fixture
def site() -> Iterator[Site]:
    with tempfile.TemporaryDirectory(prefix="site-") as folder:
        Path(folder).chmod(0o755)
        Path(folder, "tmp").mkdir()
        yield Site(Path(folder).resolve())


@pytest.mark.parametrize("tier", TIERS)
def test_a_repository_that_is_the_course_and_holds_kit_and_python(site, protection, tier):
    course = site.plant(site.root / "course")
    told = site.hunt(site.python(course / ".venv", repository=course), course, tier)
    assert (told["found"], told["tier"]) == ([], tier), told


def test_a_course_folder_that_is_a_virtual_environment_itself(site, protection):
    course = site.plant(site.root / "course")
    told = site.hunt(site.python(course), course, "A")
    assert (told["found"], told["tier"]) == ([], "A"), told


def test_a_course_below_a_virtual_environment_with_settings_and_an_exchange(site, protection):
    prefix = site.root / "venv"
    python = site.python(prefix)
    course = site.plant(prefix / "courses" / "deep")
    site.plant_file(prefix / "etc" / "jupyter" / "nbgrader_config.py")
    site.plant_file(prefix / "share" / "nbgrader" / "exchange" / "deep" / "inbound" / "ada+04_softmax" / "x.ipynb")
    told = site.hunt(python, course, "B")
    assert (told["found"], told["tier"]) == ([], "B"), told


def test_a_course_among_the_libraries_is_refused_with_the_remedy(site, protection):
    python = site.python(site.root / "venv")
    course = site.plant(site.root / "venv" / "lib" / "course")
    told = site.hunt(python, course, "A")
    assert told["tier"] == "D"
    assert f"{course} lies in {site.root / 'venv' / 'lib'}, which student code reads" in told["refusal"]
    assert "Move the course out of the folders of the system and of Python" in told["refusal"]
    assert told["found"] == told["outside"], "it must be known that there is something to refuse"


def test_a_part_of_the_course_that_is_a_link_into_the_libraries_is_refused(site, protection):
    python = site.python(site.root / "venv")
    course, shared = site.plant(site.root / "course"), site.root / "venv" / "lib" / "submitted"
    (course / "submitted").rename(shared)
    (course / "submitted").symlink_to(shared)
    told = site.hunt(python, course, "B")
    assert told["tier"] == "D"
    assert f"{course / 'submitted'} lies in {shared.parent}" in told["refusal"]
    assert told["found"], "it must be known that there is something to refuse"


REPOSITORY = """
import os
def seen(path):
    try: os.close(os.open(path, os.O_RDONLY))
    except OSError: return False
    return True
print(*filter(seen, {paths!r}), sep=chr(10))
"""


def test_of_this_repository_only_the_package_and_parts_of_its_python_are_seen(run, protection):
    paths = [str(path) for path in (*ROOT.iterdir(), *Path(sys.prefix).iterdir())]
    found = run(REPOSITORY.format(paths=paths)).runs[0]
    assert set(found.outputs[0]["text"].split()) == {str(path) for path in map(Path, paths) if _is_pythons(path)}


def _is_pythons(path: Path) -> bool:
    parts = {"bin", "include", "lib", "lib64", "pyvenv.cfg"}
    return path == Path(grader.__file__).parent or (path.parent == Path(sys.prefix) and path.name in parts)
