"""On a GPU: whether a result's tensors lie where the contract wants them, which is where the reference's lie."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from grader.judge.compare import Difference, describe
from grader.judge.world import Reply


def astray(yours: Reply, reference: Reply) -> Difference | None:
    """The first tensor that lies on the CPU where the reference's lies on the GPU; None where there is none.

    Values of another form are not compared: whatever is wrong with them is said elsewhere. Where a tensor lay is the
    word of the process that sent it: whoever forges that has the numbers all the same.
    """
    mine, right = list(_arrays(yours.value)), list(_arrays(reference.value))
    if len(mine) != len(right):
        return None
    for number in sorted(reference.on_gpu - yours.on_gpu):
        if number < len(mine) and isinstance(mine[number], torch.Tensor):
            which = "The result" if len(mine) == 1 else f"Tensor {number + 1} of the {len(mine)} in the result"
            kind = describe(mine[number])
            message = f"{which} lies on the CPU, while the inputs lie on the GPU."
            return Difference(message, f"{kind} on the CPU", f"{kind} on the GPU")
    return None


def _arrays(value: Any) -> Iterator[Any]:
    """Whatever travels as an array, in the order in which it does."""
    if isinstance(value, torch.Tensor | np.ndarray | bytes):
        yield value
    elif isinstance(value, tuple | list):
        for each in value:
            yield from _arrays(each)
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _arrays(key)
            yield from _arrays(each)
