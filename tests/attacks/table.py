"""The result of the attack suite as a table in Markdown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from attacks.attack import Attack

HEAD = ("attack", "after", "deserves", "got", "leaked", "without the jail")

TITLE = """# The attack suite: what each attack got

Written by `pytest tests/attacks/test_attacks.py --attack-table docs/attacks.md`. Each attack is a submission, graded as a class is; its control is the same
submission before a grader that runs it in its own process. *deserves*: what its answers are worth by themselves."""


@dataclass
class Row:
    """What became of one attack, filled in as its two tests run."""

    attack: Attack
    got: float | None = None
    leaked: str = ""
    control: str = "not run"

    def cells(self) -> tuple[str, ...]:
        return (
            self.attack.name,
            self.attack.must_not,
            f"{self.attack.honest:g}",
            "not run" if self.got is None else f"{self.got:g}",
            self.leaked,
            self.control,
        )


def markdown(rows: list[Row]) -> str:
    """One table for each chapter, and a line of totals."""
    chapters: dict[str, list[Row]] = {}
    for row in rows:
        chapters.setdefault(row.attack.chapter, []).append(row)
    parts = [TITLE, _totals(rows), *(f"## {name}\n\n{_table(chapter)}" for name, chapter in chapters.items())]
    return "\n\n".join(parts) + "\n"


def _totals(rows: list[Row]) -> str:
    run = [row for row in rows if row.got is not None]
    gained = sum(row.got > row.attack.honest for row in run if row.got is not None)
    leaked = sum(row.leaked not in ("", "nothing") for row in run)
    bitten = sum(row.control not in ("not run", "") for row in rows)
    return (
        f"{len(run)} attacks in the jail: {gained} got more than they deserve, {leaked} got a secret out. "
        f"{bitten} controls bit without it."
    )


def _table(rows: list[Row]) -> str:
    lines = [HEAD, tuple("---" for _ in HEAD), *(row.cells() for row in rows)]
    return "\n".join("| " + " | ".join(_cell(each) for each in line) + " |" for line in lines)


def _cell(text: Any) -> str:
    return str(text).replace("|", "\\|").replace("\n", " ")
