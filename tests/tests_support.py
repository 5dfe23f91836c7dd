"""What the kit's own tests share: the checkout, copies of its course, and the command."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
COURSE_PARTS = ("source", "solutions", "assignments", "nbgrader_config.py")


MNIST = ROOT.parent / "shared" / "data" / "mnist.pkl.gz"
"""Where this workplace keeps the real MNIST; it is never part of the project."""

needs_mnist = pytest.mark.skipif(not MNIST.is_file(), reason=f"the real MNIST is not at {MNIST}")


def run_grader(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`grader ARGUMENTS` in a folder, with its words and exit code."""
    command = [sys.executable, "-m", "grader", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)


def copy_course(target: Path) -> Path:
    """The checkout's course, without anything handed in, in a folder of its own."""
    for part in COURSE_PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, target / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / part, target / part)
    shutil.copytree(ROOT / "tests" / "hidden", target / "tests" / "hidden")
    return target
