"""`python -m grader`: the same as the command `grader`."""

import sys
from pathlib import Path

# Python looks for modules in the folder that this is called in, which may be a student's: the command does not
sys.path[:] = [path for path in sys.path if path not in ("", str(Path.cwd()))]

from grader.cli import main  # noqa: E402

main()
