"""The warm, clean process from which every submission's child is forked.

Started as `python -I -m grader.jail.zygote FD…` with a scrubbed environment, so that nothing secret was ever in its
memory. It first walls itself in, then loads torch, NumPy, IPython and matplotlib inside, and from then on only
forks, on one thread. Each FD is a control socket of one worker: JSON requests `spawn` (with the child's channel)
and `reap`.
"""

from __future__ import annotations

import gc
import json
import os
import select
import socket
import sys
from pathlib import Path
from typing import Any

from grader.jail import enclosure, linux, seccomp
from grader.jail.limits import Limits

MAX_REQUEST = 65536


class Zygote:
    """Forks children on request and tells how they ended."""

    def __init__(self, layers: tuple[str, ...], shell: Any) -> None:
        self._layers = layers
        self._shell = shell
        self._filter = _compiled_filter()
        self._own_pids = os.open("/proc/self/ns/pid", os.O_RDONLY) if layers else -1

    def serve(self, controls: list[socket.socket]) -> None:
        """Answers until every control socket is closed."""
        for control in controls:
            _reply(control, {"layers": self._layers, "anonymous": _anonymous_memory()})
        while controls:
            for ready in select.select(controls, [], [])[0]:
                message, descriptors, _, _ = socket.recv_fds(ready, MAX_REQUEST, 1)
                if not message:
                    controls.remove(ready)
                    continue
                self._answer(ready, json.loads(message), descriptors)

    def _answer(self, control: socket.socket, request: dict[str, Any], descriptors: list[int]) -> None:
        if request["op"] == "spawn":
            pid = self._spawn(descriptors[0], Limits(**request["limits"]))
            os.close(descriptors[0])
            handle = os.pidfd_open(pid)
            _reply(control, {"id": pid}, [handle])
            os.close(handle)
        elif request["op"] == "reap":
            _, status, usage = os.wait4(request["id"], 0)
            code = os.waitstatus_to_exitcode(status)
            _reply(
                control,
                {"code": code, "peak": usage.ru_maxrss * 1024, "cpu": usage.ru_utime + usage.ru_stime},
            )

    def _spawn(self, channel: int, limits: Limits) -> int:
        if not self._layers:
            pid = os.fork()
        else:
            # the next fork is process 1 of a new pid namespace; afterwards this process returns to its own
            linux.unshare(linux.CLONE_NEWPID)
            pid = os.fork()
            if pid:
                linux.setns(self._own_pids, linux.CLONE_NEWPID)
        if pid == 0:
            self._be_child(channel, limits)
        return pid

    def _be_child(self, channel: int, limits: Limits) -> None:
        from grader.jail import child, wire
        from grader.jail.channel import send

        try:
            enclosure.die_with_parent()
            os.setsid()
            os.dup2(channel, 3)
            os.closerange(4, os.sysconf("SC_OPEN_MAX"))
            connection = socket.socket(fileno=3)
            walls = child.Walls(bool(self._layers), self._filter, limits)
            layers = child.wall_in(walls)
            send(connection, wire.encode({"layers": layers}))
            child.serve(connection, self._shell, limits)
        finally:
            os._exit(0)


def _compiled_filter() -> bytes | None:
    try:
        return seccomp.compile_filter()
    except KeyError:
        return None


def _reply(control: socket.socket, message: dict[str, Any], descriptors: list[int] | None = None) -> None:
    socket.send_fds(control, [json.dumps(message).encode()], descriptors or [])


def _anonymous_memory() -> int:
    """Bytes of memory that a fork shares until it writes."""
    resident, shared = Path("/proc/self/statm").read_text(encoding="utf-8").split()[1:3]
    return (int(resident) - int(shared)) * os.sysconf("SC_PAGE_SIZE")


def warm_up() -> Any:
    """Loads and exercises once all that submissions use, so that children do not import it. Returns the shell."""
    import torch

    # first torch call, and never raised here: a parallel operation in this process would hang every fork's
    torch.set_num_threads(1)
    import matplotlib

    matplotlib.use("module://matplotlib_inline.backend_inline")
    import torch._dynamo

    from grader.jail import child, probing, shell, tracer

    tracer.watch_ufuncs()
    for name in probing.MODULES:
        probing.module(name)
    made = shell.make_shell()
    _rehearse(torch)
    child.rehearse(made)
    gc.collect()
    gc.freeze()
    return made


def _rehearse(torch: Any) -> None:
    import io

    import matplotlib.pyplot as plt
    import sklearn.ensemble  # a second of every notebook that compares with them
    import sklearn.linear_model  # noqa: F401

    from grader import data

    data.digits()
    layer = torch.nn.Linear(3, 2)
    optimiser = torch.optim.SGD(layer.parameters(), lr=0.1)
    layer(torch.ones(4, 3)).square().mean().backward()
    optimiser.step()
    figure, axes = plt.subplots()
    axes.plot([0, 1])
    figure.savefig(io.BytesIO(), format="png")
    plt.close(figure)


def main() -> None:
    enclosure.die_with_parent()
    controls = [socket.socket(fileno=int(each)) for each in sys.argv[1:]]
    layers = enclosure.enclose()
    shell = warm_up()
    threads = len(os.listdir("/proc/self/task"))  # noqa: PTH208 - names are enough
    if threads != 1:
        raise RuntimeError(f"the zygote has {threads} threads after its warm-up; forking it would be unsafe")
    Zygote(layers, shell).serve(controls)


if __name__ == "__main__":
    main()
