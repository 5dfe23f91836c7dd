"""A folder as students have it, as the working folder."""

from __future__ import annotations

import linecache
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from live_suite import SUITE

from grader import live


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with the visible suite, and a kernel that has just started."""
    (tmp_path / "test_visible.py").write_text(SUITE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GRADER_JAIL", raising=False)
    monkeypatch.setenv("GRADER_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(live, "_kernel", live._Kernel())
    return tmp_path


@pytest.fixture
def answer(folder: Path) -> Callable[[str], Any]:
    """`softmax` as some source defines it, in a file `answers.py` of its author's."""

    def define(source: str) -> Any:
        path = folder / "answers.py"
        path.write_text(source, encoding="utf-8")
        linecache.checkcache(str(path))
        names: dict[str, Any] = {"torch": torch}
        exec(compile(source, str(path), "exec"), names)
        return names["softmax"]

    return define
