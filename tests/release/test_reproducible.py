"""Two builds of the same files are the same bytes."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from tests_support import ROOT


def digests(*paths: Path) -> list[str]:
    return [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]


def test_place_time_and_user_change_no_byte(dist, build_again, tmp_path):
    again = build_again(tmp_path / "another user's" / "checkout")
    assert digests(again.sdist, again.wheel) == digests(dist.sdist, dist.wheel)
    assert again.sdist.name == dist.sdist.name


def test_make_dist_builds_as_these_tests_do():
    """With what is installed and pinned: what builds a wheel is written into it."""
    rule = re.search(r"^dist:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert "-m build --no-isolation" in rule[1]
