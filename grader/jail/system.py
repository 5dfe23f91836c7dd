"""What the jail makes of the system it finds, what it tells its children of it, and how it fails."""

from __future__ import annotations

import os
import platform

from grader.device import BLIND, EXACT
from grader.jail import view
from grader.jail.gpu import GPU

SWITCH = "GRADER_JAIL_PORTABLE"
"""Set to 1, this variable chooses fresh processes where forks would work too: for the kit's own tests."""


def why_portable() -> str:
    """Why this system gets fresh processes; empty where a zygote is used."""
    if platform.system() != "Linux":
        return f"{platform.system()} has no namespaces, Landlock or seccomp, and forks of torch are not safe there"
    if os.environ.get(SWITCH) == "1":
        return f"{SWITCH}=1 is set"
    try:
        os.close(os.pidfd_open(os.getpid()))
    except OSError as error:
        return f"this kernel has no handles for processes ({error.strerror})"
    return ""


def why_not() -> str:
    """Why no student code can be run at all on this system; empty where it can."""
    if platform.system() == "Windows":
        return "grading does not run on Windows itself: install WSL (`wsl --install`) and run it in there"
    return ""


def environment(visible: str = "") -> dict[str, str]:
    """All that the zygote and its children know of the world: no token, no PYTHON*, no LD_*.

    visible: the GPU that children use, as CUDA_VISIBLE_DEVICES names it; empty for none.
    """
    threads = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "MKL", "OPENBLAS")}
    settings = {"GRADER_JAIL": "1", "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
    plots = {"MPLBACKEND": "module://matplotlib_inline.backend_inline"}
    used = {GPU: visible, **EXACT} if visible else {}
    return {**threads, **settings, **plots, **BLIND, **used, **view.folders(view.HOME, view.TEMPORARY)}


class JailError(RuntimeError):
    """The jail itself failed: never the student's fault; the message says what and what to do."""


def require_system() -> None:
    """JailError on a system where no student code can be run at all."""
    if why_not():
        raise JailError(why_not())
