"""A GPU in the jail: what the zygote's children see of it, how they begin to use it, and what ends their use of it.

Nothing here touches CUDA but `begin` and what comes after it, in a child: the zygote only forks.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from grader.device import CPU, CUDA
from grader.jail.faults import fault_of
from grader.jail.layers import Missing

GPU = "GRADER_GPU"
"""In the environment of a zygote and its children: which GPU they use, as CUDA_VISIBLE_DEVICES names it."""

LAYER = "share of the GPU"
"""The layer of a child that could begin to use its GPU, with a limit of memory on it."""

_NODES = ("nvidiactl", "nvidia-uvm", "nvidia-uvm-tools", "dxg")
_READ = ("/proc/driver", "/proc/devices", "/proc/modules", "/sys/devices/system/node", "/usr/lib/wsl")
_OWN_THREADS = "/proc/self/task"


def wanted() -> bool:
    """Whether this process belongs to a jail whose children use a GPU."""
    return bool(os.environ.get(GPU))


def device() -> str:
    """Where the answers of this process get their inputs: `cuda` or `cpu`."""
    return CUDA if wanted() else CPU


def nodes(dev: Path = Path("/dev")) -> tuple[str, ...]:
    """The device files of NVIDIA's driver that are there, as paths; none in a jail that uses no GPU.

    All cards' files: their numbers are not those by which CUDA counts.
    """
    return tuple(_nodes(dev)) if wanted() else ()


def _nodes(dev: Path) -> Iterator[str]:
    for name in _NODES:
        if (dev / name).exists():
            yield str(dev / name)
    for pattern in ("nvidia[0-9]*", "nvidia-caps/*"):
        yield from sorted(str(path) for path in dev.glob(pattern))


def readable() -> tuple[str, ...]:
    """What CUDA reads besides its libraries, as far as it is there."""
    return tuple(path for path in _READ if Path(path).exists()) if wanted() else ()


def writable() -> tuple[str, ...]:
    """What CUDA writes to in a child: the driver's files, and the names of its own threads (from driver 570 on).

    The folder of the threads is held open as long as the child lives: a rule of Landlock's is about this very entry.
    """
    if not wanted():
        return ()
    os.open(_OWN_THREADS, os.O_PATH | os.O_CLOEXEC)
    return (*nodes(), _OWN_THREADS)


def require_untouched() -> None:
    """RuntimeError where CUDA was touched in a process that is about to fork."""
    import torch

    if torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        raise RuntimeError("CUDA was initialised in a process that forks; the forks could not use it")


def refusal(missing: Iterable[Missing]) -> str:
    """Why a run on a GPU does not begin whose children could not use it."""
    why = next((each.why for each in missing if each.name == LAYER), "the layer is missing")
    return f"the jail cannot use the GPU: {why}; grade with --device cpu, and see docs/devices.md for what CUDA needs"


def begin(memory: int, visible: str) -> None:
    """First use of the GPU in this process, with at most `memory` bytes of it; OSError when it does not work.

    The limit is a courtesy of torch's: code in this process can lift it.
    """
    import torch

    os.environ["CUDA_VISIBLE_DEVICES"] = visible
    os.environ.pop("PYTORCH_NVML_BASED_CUDA_CHECK", None)
    try:
        calculate_exactly()
        torch.cuda.init()  # type: ignore[no-untyped-call]
        total = torch.cuda.mem_get_info(0)[1]
        torch.cuda.set_per_process_memory_fraction(min(1.0, memory / total), 0)
        torch.cuda.synchronize()
    except (RuntimeError, AssertionError) as error:
        words = str(error).strip().splitlines() or [type(error).__name__]
        raise OSError(f"CUDA does not start in the jail: {words[0]}") from None


def calculate_exactly() -> None:
    """Products in full precision, and convolutions that come out the same each time. Touches no CUDA."""
    import torch

    with warnings.catch_warnings(action="ignore"):  # newer versions have another word for it, older ones do not
        torch.backends.cuda.matmul.allow_tf32 = False
        torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = True


def see(visible: str) -> None:
    """In a judge's worker, after its fork: from now on it may use this GPU."""
    os.environ["CUDA_VISIBLE_DEVICES"] = visible
    os.environ.pop("PYTORCH_NVML_BASED_CUDA_CHECK", None)
    calculate_exactly()


def in_use() -> bool:
    """Whether this process has begun to use a GPU."""
    import torch

    return wanted() and torch.cuda.is_initialized()  # type: ignore[no-untyped-call]


def fault(reply: Mapping[str, Any], printed: Callable[[], str]) -> str:
    """The fault of the GPU that a request came upon, by its name in `faults.FAULTS`; empty where there was none.

    What runs on a GPU is heard of later: so it is waited for. After most faults no call of CUDA works in this process.
    printed: what stands on descriptors 1 and 2, where a kernel tells which of its assertions failed.
    Only for a process that has begun to use its GPU.
    """
    import torch

    try:
        torch.cuda.synchronize()
    except Exception as error:  # torch's own, of whatever class
        return fault_of([type(error).__name__], f"{error}\n{printed()}") or "other"
    return fault_in(reply)


def fault_in(reply: Mapping[str, Any]) -> str:
    """The fault that an exception in a reply tells of: one that left CUDA as it was, such as a lack of memory."""
    raised = [each["raised"] for each in (reply, *reply.get("replies", ())) if each.get("raised")]
    failed = [each for each in reply.get("outputs", ()) if each.get("output_type") == "error"]
    told = [(each["kinds"], each["message"]) for each in raised]
    told += [([each.get("ename", "")], each.get("evalue", "")) for each in failed]
    return next((name for kinds, message in told if (name := fault_of(kinds, message))), "")
