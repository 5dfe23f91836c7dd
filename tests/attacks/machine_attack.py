"""How the chapter on breaking the machine is written: harm in one exercise's cell, beside a right answer."""

from __future__ import annotations

from typing import Any

from attacks.attack import Attack, Bite, Chapter

MACHINE = Chapter("machine")

RIGHT = """
def log_softmax(x):
    shifted = x - x.amax(-1, keepdim=True)
    return shifted - torch.log(torch.exp(shifted).sum(-1, keepdim=True))
"""
RIGHT_POINTS = 2.0

MEMORY_LIMIT = "it used more than 600 MiB of memory"
STOPPED_FOR_MEMORY = f"The cell stopped before it defined the answer: {MEMORY_LIMIT}"
NO_SHARED_MEMORY = "The cell stopped before it defined the answer: it raised PermissionError"


def breaking(name: str, must_not: str, source: str, bites: Bite, **rest: Any) -> Attack:
    """The cell of softmax does harm; that of log_softmax is right and keeps its points whatever the other does."""
    cells = {"softmax": source, "log_softmax": RIGHT}
    return MACHINE.attack(name, cells, must_not, bites, **{"honest": RIGHT_POINTS, **rest})
