"""One version everywhere: the package's own."""

from __future__ import annotations

import re

import yaml

from docs.pages import PAGES, ROOT, text_of
from grader import __version__


def test_the_citation_names_this_version_and_this_licence():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == __version__
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith(f"{citation['license']} License")


def test_the_changelog_has_a_section_for_it():
    assert re.search(rf"^## .*\b{re.escape(__version__)}\b", text_of("CHANGELOG.md"), re.MULTILINE)


def test_wheels_that_are_named_are_of_this_version():
    named = {found for page in PAGES for found in re.findall(r"grader-(\d[\d.]*)-py3", text_of(page))}
    assert named <= {__version__}
