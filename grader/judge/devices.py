"""What answers would do on a GPU: whom to ask, and how what the jail says of it is read. It decides no point."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from grader.jail.pretend.mistakes import EXPLANATIONS
from grader.jail.pretend.scenes import SCENES
from grader.jail.session import Session
from grader.judge.jail_world import Lines
from grader.verdict import DeviceMistake, ExerciseVerdict, Outcome

_NO_GPU = "Torch not compiled with CUDA enabled"
"""What torch raises where it was built without CUDA, and code names a GPU."""

_CHOICES = ("is_available", "current_accelerator")
_NAMES_OF_A_GPU = ("cuda", "accelerator")


def on_a_gpu(
    exercises: tuple[ExerciseVerdict, ...], session: Session, released: Collection[str]
) -> tuple[ExerciseVerdict, ...]:
    """The verdicts, and with each answer that would break on a GPU what breaks there; all of it in one question.

    released: sources of the cells that students got: what those say of a GPU is not the author's.
    """
    asked = [each.name for each in exercises if each.name in SCENES and _is_worth_asking(each)]
    if not asked:
        return exercises
    sources = [cell.source for cell in session.cells]
    chosen = any(word in source for source in sources for word in _CHOICES)
    own = (source for source in sources if source not in released)
    names_cuda = any(word in source for source in own for word in _NAMES_OF_A_GPU)
    said = session.pretended(asked, chosen=chosen, names_cuda=names_cuda)
    found = _read(said, Lines(session))
    return tuple(replace(each, on_gpu=found.get(each.name)) if each.name in asked else each for each in exercises)


def _is_worth_asking(verdict: ExerciseVerdict) -> bool:
    """Where most cases pass; and where none can, since the code names a GPU that is not there."""
    if verdict.outcome not in (Outcome.PASSED, Outcome.WRONG, Outcome.CRASHED):
        return False
    names_gpu = any(case.finding and _NO_GPU in case.finding.message for case in verdict.failed)
    return names_gpu or verdict.points >= verdict.max_points / 2


def _read(said: object, lines: Lines) -> dict[str, DeviceMistake]:
    """The mistakes in a reply, which may be anything that its author likes; what breaks the form is left out."""
    findings = said.get("findings") if isinstance(said, dict) else None
    if not isinstance(findings, dict):
        return {}
    read = {name: _mistake(found, lines) for name, found in findings.items() if isinstance(name, str)}
    return {name: mistake for name, mistake in read.items() if mistake}


def _mistake(found: object, lines: Lines) -> DeviceMistake | None:
    """A name is one of the table's, and a line is quoted from the notebook: no words of the sender's go on."""
    if not isinstance(found, dict) or found.get("decision") != "mistake":
        return None
    name = found.get("name")
    if not isinstance(name, str) or name not in EXPLANATIONS:
        return None
    return DeviceMistake(name, EXPLANATIONS[name], _placed(found.get("made"), lines), _placed(found.get("used"), lines))


def _placed(claim: Any, lines: Lines) -> str:
    cell, number = (claim.get("cell"), claim.get("line")) if isinstance(claim, dict) else (None, None)
    if not isinstance(cell, str) or type(number) is not int:
        return ""
    text = lines.text(cell, number)
    return "" if text is None else f"{cell} line {number}: {text}"
