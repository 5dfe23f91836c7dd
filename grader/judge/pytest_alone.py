"""pytest as the kit runs it: nothing of the machine's or its user's has a part in collecting a suite."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

_PLUGINS = (
    *("-p", "grader.judge.plugin"),
    # they end by collecting garbage five times over, in a process that holds torch: a quarter of a second
    *("-p", "no:unraisableexception"),
    *("-p", "no:threadexception"),
)


def run_pytest(arguments: Sequence[str], root: str, plugins: Sequence[Any]) -> int:
    """The exit code of a session of this process, with no plugin but the kit's and these, and no configuration.

    root: the course, for the names of cases.
    """
    import pytest  # takes its half second, which the jail needs to start

    # of other plugins none has a part in grading; hypothesis' alone takes more than a second to load
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS"):
        os.environ.pop(name, None)
    return int(pytest.main(["-c", os.devnull, "--rootdir", root, *_PLUGINS, *arguments], plugins=list(plugins)))
