"""The trusted side of the jail: starting the zygote with a gate for each worker, and ending it."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Collection
from types import TracebackType
from typing import TYPE_CHECKING

from grader.jail import cgroup, system
from grader.jail.children import START_SECONDS
from grader.jail.gate import Gate
from grader.jail.layers import reason
from grader.jail.system import JailError, require_system
from grader.jail.warmup import SLOW

if TYPE_CHECKING:
    from grader.jail.scratch import Scratch


class Jail:
    """A gate for each worker, with one zygote behind them all. Start it before anything secret is forked from here.

    slow: what of `warmup.SLOW` the zygote loads for its children. visible: the GPU that they use, as
    CUDA_VISIBLE_DEVICES names it; empty for none.
    """

    def __init__(self, workers: int = 1, slow: Collection[str] = tuple(SLOW), *, visible: str = "") -> None:
        require_system()
        self._process: subprocess.Popen[bytes] | None = None
        self._scratch: Scratch | None = None
        if system.why_portable():
            from grader.jail.portable import PortableGate

            self.gates: tuple[Gate, ...] = tuple(PortableGate() for _ in range(workers))
        else:
            self.gates = self._with_zygote(workers, slow, visible)

    def _with_zygote(self, workers: int, slow: Collection[str], visible: str) -> tuple[Gate, ...]:
        pairs = [socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(workers)]
        numbers = [far.fileno() for _, far in pairs]
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-m", "grader.jail.zygote", ",".join(slow), *map(str, numbers)],
            env=system.environment(visible),
            pass_fds=numbers,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd="/",
            start_new_session=True,
        )
        for _, far in pairs:
            far.close()
        return tuple(Gate(near) for near, _ in pairs)

    def wait_until_ready(self) -> None:
        """Returns when children can be made; JailError with the zygote's own words when it failed."""
        try:
            for gate in self.gates:
                gate.greet(START_SECONDS)
        except (JailError, TimeoutError) as error:
            raise JailError(
                f"the jail did not start: {self._last_words(error)}; `grader doctor` says what is missing"
            ) from None
        if not self.gates[0].namespaces:
            from grader.jail.scratch import Scratch

            self._scratch = Scratch()
        groups, why = self._groups()
        for gate in self.gates:
            gate.furnish(self._scratch, groups, why)

    def _groups(self) -> tuple[cgroup.Groups | None, str]:
        """Where the children of all gates get their cgroups, or why they get none."""
        if self._process is None:
            return None, system.why_portable()
        try:
            return cgroup.find(), ""
        except OSError as error:
            return None, reason(error)

    def _last_words(self, error: Exception) -> str:
        if self._process is None:
            return str(error)
        self._process.kill()
        _, words = self._process.communicate()
        lines = words.decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else str(error)

    @property
    def layers(self) -> tuple[str, ...]:
        return self.gates[0].layers

    def close(self) -> None:
        """Ends the zygote and with it every child."""
        for gate in self.gates:
            gate.close()
        if self._process is not None:
            self._end_zygote(self._process)
        if self._scratch is not None:
            self._scratch.close()

    def _end_zygote(self, process: subprocess.Popen[bytes]) -> None:
        try:
            process.wait(2)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stderr:
            process.stderr.close()

    def __enter__(self) -> Jail:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
