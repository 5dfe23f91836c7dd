"""What the command and the cluster's workers say to each other. Everything here hides its content from logs."""

from __future__ import annotations

from dataclasses import dataclass, field

from grader.cluster.bundle import Bundle
from grader.jail.limits import Limits
from grader.judge.submission import Work


@dataclass(frozen=True)
class Orders:
    """How to judge in one run. run: names it among others on the cluster. installation: the command's own.

    device: `cpu` or `cuda`, the same for all workers.
    """

    run: str
    assignment: str = field(repr=False)
    bundle: Bundle
    limits: Limits = field(repr=False)
    policy: str = field(repr=False)
    installation: dict[str, str] = field(repr=False)
    device: str = "cpu"


@dataclass(frozen=True)
class Job:
    """One submission to be judged. number: its attempt in this run, the only name that others on the cluster see."""

    orders: Orders
    number: int
    work: Work = field(repr=False)


def other_versions(differs: str) -> str:
    """Why a worker is refused that has other versions."""
    return f"it has {differs}; install the same there and start it again"


@dataclass(frozen=True)
class Refused:
    """Instead of a result: this worker cannot grade at all, and why."""

    reason: str


@dataclass(frozen=True)
class Failed:
    """Instead of a result: the kit failed on this submission. lost: a judge ended, and another may do it."""

    reason: str
    lost: bool = False
