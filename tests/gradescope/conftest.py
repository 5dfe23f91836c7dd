"""Gradescope's folders laid out from a zip that was really built, and submissions that were really run in them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests_support import ROOT, answered_notebook

from grader.excerpts import answer_source, names_of
from grader.folder import CourseFolder
from grader.gradescope.zip import build_zip

NAME = "04_softmax"
SCHEMA = json.loads((Path(__file__).parent / "results_schema.json").read_text())
RESTRICTED = ROOT / "tests" / "jail" / "restricted.py"
ENDLESS = "def softmax(x):\n    while True:\n        __import__('time').sleep(1)"

CHEATING = """
import glob, os

class Leaked(Exception): pass
class Forged(Exception): pass

def tried(work):
    try: return work()
    except OSError: return None

def forge():
    with open({root!r} + "/results/results.json", "w") as file: file.write('{{"score": 100}}')
    return True

def forge_for_long():
    import time
    for _ in range(100):
        tried(forge)
        time.sleep(0.1)

if tried(lambda: os.fork()) == 0:
    forge_for_long()
    os._exit(0)
wanted = [{root!r} + name for name in (
    "/source/course/solutions/{name}.py", "/source/course/tests/hidden/test_{name}.py",
    "/source/course/.grader/seeds.json", "/submission_metadata.json")]
for path in wanted + glob.glob({root!r} + "/source/**", recursive=True):
    if tried(lambda: open(path, "rb").read(1)): raise Leaked
if tried(lambda: os.listdir({root!r} + "/source")): raise Leaked
if tried(forge): raise Forged
"""


@dataclass(frozen=True)
class Ran:
    """What a run left behind. words: its standard output, which only instructors see."""

    root: Path
    code: int
    words: str
    results: dict[str, Any]

    def test(self, name: str) -> dict[str, Any]:
        return next(each for each in self.results["tests"] if each["name"] == name)


@pytest.fixture(scope="session")
def folder(released_course: Path, tmp_path_factory: pytest.TempPathFactory) -> CourseFolder:
    """A released course of this room's own, whose seed is drawn."""
    target = tmp_path_factory.mktemp("gradescope") / "course"
    shutil.copytree(released_course, target)
    return CourseFolder(target)


@pytest.fixture(scope="session")
def built(folder: CourseFolder) -> Path:
    """The zip of one assignment."""
    return build_zip(folder, (NAME,), folder.root.parent / "autograder.zip")


@pytest.fixture(scope="session")
def answered(folder: CourseFolder) -> Callable[..., str]:
    """A notebook as text, with all right answers but those that are given."""
    return partial(answered_notebook, folder, NAME)


@pytest.fixture(scope="session")
def mistaken(folder: CourseFolder) -> tuple[str, str]:
    """A known wrong answer to `softmax`: its name and source."""
    name = names_of(folder.mistakes(NAME))["softmax"][0]
    return name, answer_source(folder.mistakes(NAME), name, "softmax")


@pytest.fixture(scope="session")
def lay_out(built: Path) -> Iterator[Callable[[], Path]]:
    """Makes folders as they are on Gradescope when a submission comes; everybody may enter the one they lie in."""
    with tempfile.TemporaryDirectory(prefix="gradescope-", dir="/tmp") as place:
        Path(place).chmod(0o755)
        made: list[Path] = []

        def make() -> Path:
            root = Path(place, f"autograder{len(made)}")
            made.append(root)
            for name in ("source", "submission", "results"):
                (root / name).mkdir(parents=True)
            _unpack(built, root / "source")
            shutil.copy(root / "source" / "run_autograder", root / "run_autograder")
            (root / "submission_metadata.json").write_text(json.dumps({"assignment": {"title": "Softmax"}}))
            return root

        yield make


def _unpack(archive: Path, target: Path) -> None:
    with zipfile.ZipFile(archive) as opened:
        for about in opened.infolist():
            path = Path(opened.extract(about, target))
            path.chmod(about.external_attr >> 16 & 0o777)


@pytest.fixture(scope="session")
def run_autograder() -> Callable[..., Ran]:
    """Runs the script in laid-out folders."""
    return _run


@pytest.fixture(scope="session")
def read_results() -> Callable[[Path], dict[str, Any]]:
    """Reads results that Gradescope would take."""
    return _read


@pytest.fixture(scope="session")
def valid() -> Callable[[dict[str, Any]], bool]:
    """Whether results have the keys and values that Gradescope's specification lists."""
    return jsonschema.Draft7Validator(SCHEMA).is_valid


def _run(root: Path, *refused: str, **settings: str) -> Ran:
    """`run_autograder` as Gradescope runs it, with this Python in the place of the one that `setup.sh` makes.

    refused: what the system refuses, as it does in containers.
    """
    environment = {**os.environ, "GRADER_AUTOGRADER": str(root), "GRADER_PYTHON": sys.executable, **settings}
    launcher = [sys.executable, str(RESTRICTED), *(f"--refuse={each}" for each in refused), "--"] if refused else []
    done = subprocess.run(
        [*launcher, str(root / "run_autograder")],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return Ran(root, done.returncode, done.stdout + done.stderr, _read(root))


def _read(root: Path) -> dict[str, Any]:
    """The results, after they were compared with what Gradescope reads."""
    found: dict[str, Any] = json.loads((root / "results" / "results.json").read_text(encoding="utf-8"))
    jsonschema.validate(found, SCHEMA)
    return found


@pytest.fixture(scope="session")
def ran(lay_out: Callable[[], Path], answered: Callable[..., str], mistaken: tuple[str, str]) -> Callable[[str], Ran]:
    """A submission of a kind, run once however many tests look at it."""
    done: dict[str, Ran] = {}

    def run(kind: str) -> Ran:
        if kind not in done:
            root = lay_out()
            refused, settings = SYSTEMS.get(kind, ((), {}))
            (root / "submission" / f"{NAME}.ipynb").write_text(_notebook(kind, root, answered, mistaken))
            done[kind] = _run(root, *refused, **settings)
        return done[kind]

    return run


SYSTEMS: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "cheating in a container": (("namespaces",), {}),
    "cheating without walls": (("namespaces", "landlock"), {}),
    "cheating, staff insist": (("namespaces", "landlock"), {"GRADER_POLICY": "warn"}),
}


def _notebook(kind: str, root: Path, answered: Callable[..., str], mistaken: tuple[str, str]) -> str:
    if kind.startswith("cheating"):
        right = json.loads(answered())
        source = next(
            cell["source"]
            for cell in right["cells"]
            if cell["metadata"].get("nbgrader", {}).get("grade_id") == "softmax"
        )
        return answered(softmax=CHEATING.format(root=str(root), name=NAME) + source)
    if kind == "mangled":
        return answered()[:2_000]
    return answered(**{"wrong": {"softmax": mistaken[1]}, "endless": {"softmax": ENDLESS}}.get(kind, {}))
