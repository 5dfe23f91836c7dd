"""The trusted side of the jail: starting the zygote, asking it for children, and ending them."""

from __future__ import annotations

import dataclasses
import json
import socket
import subprocess
import sys
from types import TracebackType
from typing import TYPE_CHECKING, Any

from grader.jail import cgroup, system
from grader.jail.children import START_SECONDS, Child, Exit, LostError
from grader.jail.layers import Missing, read_missing, reason
from grader.jail.limits import Limits
from grader.jail.memory import pid_of

if TYPE_CHECKING:
    from grader.jail.scratch import Scratch

_GONE = "the jail's zygote is gone; run the command again"


class JailError(RuntimeError):
    """The jail itself failed: never the student's fault; the message says what and what to do."""


def require_system() -> None:
    """JailError on a system where no student code can be run at all."""
    if system.why_not():
        raise JailError(system.why_not())


class Jail:
    """A gate for each worker, with one zygote behind them all. Start it before anything secret is forked from here."""

    def __init__(self, workers: int = 1) -> None:
        require_system()
        self._process: subprocess.Popen[bytes] | None = None
        self._scratch: Scratch | None = None
        if system.why_portable():
            from grader.jail.portable import PortableGate

            self.gates: tuple[Gate, ...] = tuple(PortableGate() for _ in range(workers))
        else:
            self.gates = self._with_zygote(workers)

    def _with_zygote(self, workers: int) -> tuple[Gate, ...]:
        pairs = [socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(workers)]
        numbers = [far.fileno() for _, far in pairs]
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-m", "grader.jail.zygote", *map(str, numbers)],
            env=system.environment(),
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


class Gate:
    """One worker's way to the zygote.

    expected: the layers that every child must have, once they were tried. strict: a child that lacks one runs
    nothing; else it runs, and `lost` remembers what it lacked. suspended: seconds for which this process did not
    run while it waited for a child.
    """

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self.layers: tuple[str, ...] = ()
        self.missing: tuple[Missing, ...] = ()
        self.namespaces = False
        self.anonymous = 0
        self.suspended = 0.0
        self.expected: tuple[str, ...] = ()
        self.strict = True
        self.lost: tuple[Missing, ...] = ()
        self._scratch: Scratch | None = None
        self._groups: cgroup.Groups | None = None

    def greet(self, seconds: float) -> None:
        self._control.settimeout(seconds)
        greeting, _ = self._receive(0)
        self.layers, self.missing = tuple(greeting["layers"]), read_missing(greeting["missing"])
        self.namespaces, self.anonymous = greeting["namespaces"], greeting["anonymous"]

    def furnish(self, scratch: Scratch | None, groups: cgroup.Groups | None, why: str) -> None:
        """What the trusted side adds to the walls: scratch folders where they are needed, and cgroups.

        why: the reason where there are no cgroups, and memory and processes are watched instead.
        """
        self._scratch, self._groups = scratch, groups
        self.layers = (*self.layers, cgroup.LAYER if groups else cgroup.WATCHED)
        if groups is None:
            self.missing = (*self.missing, Missing(cgroup.LAYER, why))

    def expect(self, layers: tuple[str, ...], *, strict: bool) -> None:
        """From now on every child is compared with the one that was tried."""
        self.expected, self.strict = layers, strict

    def take_lost(self) -> tuple[Missing, ...]:
        """The layers that a child has lacked since this was last asked."""
        lost, self.lost = self.lost, ()
        return lost

    def spawn(self, limits: Limits) -> Child:
        """A fresh child behind its walls; JailError when the zygote is gone, or a wall that stood when tried is not."""
        folder = self._scratch.make() if self._scratch else ""
        try:
            child = self._make(limits, folder)
        except LostError as lost:
            raise JailError(f"a child of the jail was lost before it ran anything: {lost}") from None
        self._compare(child)
        return child

    def _make(self, limits: Limits, folder: str) -> Child:
        near, far = socket.socketpair()
        with far:
            request = {"op": "spawn", "limits": dataclasses.asdict(limits), "folder": folder}
            try:
                socket.send_fds(self._control, [json.dumps(request).encode()], [far.fileno()])
            except OSError as error:
                raise JailError(_GONE) from error
        reply, handles = self._receive(1)
        group = self._group(limits, handles[0])
        return Child(self, near, handles[0], reply["id"], limits, folder=folder, group=group)

    def _group(self, limits: Limits, handle: int) -> cgroup.Group | None:
        if self._groups is None:
            return None
        group = self._groups.make(limits)
        group.add(pid_of(handle))
        return group

    def _compare(self, child: Child) -> None:
        """Never silently less: a layer may be refused to a later child that was granted to the first."""
        absent = [name for name in self.expected if name not in (*self.layers, *child.layers)]
        if not absent:
            return
        reasons = {each.name: each.why for each in child.missing}
        self.lost = tuple(Missing(name, reasons.get(name, "it was there when tried")) for name in absent)
        if self.strict:
            child.end()
            words = "; ".join(f"{each.name} ({each.why})" for each in self.lost)
            raise JailError(f"not run, since walls that stood when tried are missing now: {words}")

    def reap(self, number: int) -> Exit:
        """Waits for the end of a child that was killed or ended by itself."""
        try:
            self._control.send(json.dumps({"op": "reap", "id": number}).encode())
        except OSError as error:
            raise JailError(_GONE) from error
        reply, _ = self._receive(0)
        return Exit(**reply)

    def _receive(self, descriptors: int) -> tuple[dict[str, Any], list[int]]:
        try:
            message, handles, _, _ = socket.recv_fds(self._control, 65536, max(1, descriptors))
        except ConnectionError as error:
            raise JailError(_GONE) from error
        if not message:
            raise JailError(_GONE)
        return json.loads(message), handles

    def close(self) -> None:
        self._control.close()
