"""Answers to 04_softmax, and saving them as editors do."""

from __future__ import annotations

import json
from pathlib import Path

RIGHT = "def softmax(x):\n    p = torch.exp(x - x.amax(-1, keepdim=True))\n    return p / p.sum(-1, keepdim=True)\n"
OVER_AXIS_0 = "def softmax(x):\n    p = torch.exp(x - x.amax(0, keepdim=True))\n    return p / p.sum(0, keepdim=True)\n"
CRASHING = "def softmax(x):\n    return x.nothing\n"
FOR_EVER = "def softmax(x):\n    while True:\n        pass\n"


def filled(notebook: Path, exercise: str, source: str) -> str:
    """The text of a notebook with another answer in it."""
    data = json.loads(notebook.read_text(encoding="utf-8"))
    for cell in data["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == exercise:
            cell["source"] = source
    return json.dumps(data, indent=1)


def replace(path: Path, text: str) -> None:
    """Saves as JupyterLab does: a new file takes the name of the old one."""
    draft = path.with_name(".draft")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def answer(notebook: Path, exercise: str, source: str) -> None:
    replace(notebook, filled(notebook, exercise, source))
