"""What a pool and its judge process say to each other. Importing this costs no torch."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import subprocess
from dataclasses import dataclass

from grader.device import Device
from grader.jail.limits import Limits
from grader.jail.proofs import Protection


@dataclass(frozen=True)
class Orders:
    """What a server is to do. policy: `require` refuses to grade behind missing walls, `warn` goes on.

    device: where answers and references run, found out beforehand.
    """

    root: str
    assignment: str
    suite: str
    connections: tuple[int, ...]
    seed: int
    limits: Limits
    policy: str = "require"
    device: Device = Device()

    def give(self, server: subprocess.Popen[bytes]) -> None:
        """Hands them over by the server's stdin: everybody on the machine can read the arguments of a process."""
        assert server.stdin is not None
        with contextlib.suppress(BrokenPipeError), server.stdin as stdin:  # one that is gone has left its last words
            stdin.write(json.dumps(dataclasses.asdict(self)).encode())

    @classmethod
    def from_json(cls, text: str) -> Orders:
        data = json.loads(text)
        limits, connections = Limits(**data.pop("limits")), tuple(data.pop("connections"))
        device = Device(**data.pop("device"))
        return cls(**data, limits=limits, connections=connections, device=device)


@dataclass(frozen=True)
class Ready:
    """First word of every worker: which layers are active, and which tier they make."""

    protection: Protection


@dataclass(frozen=True)
class Failed:
    """Instead of an answer: the kit itself failed, in one sentence. lost: this worker can grade nothing more."""

    reason: str
    lost: bool = False
