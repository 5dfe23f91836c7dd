"""On which device a run grades: the CPU, or an NVIDIA GPU by CUDA.

CUDA must never be touched in a process that forks: what it leaves behind does not work in the fork. So whether a GPU
answers is found out in a process that is thrown away (`python -m grader.device`), and only where there can be one.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

from grader.jail.limits import MIB, Limits

CPU, CUDA, AUTO = "cpu", "cuda", "auto"
CHOICES = (AUTO, CPU, CUDA)

BLIND = {"CUDA_VISIBLE_DEVICES": "", "PYTORCH_NVML_BASED_CUDA_CHECK": "1"}
"""The environment of a process that will fork: torch then says that there is no GPU, and calls no CUDA to say so.

An optimiser's first step asks for one, for example, and a CUDA that was asked works in no fork.
"""

EXACT = {"NVIDIA_TF32_OVERRIDE": "0", "CUBLAS_WORKSPACE_CONFIG": ":4096:8", "CUDA_CACHE_DISABLE": "1"}
"""Of a process that calculates on a GPU: no products of shortened numbers, whatever code sets; products that come out
the same each time; and no cache of compiled kernels on disk."""

CONTEXT = 600 * MIB
"""Memory of the GPU that a process takes by using it at all, before its first tensor: about 500 MiB on large cards."""

_SECONDS = 60.0
_NODES = ("/dev/nvidiactl", "/dev/dxg")


class DeviceError(RuntimeError):
    """The device that was asked for is not to be had; the message says what is missing and what to do."""


@dataclass(frozen=True)
class Found:
    """What a machine has. built: the CUDA that torch was built for, empty for none. card: the GPU's name.

    memory, free: bytes of the GPU. why: why no GPU answers, empty where one does.
    """

    built: str = ""
    card: str = ""
    memory: int = 0
    free: int = 0
    why: str = ""


@dataclass(frozen=True)
class Device:
    """Where a run grades. kind: `cpu` or `cuda`. card: the GPU's name. visible: what CUDA_VISIBLE_DEVICES is set to.

    free: bytes of its memory that were free.
    """

    kind: str = CPU
    card: str = ""
    visible: str = ""
    free: int = 0

    def at_once(self, jobs: int, limits: Limits) -> int:
        """How many submissions are graded at once where `jobs` are wanted; DeviceError when not even one fits.

        Each has a process of the judge's and one of its own on the GPU, and may fill its limit.
        """
        if self.kind == CPU:
            return jobs
        each = room_for_one(limits)
        if self.free < each:
            raise DeviceError(
                f"{self.card} has {self.free // MIB} MiB of free memory, and one submission may take {each // MIB} "
                "MiB: end what else runs on it, or grade with --device cpu"
            )
        return max(1, min(jobs, self.free // each))


def room_for_one(limits: Limits) -> int:
    """Bytes of a GPU that grading one submission may take."""
    return limits.gpu_memory + 2 * CONTEXT


def choose(wanted: str, find: Callable[[], Found] | None = None) -> Device:
    """The device for `auto`, `cpu` or `cuda`. DeviceError: an unknown word, or `cuda` where no GPU answers.

    `auto` is the CPU also where a GPU has no room for one submission, such as a small laptop's.
    """
    if wanted not in CHOICES:
        raise DeviceError(f"--device is one of {', '.join(CHOICES)}, not `{wanted}`")
    if wanted == CPU:
        return Device()
    found = (find or look)()
    fits = wanted == CUDA or found.free >= room_for_one(Limits())
    if not found.why and fits:
        return Device(CUDA, found.card, visible_device(os.environ.get("CUDA_VISIBLE_DEVICES")), found.free)
    if wanted == AUTO:
        return Device()
    raise DeviceError(f"no GPU can be used: {found.why}; or grade with --device cpu")


def visible_device(given: str | None) -> str:
    """The one GPU that is used: the first of those that the user left visible."""
    return (given or "0").split(",")[0].strip() or "0"


def look() -> Found:
    """What this machine has; a process is started only where torch was built for CUDA and there is a driver."""
    return _look(os.environ.get("CUDA_VISIBLE_DEVICES"))


@lru_cache(maxsize=4)
def _look(_visible: str | None) -> Found:
    built = built_for(_torch_version())
    if not built:
        return Found(
            why="torch was built without CUDA (`torch.version.cuda` is None): install a build for CUDA, "
            "as PyTorch's own page for installing says"
        )
    if sys.platform == "linux" and not any(Path(node).exists() for node in _NODES):
        return Found(
            built,
            why="this machine shows no NVIDIA driver (no /dev/nvidiactl): install it, or give the container a GPU",
        )
    return asked(built)


def built_for(version: str) -> str:
    """The CUDA in torch's own version file; empty where it was built for none."""
    found = re.search(r"""^cuda\b[^=\n]*=\s*['"]([^'"]+)['"]""", version, re.MULTILINE)
    return found[1] if found else ""


def _torch_version() -> str:
    """The text of torch's version file: reading it takes no second, importing torch takes two."""
    spec = importlib.util.find_spec("torch")
    path = Path(spec.origin).with_name("version.py") if spec and spec.origin else None
    return path.read_text(encoding="utf-8") if path and path.is_file() else ""


def asked(built: str, command: tuple[str, ...] = (sys.executable, "-P", "-m", "grader.device")) -> Found:
    """What a process that is thrown away says of the GPU."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return Found(built, why=f"the GPU did not answer within {_SECONDS:g} seconds: look at `nvidia-smi`")
    lines = done.stdout.strip().splitlines()
    try:
        return Found(**{**json.loads(lines[-1]), "built": built})
    except (IndexError, ValueError, TypeError):
        words = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        return Found(built, why=f"asking the GPU failed ({words[:300]}): look at `nvidia-smi`")


def _try() -> Found:
    """Uses the GPU for once, in a process that ends with it."""
    import torch

    built = str(torch.version.cuda or "")
    try:
        torch.cuda.init()  # type: ignore[no-untyped-call]
        total = (torch.arange(4.0, device=CUDA) + 1).sum().item()  # a kernel must run: the card may be too old for any
        free, memory = torch.cuda.mem_get_info(0)
        name = torch.cuda.get_device_name(0)
    except Exception as error:  # whatever a driver says
        words = (str(error).strip().splitlines() or [type(error).__name__])[0]
        return Found(built, why=f"CUDA does not start ({words[:300]}): `nvidia-smi` tells whether the driver works")
    if total != 10.0:
        return Found(built, name, memory, free, f"{name} adds up wrongly: look at `nvidia-smi`")
    return Found(built, name, memory, free)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(_try())) + "\n")
