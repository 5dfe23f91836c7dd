"""The sentences on the page about trouble are those that the kit prints."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from docs.pages import ROOT, prose

PAGE = "docs/troubleshooting.md"
HEADING = "the sentence"


def sentences() -> list[str]:
    """The first column of each table with that heading."""
    found, inside = [], False
    for line in prose(PAGE).splitlines():
        cell = line.split("|")[1].strip() if line.startswith("|") else ""
        if not cell:
            inside = False
        elif cell == HEADING:
            inside = True
        elif inside and not set(cell) <= {"-", " "}:
            found.append(cell)
    return found


@cache
def templates() -> tuple[str, ...]:
    """Every text in the package, with a … for each value that is put in."""
    texts = []
    for path in (ROOT / "grader").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                texts.append("".join(each.value if isinstance(each, ast.Constant) else "…" for each in node.values))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.append(node.value)
    return tuple(texts)


def is_printed(sentence: str) -> bool:
    """Whether a text of the kit begins with the sentence's parts between its …, in this order."""
    parts = [re.escape(part) for part in sentence.split("…")]
    pattern = re.compile(".*".join(parts), re.DOTALL)
    return any(pattern.match(text) for text in templates())


@pytest.mark.parametrize("sentence", sentences())
def test_the_kit_has_this_sentence(sentence):
    assert is_printed(sentence)


def test_there_are_sentences_and_an_invented_one_is_noticed():
    assert len(sentences()) > 50
    assert not is_printed("`…` is tired; let it sleep")
