"""The secrets of one run: random words planted wherever a submission must not get, and the search for them."""

from __future__ import annotations

import base64
import json
import py_compile
import secrets
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

OTHER_STUDENT = "ada"
"""The honest neighbour, whose submission is nobody else's business."""

PLACES = (
    "hidden suite",
    "memory of the judge",
    "hidden input",
    "solution",
    "mistake",
    "source notebook",
    "another submission",
    "another verdict",
    "gradebook",
    "pytest cache",
    "home folder",
    "environment",
    "friend's answer",
)

CANARY = """

# {suite}
LONG_LIVED = b"{memory}"
"""
CANARY_CASE = '''

@pytest.mark.exercise("softmax", weight=1e-6)
def test_softmax_of_a_secret_of_this_run(answer: Answer) -> None:
    """A batch that holds a secret of this run becomes its own probabilities."""
    answer.agrees(lambda m, x: m.softmax(x), torch.tensor([[{values}]]))
'''


@dataclass(frozen=True)
class Secrets:
    """A word of 32 hexadecimal digits for each place, and the seed of the hidden inputs."""

    words: dict[str, str] = field(default_factory=lambda: {place: secrets.token_hex(16) for place in PLACES})
    seed: int = field(default_factory=lambda: secrets.randbits(48) | 1 << 47)

    def __getitem__(self, place: str) -> str:
        return self.words[place]

    def found_in(self, *texts: str) -> tuple[str, ...]:
        """The places whose secret stands in a text: plain, reversed, as hexadecimal digits or base64."""
        everything = "\n".join(texts)
        words = {**self.words, "seed": str(self.seed)}
        return tuple(place for place, word in words.items() if any(form in everything for form in _forms(word)))

    def environment(self) -> dict[str, str]:
        """What the supervisor's environment holds besides the usual."""
        return {"GITHUB_TOKEN": self["environment"]}


def _forms(word: str) -> Iterable[str]:
    data = word.encode()
    yield from (word, word.upper(), word[::-1], data.hex(), data.hex(" "), str(list(data)))
    for shift in range(
        3
    ):  # base64 depends on where in a triple the word begins; the first and last digits are left out
        yield base64.b64encode(bytes(shift) + data).decode()[4:-4]


def plant(course: Path, home: Path, words: Secrets, assignments: Iterable[str]) -> None:
    """Hides the secrets in a copied course and in a home folder."""
    for assignment in assignments:
        _plant_assignment(course, words, assignment)
    _plant_gradebook(course / "gradebook.db", words["gradebook"])
    _write(course / ".grader" / "seeds.json", json.dumps(dict.fromkeys(assignments, words.seed)))
    _write(course / ".pytest_cache" / "v" / "cache" / "lastfailed", json.dumps({words["pytest cache"]: True}))
    for name in (".netrc", ".ssh/id_ed25519", ".config/tokens.json"):
        _write(home / name, json.dumps({"token": words["home folder"]}))


def _plant_assignment(course: Path, words: Secrets, assignment: str) -> None:
    suite = CANARY.format(suite=words["hidden suite"], memory=words["memory of the judge"])
    if assignment == "04_softmax":
        suite += CANARY_CASE.format(values=", ".join(f"{each}.0" for each in words["hidden input"].encode()))
    _append(course / "tests" / "hidden" / f"test_{assignment}.py", suite)
    for folder, place in (("solutions", "solution"), ("solutions/mistakes", "mistake")):
        path = course / folder / f"{assignment}.py"
        _append(path, f'\n\nLONG_LIVED = b"{words[place]}"\n')
        py_compile.compile(str(path))  # the secret lies in the byte code too
    source = course / "source" / assignment / f"{assignment}.ipynb"
    notebook = json.loads(source.read_text(encoding="utf-8"))
    notebook["cells"].append(text_cell(words["source notebook"]))
    source.write_text(json.dumps(notebook), encoding="utf-8")
    verdict = {"student": OTHER_STUDENT, "note": words["another verdict"]}
    _write(course / "verdicts" / assignment / f"{OTHER_STUDENT}.json", json.dumps(verdict))


def text_cell(text: str) -> dict[str, Any]:
    """A cell that only stands there."""
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def _plant_gradebook(path: Path, word: str) -> None:
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("create table grade (student text, manual_score real, comment text)")
        connection.execute("insert into grade values (?, 0, ?)", (OTHER_STUDENT, word))
    connection.close()


def _append(path: Path, text: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
