"""The walls that a child takes on around itself before it runs anything of a student's."""

from __future__ import annotations

import os
import resource
from dataclasses import dataclass

from grader.jail import gpu, landlock, linux, nproc, seccomp, view
from grader.jail.enclosure import Enclosure
from grader.jail.layers import Layers
from grader.jail.limits import Limits

# A limit of 1 byte, unlike 0, keeps the kernel also from handing the memory to a crash reporter (core(5)).
_NO_CORE = 1
_PENDING = 1024
"""Signals that wait to be delivered. All children of a user share one account of them: nobody may fill it."""
_CPU_GRACE = 5
"""Seconds between SIGXCPU and SIGKILL."""


@dataclass(frozen=True)
class Walls:
    """What a child needs to wall itself in, prepared once by the zygote.

    filter: the seccomp filter, empty where this architecture has none. landlock: the ABI to use, 0 for none. workers:
    so many children may run at a time.
    """

    namespaces: bool
    reading: bool
    filter: bytes
    landlock: int
    workers: int = 1

    @classmethod
    def around(cls, enclosure: Enclosure) -> Walls:
        version = landlock.abi()
        scoped = enclosure.namespaces or version >= landlock.SCOPES_FROM
        try:
            program = seccomp.compile_filter(shared=not enclosure.namespaces, scoped=scoped, gpu=gpu.wanted())
        except KeyError:
            program = b""
        return cls(enclosure.namespaces, enclosure.reading, program, version)


def wall_in(walls: Walls, limits: Limits, folder: str) -> Layers:
    """Gives up everything, layer by layer; returns what holds and what the system refused.

    Whether to go on without a layer is for the supervisor to decide.
    """
    layers = Layers()
    if walls.namespaces:
        layers.take("own scratch, network and ipc", lambda: _own_namespaces(limits))
    else:
        linux.prctl(linux.PR_SET_DUMPABLE, 1)  # its warden, of the same user, may look at its files
        layers.take("own scratch folder", lambda: view.live_in(folder))
    layers.take("limits", lambda: limit(limits, _others(walls, limits)))
    layers.take("no capabilities", lambda: _drop_capabilities(walls.reading))
    layers.take("no new privileges", lambda: linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1))
    layers.take("landlock", lambda: _landlock(walls, folder))
    if 0 < walls.landlock < landlock.SCOPES_FROM:
        layers.lack("landlock scopes", f"this kernel's Landlock is version {walls.landlock}; signals are scoped from 6")
    layers.take("seccomp", lambda: _seccomp(walls))
    if gpu.wanted():
        # behind all walls, like the code that will use it; none of these can be taken on once CUDA has its threads
        layers.take(gpu.LAYER, lambda: gpu.begin(limits.gpu_memory, os.environ[gpu.GPU]))
    return layers


def _others(walls: Walls, limits: Limits) -> int:
    """How many processes besides a child's own its limit must leave room for."""
    if walls.namespaces and nproc.has_account_of_its_own():
        return 0
    # one account for all of a user's: each child has room for what its neighbours, and programs outside, may start
    # later; who starts more than its own share is ended by the watchdog
    return nproc.count_against_limit() + (walls.workers - 1) * limits.processes + nproc.LATER


def _own_namespaces(limits: Limits) -> None:
    linux.unshare(linux.CLONE_NEWNS | linux.CLONE_NEWIPC | linux.CLONE_NEWNET)
    view.mount_proc()
    view.mount_scratch(limits.scratch, limits.scratch_files)
    uid, gid = os.getuid(), os.getgid()
    linux.unshare(linux.CLONE_NEWUSER)
    linux.map_ids(uid, gid)
    os.chdir(view.HOME)


def _drop_capabilities(reading: bool) -> None:
    linux.drop_capabilities(but_reading=reading)
    if reading:
        raise OSError("this Python lies where only root may go, so the right to read any file was kept")


def _landlock(walls: Walls, folder: str) -> None:
    if walls.namespaces:
        landlock.restrict(view.readable(), (*view.scratch(), "/dev/null", *gpu.writable()), walls.landlock)
        return
    # held open as long as the child lives: a rule is about the entry that is there now, not about its name
    os.open("/proc/self", os.O_PATH | os.O_CLOEXEC)
    landlock.restrict(view.readable_shared(), (folder, "/dev/null", *gpu.writable()), walls.landlock)


def _seccomp(walls: Walls) -> None:
    if not walls.filter:
        raise OSError("no filter is written for this kind of processor")
    seccomp.install(seccomp.for_process(walls.filter, os.getpid()))


def limit(limits: Limits, others: int) -> None:
    """Sets all of the system's own limits. others: processes of the same user that count too."""
    # CUDA reserves as much address space as all memories together have; what is used is watched as everywhere
    space = resource.RLIM_INFINITY if gpu.wanted() else limits.address_space
    for name, soft, hard in (
        ("AS", space, space),
        ("CPU", limits.cpu_seconds, limits.cpu_seconds + _CPU_GRACE),
        ("NPROC", limits.processes + others, limits.processes + others),
        ("NOFILE", limits.open_files, limits.open_files),
        ("FSIZE", limits.file_size, limits.file_size),
        ("CORE", _NO_CORE, _NO_CORE),
        ("MEMLOCK", 0, 0),
        ("MSGQUEUE", 0, 0),
        ("SIGPENDING", _PENDING, _PENDING),
    ):
        kind = getattr(resource, f"RLIMIT_{name}", None)
        if kind is not None:  # not every system knows all of them
            _set_limit(kind, soft, hard)


def _set_limit(kind: int, soft: int, hard: int) -> None:
    present = resource.getrlimit(kind)[1]
    if present != resource.RLIM_INFINITY:
        soft, hard = min(soft, present), min(hard, present)
    resource.setrlimit(kind, (soft, hard))
