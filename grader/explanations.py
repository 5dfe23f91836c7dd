"""What known mistakes mean, in the words of their docstrings."""

from __future__ import annotations

import ast
from pathlib import Path

from grader.excerpts import stands_for


def explanations(mistakes: Path) -> dict[str, dict[str, str]]:
    """{exercise: {mistake: explanation}} from the docstrings of a mistakes file, which is read and not run."""
    found: dict[str, dict[str, str]] = {}
    if not mistakes.exists():
        return found
    for node in ast.parse(mistakes.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            for exercise in stands_for(node):
                found.setdefault(exercise, {})[node.name] = " ".join((ast.get_docstring(node) or "").split())
    return found
