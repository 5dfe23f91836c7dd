"""What the kit's own tests share: the checkout, copies of its course, and the command."""

from __future__ import annotations

import copy
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grader.author.cells import reference_answers
from grader.demo_class import hand_in
from grader.folder import CourseFolder

ROOT = Path(__file__).resolve().parents[1]
COURSE_PARTS = ("source", "solutions", "assignments", "nbgrader_config.py")


MNIST = ROOT.parent / "shared" / "data" / "mnist.pkl.gz"
"""Where this workplace keeps the real MNIST; it is never part of the project."""

_SPINS, _SLEEPS = (f"while True:\n        {what}" for what in ("pass", "__import__('time').sleep(1)"))

LEAN = str(ROOT / "tests" / "lean")
"""On the path of commands that load nbformat by themselves, it saves each of them a second and a half."""

needs_mnist = pytest.mark.skipif(not MNIST.is_file(), reason=f"the real MNIST is not at {MNIST}")


def run_grader(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`grader ARGUMENTS` in a folder, with its words and exit code."""
    command = [sys.executable, "-m", "grader", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)


def beside_python() -> dict[str, str]:
    """The environment of whoever types `nbgrader`: it finds this Python's programs, of which it starts `alembic`."""
    return {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": LEAN}


def copy_course(target: Path) -> Path:
    """The checkout's course, without anything handed in, in a folder of its own."""
    for part in COURSE_PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, target / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / part, target / part)
    shutil.copytree(ROOT / "tests" / "hidden", target / "tests" / "hidden")
    return target


def answered_notebook(folder: CourseFolder, name: str, **changed: str) -> str:
    """A released notebook as text, with all right answers but those that are given."""
    answers = reference_answers(folder, name) | changed
    notebook = copy.deepcopy(folder.released_notebook(name))
    for cell in notebook["cells"]:
        key = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        cell["source"] = answers.get(key, cell["source"])
    return json.dumps(notebook)


def hand_in_class(folder: CourseFolder, assignment: str) -> None:
    """The demonstration's class hands in; who loops for ever sleeps in it, and leaves the core to other tests."""
    hand_in(folder, assignment)
    path = folder.submission(assignment, "loop")
    notebook = json.loads(path.read_text(encoding="utf-8"))
    (spinning,) = (cell for cell in notebook["cells"] if _SPINS in cell["source"])
    spinning["source"] = spinning["source"].replace(_SPINS, _SLEEPS)
    path.write_text(json.dumps(notebook), encoding="utf-8")
