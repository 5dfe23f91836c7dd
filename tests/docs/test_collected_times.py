"""Times in file names of a learning platform arrive in nbgrader as they were, by the commands of docs/ta.md."""

from __future__ import annotations

import shutil
import subprocess
from datetime import datetime
from pathlib import Path

import pytest
from nbgrader.utils import parse_utc
from tests_support import beside_python

from docs.pages import commands

EVERY = [each.text for each in commands("docs/ta.md")]
COLLECT = next(each for each in EVERY if each.startswith("nbgrader zip_collect"))
REWRITE = next(each for each in EVERY if each.startswith("for f in downloaded"))
WHEN = datetime(2026, 11, 30, 23, 41, 7)
"""Odd minutes and seconds: what nbgrader takes for a time zone changes them."""


def typed(folder: Path, *lines: str) -> str:
    """What a shell says to these lines, in a folder."""
    done = subprocess.run(
        ["bash", "-c", "\n".join(("set -e", *lines))],
        cwd=folder,
        env={**beside_python(), "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A course folder with a download: one name for each way to write the time."""
    if shutil.which("bash") is None:
        pytest.skip("there is no bash")
    archive = tmp_path / "downloaded" / "05_metrics" / "archive"
    archive.mkdir(parents=True)
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    for name in ("ada_20261130T234107_try_05_metrics", "bob_20261130234107_05_metrics"):
        (archive / f"{name}.ipynb").write_text("{}")
    (archive / "cyd_2026-11-30-23-41-07_a_try_05_metrics.ipynb").write_text("{}")
    return tmp_path


def collected(folder: Path) -> dict[str, datetime]:
    files = folder.glob("submitted/*/05_metrics/timestamp.txt")
    return {each.parts[-3]: parse_utc(each.read_text().strip()) for each in files}


def test_a_time_without_dashes_arrives_and_one_with_dashes_is_passed_by(folder):
    said = typed(folder, COLLECT)
    assert collected(folder) == {"ada": WHEN, "bob": WHEN}
    assert "cyd_2026-11-30-23-41-07" in said
    assert not (folder / "submitted" / "cyd").exists()


def test_a_time_with_dashes_arrives_once_it_is_rewritten(folder):
    typed(folder, REWRITE, COLLECT)
    assert collected(folder) == {"ada": WHEN, "bob": WHEN, "cyd": WHEN}


def test_nbgrader_still_misreads_times_with_dashes():
    """When this fails, the page need not send anybody to rewrite names."""
    with pytest.raises(ValueError, match="offset must be"):
        parse_utc("2026-11-30-23-41-59")
    assert parse_utc("2026-11-30-10-00-07") != datetime(2026, 11, 30, 10, 0, 7)
