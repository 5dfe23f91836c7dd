"""The documentation site builds without a warning, loads nothing from elsewhere, and is the same twice."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

from docs.pages import ROOT

MISSING = [name for name in ("sphinx", "myst_parser", "furo") if importlib.util.find_spec(name) is None]

pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)} (the extra `docs`)")

_LOADED = re.compile(r"""<(?:script|img|iframe|source|link)\b[^>]*?\b(?:src|href)=["']((?:https?:)?//[^"']+)""")


def build(target: Path) -> Path:
    """The site in `target`, by the command of `make docs`; every warning is an error."""
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html"]
    folders = ["-d", str(target / "doctrees"), str(ROOT / "docs"), str(target / "site")]
    done = subprocess.run([*command, *folders], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return target / "site"


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    return build(tmp_path_factory.mktemp("site"))


def test_it_builds_without_a_warning(site):
    assert "<h1>" in (site / "ta.html").read_text(encoding="utf-8")


def test_no_page_loads_anything_from_elsewhere(site):
    loaded = {found for page in site.rglob("*.html") for found in _LOADED.findall(page.read_text(encoding="utf-8"))}
    assert loaded == set()
    styles = "".join(path.read_text(encoding="utf-8") for path in site.rglob("*.css"))
    assert not re.search(r"@import|url\(\s*[\"']?(?:https?:)?//", styles)


def test_what_is_taken_from_elsewhere_in_the_repository_is_in_it(site):
    commands, security, suites = (
        (site / f"{name}.html").read_text(encoding="utf-8") for name in ("commands", "security", "api/suites")
    )
    assert "--cluster" in commands
    assert 'id="grader-author-judge"' in commands
    assert 'href="isolation.html"' in security
    assert "grader.judge.answer.Answer.agrees" in suites


def test_the_same_sources_give_the_same_bytes(site, tmp_path):
    again = build(tmp_path)
    files = {path.relative_to(site) for path in site.rglob("*") if path.is_file()}
    assert files == {path.relative_to(again) for path in again.rglob("*") if path.is_file()}
    assert [path for path in sorted(files) if (site / path).read_bytes() != (again / path).read_bytes()] == []
