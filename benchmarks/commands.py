"""Running a command as its user does, and how long that takes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path


class FailedError(RuntimeError):
    """A command that should have succeeded; the message ends with its last words."""


def python(
    *arguments: str, folder: Path, variables: Mapping[str, str] = os.environ, codes: tuple[int, ...] = (0,)
) -> float:
    """Seconds that a command of this Python takes in a folder; FailedError when its exit code is another."""
    # nbgrader finds `alembic` by name, and the kernel by its specification
    path = f"{Path(sys.executable).parent}{os.pathsep}{variables['PATH']}"
    # what a shell may have switched off, and users do not: every start would compile the kit's modules anew
    variables = {name: value for name, value in variables.items() if name != "PYTHONDONTWRITEBYTECODE"}
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**variables, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.monotonic() - started
    if done.returncode not in codes:
        raise FailedError(f"{' '.join(arguments)} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return seconds
