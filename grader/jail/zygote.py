"""The warm, clean process from which every submission's child is forked.

Started as `python -I -m grader.jail.zygote SLOW FD…` with a scrubbed environment, so that nothing secret was ever in
its memory. It first walls itself in, then loads torch, NumPy, IPython and matplotlib inside (and what of `warmup.SLOW`
is named in SLOW, with commas), and from then on only forks, on one thread. What this module imported by itself would be
loaded before the walls, and the process that waits outside them would keep it, too.

Each FD is a control socket of one worker: JSON requests `spawn` (with the child's channel), `reap`, which is answered
when that child has ended, and `ahead` (with a control socket for the zygote in which the first cells of a lesson have
run, see `grader.jail.ahead`).
"""

from __future__ import annotations

import gc
import json
import os
import random
import select
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

from grader.jail import enclosure, gpu, linux, processes, view, warden
from grader.jail.disk import DiskWatch
from grader.jail.enclosure import Enclosure
from grader.jail.gate import MAX_REQUEST
from grader.jail.limits import Limits
from grader.jail.pages import use_large_pages
from grader.jail.walls import Walls

MANY_CHILDREN = 8
"""After so many it is a class: arranging the memory for them takes as long as it saves for twenty-five. It also is one
as soon as somebody asks for a zygote ahead, which then shares that memory."""


class Zygote:
    """Forks children on request and tells how they ended."""

    def __init__(self, around: Enclosure, shell: Any, *, arranged: bool = False) -> None:
        self._around = around
        self._shell = shell
        self._arranged = arranged
        self._walls = Walls.around(around)
        self._own_pids = os.open("/proc/self/ns/pid", os.O_RDONLY) if around.namespaces else -1
        self._reports: dict[int, int] = {}
        """For each warden, where it tells why it ended its child."""
        self._ending: dict[int, tuple[int, socket.socket]] = {}
        """By its handle, each child whose end somebody waits for, and who. The end of a large process takes a while."""
        self._spawned = 0
        self._chance: tuple[Any, ...] | None = None
        """Python's random state behind the first cells, where they have touched it: each fork is seeded anew."""
        self._links: dict[str, socket.socket] = {}
        """To those that are ahead of this one, by the cells that have run in them."""

    def serve(self, controls: list[socket.socket], link: socket.socket | None = None) -> None:
        """Answers until every control socket is closed, and the link over which more of them come, if there is one."""
        gpu.require_untouched()
        self._walls = replace(self._walls, workers=max(1, len(controls)))
        for control in controls:
            self._greet(control)
        while controls or link:
            waiting: list[socket.socket | int] = [*controls, *self._ending, *([link] if link else [])]
            for ready in select.select(waiting, [], [])[0]:
                if isinstance(ready, int):
                    self._ended(ready)
                    continue
                message, descriptors, _, _ = socket.recv_fds(ready, MAX_REQUEST, 1)
                if ready is link:
                    link = link if message else None
                    controls.extend(self._greet(socket.socket(fileno=each)) for each in descriptors)
                    gc.freeze()  # no child comes upon sockets that are none of its own
                elif message:
                    self._answer(ready, json.loads(message), descriptors)
                else:
                    controls.remove(ready)

    def _greet(self, control: socket.socket) -> socket.socket:
        about = {"namespaces": self._around.namespaces, "anonymous": _anonymous_memory()}
        with suppress(OSError):  # nobody waits any more
            _reply(control, {**self._around.layers.to_data(), **about})
        return control

    def _answer(self, control: socket.socket, request: dict[str, Any], descriptors: list[int]) -> None:
        if request["op"] == "spawn":
            pid = self._spawn(descriptors[0], Limits(**request["limits"]), request["folder"])
            os.close(descriptors[0])
            handle = os.pidfd_open(pid)
            _reply(control, {"id": pid}, [handle])
            os.close(handle)
        elif request["op"] == "reap":
            self._ending[os.pidfd_open(request["id"])] = request["id"], control
        elif request["op"] == "ahead":
            self._send_ahead(request, descriptors[0])
            os.close(descriptors[0])

    def _send_ahead(self, request: dict[str, Any], descriptor: int) -> None:
        """Hands a worker's socket on to the zygote that is ahead. Where there is none, the worker finds it closed."""
        if not self._around.namespaces:
            return
        cells = json.dumps(request["cells"])
        if cells not in self._links:
            self._arrange_memory()
            self._links[cells], far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            if os.fork() == 0:
                self._go_ahead(far, request)
            far.close()
            gc.freeze()
        with suppress(OSError):
            _reply(self._links[cells], {}, [descriptor])

    def _arrange_memory(self) -> None:
        if not self._arranged:
            use_large_pages()
        self._arranged = True

    def _go_ahead(self, link: socket.socket, request: dict[str, Any]) -> NoReturn:
        from grader.jail.ahead import run_first

        try:
            enclosure.die_with_parent()
            os.dup2(1, 2)  # nobody reads along
            os.dup2(link.fileno(), 3)
            os.closerange(4, os.sysconf("SC_OPEN_MAX"))
            linux.prctl(linux.PR_SET_CHILD_SUBREAPER, 1)  # else a daemon of these cells would be no child of this one
            before = random.getstate()
            if run_first(self._shell, request["cells"], request["seconds"], request["output"]):
                ahead = Zygote(self._around, self._shell, arranged=True)
                ahead._chance = None if random.getstate() == before else random.getstate()
                ahead.serve([], socket.socket(fileno=3))
        finally:
            os._exit(0)

    def _ended(self, handle: int) -> None:
        pid, control = self._ending.pop(handle)
        os.close(handle)
        _, status, usage = os.wait4(pid, 0)
        about = {
            "code": os.waitstatus_to_exitcode(status),
            "peak": usage.ru_maxrss * 1024,
            "cpu": usage.ru_utime + usage.ru_stime,
            "why": self._report(pid),
        }
        with suppress(OSError):  # nobody waits any more
            _reply(control, {"ended": pid, **about})

    def _spawn(self, channel: int, limits: Limits, folder: str) -> int:
        self._spawned += 1
        if self._spawned == MANY_CHILDREN:
            self._arrange_memory()
        if not self._around.namespaces:
            return self._spawn_with_warden(channel, limits, folder)
        # the next fork is process 1 of a new pid namespace; afterwards this process returns to its own
        linux.unshare(linux.CLONE_NEWPID)
        pid = os.fork()
        if pid:
            linux.setns(self._own_pids, linux.CLONE_NEWPID)
        else:
            self._be_child(channel, limits, "")
        return pid

    def _spawn_with_warden(self, channel: int, limits: Limits, folder: str) -> int:
        report, told = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                warden.keep(lambda: self._be_child(channel, limits, folder), DiskWatch(folder, limits), told)
            finally:
                os._exit(1)
        os.close(told)
        self._reports[pid] = report
        return pid

    def _report(self, pid: int) -> str:
        """Why a warden ended its child. What a warden that was itself killed has left is ended here."""
        report = self._reports.pop(pid, None)
        if report is None:
            return ""
        for orphan in set(processes.children(os.getpid())) - self._reports.keys():
            warden.kill(orphan)
            os.waitpid(orphan, 0)
        with os.fdopen(report, "rb") as words:
            return words.read(1000).decode("utf-8", "replace")

    def _be_child(self, channel: int, limits: Limits, folder: str) -> NoReturn:
        from grader.jail.child import be_child  # the warm-up has loaded it

        try:
            enclosure.die_with_parent()
            os.setsid()
            # its own: flags of a file are shared by all who inherited it, and with them a few bits of a message
            os.dup2(os.open(os.devnull, os.O_RDWR), 0)
            os.dup2(channel, 3)
            os.closerange(4, os.sysconf("SC_OPEN_MAX"))
            if self._chance is not None:
                random.setstate(self._chance)
            be_child(socket.socket(fileno=3), self._shell, self._walls, limits, folder)
        finally:
            os._exit(0)


