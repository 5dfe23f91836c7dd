"""One stage for all commands of the documentation."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from workers import made_once

from docs.stage import Stage, build


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """The home folder in which every page's commands are typed, one page after another."""
    if sys.platform != "linux":
        pytest.skip("the commands grade in the jail, which needs Linux")

    def make(home: Path) -> None:
        home.mkdir()
        build(home)

    return Stage(made_once(tmp_path_factory, "docs-stage", make))
