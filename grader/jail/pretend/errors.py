"""What is raised where a real GPU would raise: PyTorch's words, and what is needed to name the mistake."""

from __future__ import annotations

from dataclasses import dataclass

from grader.jail.pretend.places import Line, Origin, Place

TWO_DEVICES = "Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu!"
INDICES = "indices should be either on cpu or on the same device as the indexed tensor (cpu)"
NO_NUMPY = "can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu() to copy the tensor to host memory first."
GRADIENT = (
    "attempting to assign a gradient with device type 'cpu' to a tensor with device type 'cuda'. "
    "Please ensure that the gradient and the tensor are on the same device"
)


@dataclass(frozen=True)
class Clue:
    """What went wrong: `mixed`, `written` (into the CPU), `indexed`, `numpy`, `gradient` or `result`.

    key: the storage of the tensor that is at the wrong place. origin: how it came there. used: where it showed.
    """

    kind: str
    key: int
    place: Place
    origin: Origin
    used: Line


class DeviceError(RuntimeError):
    """As PyTorch raises it where tensors of two devices meet."""

    def __init__(self, message: str, clue: Clue) -> None:
        used, made = clue.used, clue.origin.line
        where = [f"It was used in {used.cell}, line {used.number}."] if used.number else []
        where += [f"It came to be in {made.cell}, line {made.number}."] if made.number else []
        super().__init__(" ".join([message, *where]))
        self.clue = clue


class NumpyError(TypeError):
    """As PyTorch raises it where NumPy would read a tensor on a GPU."""

    def __init__(self, clue: Clue) -> None:
        super().__init__(NO_NUMPY)
        self.clue = clue