def _reply(control: socket.socket, message: dict[str, Any], descriptors: list[int] | None = None) -> None:
    socket.send_fds(control, [json.dumps(message).encode()], descriptors or [])


def _anonymous_memory() -> int:
    """Bytes of memory that a fork shares until it writes."""
    resident, shared = Path("/proc/self/statm").read_text(encoding="utf-8").split()[1:3]
    return (int(resident) - int(shared)) * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def _somewhere_to_write(around: Enclosure) -> Iterator[None]:
    """The view brings scratch folders of its own; without it the warm-up gets one, which is gone afterwards."""
    if around.namespaces:
        yield
        return
    folder = tempfile.mkdtemp(prefix="grader-warm-")
    view.live_in(folder)
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    enclosure.die_with_parent()
    slow, *numbers = sys.argv[1:]
    controls = [socket.socket(fileno=int(each)) for each in numbers]
    around = enclosure.enclose()

    from grader.jail.warmup import warm_up

    gc.disable()  # what is loaded stays: torch's many objects need not be looked through again and again meanwhile
    with _somewhere_to_write(around):
        shell = warm_up(slow.split(","))
    gc.enable()
    threads = len(os.listdir("/proc/self/task"))  # noqa: PTH208 - names are enough
    if threads != 1:
        raise RuntimeError(f"the zygote has {threads} threads after its warm-up; forking it would be unsafe")
    Zygote(around, shell).serve(controls)


if __name__ == "__main__":
    main()
