"""One exercise's answer on the pretended GPU: fine, a named mistake with its lines, or undecided."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import torch
import torch.utils._device

from grader.jail.answers import Answers
from grader.jail.pretend.beforehand import Beforehand
from grader.jail.pretend.errors import Clue, DeviceError, NumpyError
from grader.jail.pretend.functions import FunctionMode
from grader.jail.pretend.machine import choice_made_anew, machine_with_gpu
from grader.jail.pretend.naming import modules_in, name_of
from grader.jail.pretend.operators import EnoughError, OperatorMode
from grader.jail.pretend.places import NOWHERE, Line, Place, Places, key_of, tensors_in
from grader.jail.pretend.scenes import AT_HOME, SCENES, Scene, Stage


class Decision(StrEnum):
    FINE = "fine"
    MISTAKE = "mistake"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Finding:
    """What came of it. name: of the mistake. made, used: the author's lines. why: what kept it undecided."""

    decision: Decision
    name: str = ""
    made: Line = NOWHERE
    used: Line = NOWHERE
    why: str = ""

    def to_data(self) -> dict[str, Any]:
        return {**vars(self), "decision": self.decision.value, "made": self.made.to_data(), "used": self.used.to_data()}


@dataclass(frozen=True)
class Notebook:
    """Whose answers are tried. names: what its cells defined. is_authors: tells its frames by their file name.

    chosen: it asks the machine for its device somewhere. names_cuda: code of its author's names a GPU.
    """

    names: dict[str, Any]
    is_authors: Callable[[str], bool]
    chosen: bool = False
    names_cuda: bool = False


def try_out(exercise: str, notebook: Notebook) -> Finding:
    """The first mistake that the exercise's scenes show; never raises because of the answer, but at its time limit."""
    found = Finding(Decision.FINE)
    for scene in SCENES.get(exercise, ()):
        found = _played(scene, notebook, Place.GPU)
        if found.decision is not Decision.FINE:
            return found
    if notebook.names_cuda and exercise in AT_HOME:
        found = _played(SCENES[exercise][0], notebook, Place.CPU)
    return found


def _played(scene: Scene, notebook: Notebook, home: Place) -> Finding:
    places = Places(notebook.is_authors, Beforehand(notebook.names, chosen=notebook.chosen))
    stage = Stage(places, home)
    stray = Place.CPU if home is Place.GPU else Place.GPU
    again = choice_made_anew(notebook.names) if notebook.chosen else nullcontext()
    try:
        with _settings_kept(), warnings.catch_warnings(action="ignore"), machine_with_gpu(notebook.is_authors), again:
            return _judged(scene, notebook, stage, places, stray)
    except (EnoughError, SystemExit, KeyboardInterrupt, Exception) as error:
        return Finding(Decision.UNDECIDED, why=f"{type(error).__name__}: {error}"[:300])


def _judged(scene: Scene, notebook: Notebook, stage: Stage, places: Places, stray: Place) -> Finding:
    operators = OperatorMode(places, stray)
    functions = FunctionMode(places, operators, chosen=notebook.chosen)
    try:
        with operators, functions:
            results = scene(Answers(notebook.names), stage)
    except (DeviceError, NumpyError) as error:
        modules = [*stage.nets, *modules_in(error.__traceback__)]
        return _mistake(name_of(error.clue, modules, stage.home), error.clue, places)
    clue = _astray(results, places, stray)
    if clue:
        return _mistake(name_of(clue, stage.nets, stage.home), clue, places)
    if places.doubts or any(places.of(each).place is Place.OPEN for each in tensors_in(list(results))):
        return Finding(Decision.UNDECIDED, why="; ".join(places.doubts) or "nobody can tell where the result is")
    return Finding(Decision.FINE)


def _mistake(name: str, clue: Clue, places: Places) -> Finding:
    if places.doubts or not name:
        why = "; ".join(places.doubts) or f"{clue.kind}, {clue.origin.how}: no name fits"
        return Finding(Decision.UNDECIDED, why=why)
    made, used = clue.origin.line, clue.used
    return Finding(Decision.MISTAKE, name, made, used if used != made else NOWHERE)


def _astray(results: Sequence[Any], places: Places, stray: Place) -> Clue | None:
    """The first result that is where it must not be."""
    for each in tensors_in(list(results)):
        record = places.of(each)
        if record.place is stray:
            return Clue("result", key_of(each), record.place, record.origin, NOWHERE)
    return None


@contextmanager
def _settings_kept() -> Iterator[None]:
    """torch's defaults afterwards are those from before, whatever an answer sets."""
    dtype, grad = torch.get_default_dtype(), torch.is_grad_enabled()
    before = getattr(torch.utils._device, "CURRENT_DEVICE", None)
    torch.set_grad_enabled(True)
    try:
        yield
    finally:
        torch.set_default_dtype(dtype)
        torch.set_grad_enabled(grad)
        if getattr(torch.utils._device, "CURRENT_DEVICE", None) != before:
            torch.set_default_device(before)
