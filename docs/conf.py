"""The documentation site: Sphinx, MyST, furo. `make docs` builds it; it loads nothing from elsewhere."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

project = "grader"
author = "The course kit's founders"
copyright = author  # no year: the same sources give the same bytes  # noqa: A001 - Sphinx' own name
extensions = ["myst_parser", "sphinx.ext.autodoc", "commands_page"]
exclude_patterns = ["_build"]
suppress_warnings: list[str] = []
nitpicky = False

myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence"]
myst_links_external_new_tab = False

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
autodoc_inherit_docstrings = False  # what libraries say of their own methods is in their documentation
autodoc_default_options = {"members": True, "undoc-members": True}

html_theme = "furo"
html_title = "From a neural network down to logistic regression"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sphinx = False
html_copy_source = False
html_last_updated_fmt = None
html_theme_options = {"navigation_with_keys": True}

# files that stand at the root for who reads the repository, and are pages of the site as well
PAGES = {"SECURITY.md": "security.md", "CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}


def _read(app: Any, page: str, text: list[str]) -> None:
    text[0] = _linked(text[0], "../")


def _included(app: Any, path: Path, parent: str, text: list[str]) -> None:
    """A file at the root is included by a page of this folder, and so are its links."""
    text[0] = _linked(text[0].replace("](docs/", "]("), "")


def _linked(text: str, up: str) -> str:
    """Links to files at the root lead to their pages; a link whose words are a file's name shows the page's title."""
    for file, target in PAGES.items():
        text = text.replace(f"]({up}{file}", f"]({target}")
    return re.sub(r"\[(?:docs/)?[\w-]+\.md\]\(([^)]*)\)", r"*[](\1)*", text)


def _plain(app: Any, what: str, name: str, of: Any, options: Any, lines: list[str]) -> None:
    """The kit's docstrings are plain text with code between backticks; reStructuredText would read more into them."""
    for number, line in enumerate(lines):
        lines[number] = "".join(map(_escaped, re.split(r"(`[^`]+`)", line)))


def _escaped(part: str) -> str:
    if part.startswith("`") and part.endswith("`") and len(part) > 2:
        return f"`{part}`\\ "
    return re.sub(r"([*|_])", r"\\\1", part)


def setup(app: Any) -> None:
    app.connect("source-read", _read)
    app.connect("include-read", _included)
    app.connect("autodoc-process-docstring", _plain)
