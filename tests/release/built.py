"""What `make dist` leaves, made from a copy of the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests_support import ROOT

PARTS = ("CHANGELOG.md", "LICENSE", "MANIFEST.in", "README.md", "backend", "pyproject.toml")
COURSE = ("assignments", "solutions", "source", "tests")


@dataclass(frozen=True)
class Dist:
    """What `make dist` leaves in `dist/`."""

    folder: Path

    @property
    def sdist(self) -> Path:
        return next(self.folder.glob("*.tar.gz"))

    @property
    def wheel(self) -> Path:
        return next(self.folder.glob("*.whl"))


def checkout(target: Path) -> Path:
    """The checkout as git would give it, in another place: also what must not get into a release."""
    for name in ("grader", *PARTS, *COURSE):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif (ROOT / name).exists():
            shutil.copy(ROOT / name, target / name)
    return target


def build(place: Path, *, umask: int = 0o022) -> Dist:
    """Runs what `make dist` runs, in a checkout."""
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(place / "dist"), str(place)]
    environment = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, umask=umask)
    assert done.returncode == 0, done.stderr
    return Dist(place / "dist")
