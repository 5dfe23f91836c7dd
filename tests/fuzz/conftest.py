from __future__ import annotations

from pathlib import Path

import pytest
from live_suite import SUITE

from grader.judge.suite import Suite, suite_of_module
from grader.judge.world import load_module


@pytest.fixture(scope="session")
def suite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("suite") / "small_suite.py"
    path.write_text(SUITE, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def suite(suite_file: Path) -> Suite:
    """Two cases about `softmax`, 4 points in all."""
    return suite_of_module(load_module(suite_file, "fuzz_small_suite"))
