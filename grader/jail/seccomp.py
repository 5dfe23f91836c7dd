"""A seccomp filter: system calls that no student's notebook needs and that open doors fail with EPERM.

The filter is classic BPF, put together here: libseccomp is not on every machine, and its Python binding cannot be
used inside a minimal root.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import socket
import struct

from grader.jail import syscalls
from grader.jail.linux import CLONE_NEWNS, PR_SET_DUMPABLE, check, libc

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C
_FIOSETOWN, _SIOCSPGRP, _FS_IOC_SETFLAGS, _FS_IOC_FSSETXATTR = 0x8901, 0x8902, 0x40086602, 0x401C5820
_F_SETOWN, _F_SETOWN_EX = 8, 15
_SET_LOCK, _NEWS, _PIPE_SIZE, _SET_HINT = (6, 7, 37, 38), (1024, 1026), 1031, (1036, 1038)
"""fcntl's commands that lock a part of a file, for itself or its descriptor; F_SETLEASE and F_NOTIFY; F_SETPIPE_SZ;
F_SET_RW_HINT and F_SET_FILE_RW_HINT."""
_SO_SNDBUF = 7
_MAP_SHARED_ANONYMOUS = 0x21
_MFD_NOEXEC_SEAL = 0x8
_O_ACCMODE, _O_TRUNC, _SOCK_TYPE_MASK = 0o3, 0o1000, 0xF
# every namespace flag of clone(2): NEWNS and NEWCGROUP to NEWNET
_NAMESPACE_FLAGS = CLONE_NEWNS | 0x7E000000

_LOAD, _EQUAL, _ANY_BIT, _AT_LEAST, _AND, _RETURN = 0x20, 0x15, 0x45, 0x35, 0x54, 0x06
_ALLOW, _ERRNO, _KILL_PROCESS = 0x7FFF0000, 0x00050000, 0x80000000
_X32 = 0x40000000
_PR_SET_SECCOMP, _MODE_FILTER, _PR_SET_MM = 22, 2, 35
_NUMBER, _ARCH = 0, 4
_ARGUMENTS = (16, 24, 32, 40)
_OWN_PID = 0x7EEDC0DE
"""Stands for the process that installs the filter until `for_process` puts its number there."""


def step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """One instruction of the filter."""
    return struct.pack("HBBI", code, if_true, if_false, value)


def answer(code: int) -> bytes:
    """The call is not made and fails with an errno; 0 lets it seem to have succeeded."""
    return step(_RETURN, _ERRNO | code)


class Program:
    """A filter under construction for one architecture (0: x86_64, 1: aarch64)."""

    def __init__(self, machine: str) -> None:
        self._column = {"x86_64": 0, "aarch64": 1}[machine]
        self.steps = step(_LOAD, _ARCH) + step(_EQUAL, _ARCHITECTURES[machine], 1, 0) + step(_RETURN, _KILL_PROCESS)
        self.steps += step(_LOAD, _NUMBER)
        if machine == "x86_64":
            self.steps += step(_AT_LEAST, _X32, 0, 1) + answer(errno.ENOSYS)

    def refuse(self, numbers: syscalls.Numbers, code: int = errno.EPERM) -> None:
        self._for_call(numbers, answer(code))

    def refuse_flags(self, numbers: syscalls.Numbers, argument: int, bits: int) -> None:
        """Refuses when any of the bits is set in an argument."""
        self._for_call(numbers, self._judged(argument, step(_ANY_BIT, bits, 0, 1) + answer(errno.EPERM)))

    def refuse_values(self, numbers: syscalls.Numbers, argument: int, values: tuple[int, ...], mask: int = 0) -> None:
        """Refuses when an argument (under a mask, where one is given) is one of the values."""
        tests = b"".join(step(_EQUAL, value, 0, 1) + answer(errno.EPERM) for value in values)
        self._for_call(numbers, self._judged(argument, (step(_AND, mask) if mask else b"") + tests))

    def answer_values(self, numbers: syscalls.Numbers, argument: int, answers: dict[int, int]) -> None:
        """Fails with an errno for some values of an argument; with 0 it seems to have succeeded."""
        tests = b"".join(step(_EQUAL, value, 0, 1) + answer(code) for value, code in answers.items())
        self._for_call(numbers, self._judged(argument, tests))

    def allow_values(self, numbers: syscalls.Numbers, argument: int, values: tuple[int, ...], mask: int = 0) -> None:
        """Refuses unless an argument (under a mask, where one is given) is one of the values."""
        tests = b"".join(step(_EQUAL, value, 0, 1) + step(_RETURN, _ALLOW) for value in values)
        body = step(_LOAD, _ARGUMENTS[argument]) + (step(_AND, mask) if mask else b"") + tests + answer(errno.EPERM)
        self._for_call(numbers, body)

    def _judged(self, argument: int, tests: bytes) -> bytes:
        return step(_LOAD, _ARGUMENTS[argument]) + tests + step(_RETURN, _ALLOW)

    def _for_call(self, numbers: syscalls.Numbers, body: bytes) -> None:
        """What happens for one call: `body` always returns."""
        number = numbers[self._column]
        if number is not None:
            self.steps += step(_EQUAL, number, 0, len(body) // 8) + body

    def finished(self) -> bytes:
        return self.steps + step(_RETURN, _ALLOW)


def compile_filter(
    machine: str | None = None, *, shared: bool = False, scoped: bool = True, gpu: bool = False
) -> bytes:
    """The filter's instructions for an architecture; KeyError for one that is not known here.

    shared: for a process without namespaces, which shares processes, sockets and files with the machine.
    scoped: Landlock keeps its signals to its own children; else the filter refuses them to all but itself.
    gpu: what CUDA needs is let through: it starts with a file in memory that can never be run.
    """
    program = Program(machine or platform.machine())
    for name, numbers in syscalls.DOORS.items():
        if not (gpu and name == "memfd_create"):
            program.refuse(numbers)
    if gpu:
        program.allow_values(syscalls.DOORS["memfd_create"], 1, (_MFD_NOEXEC_SEAL,), _MFD_NOEXEC_SEAL)
    # clone3 takes its flags by pointer, out of a filter's sight: ENOSYS makes libc fall back to clone
    program.refuse(syscalls.CLONE3, errno.ENOSYS)
    program.refuse_flags(syscalls.CLONE, 0, _NAMESPACE_FLAGS)
    # such memory stays when nobody maps most of it, and then stands in no process's account; files do for sharing
    program.refuse_values(syscalls.MMAP, 3, (_MAP_SHARED_ANONYMOUS,), _MAP_SHARED_ANONYMOUS)
    terminal = (_TIOCSTI, _TIOCLINUX)
    if shared:
        _close_shared(program)
        program.refuse_values(
            syscalls.IOCTL, 1, (*terminal, _FIOSETOWN, _SIOCSPGRP, _FS_IOC_SETFLAGS, _FS_IOC_FSSETXATTR)
        )
    else:
        program.allow_values(syscalls.SOCKET, 0, (int(socket.AF_UNIX),))
        program.refuse_values(syscalls.IOCTL, 1, terminal)
    # a process that cannot be looked into cannot be watched; and where its stack starts tells whether it is a fork
    program.refuse_values(syscalls.PRCTL, 0, (_PR_SET_MM, *((PR_SET_DUMPABLE,) if shared else ())))
    # a lock on a library's file is seen in every jail: it seems to be had, and is not. Leases and news of files are
    # refused, and large pipes, which the kernel counts for all of a user, and hints, which a file's owner may leave at
    # one that is mounted for reading; behind shared walls who gets a descriptor's signals
    program.refuse(syscalls.FLOCK, 0)
    owners = (_F_SETOWN, _F_SETOWN_EX) if shared else ()
    program.answer_values(
        syscalls.FCNTL,
        1,
        {**dict.fromkeys(_SET_LOCK, 0), **dict.fromkeys((*_NEWS, *_SET_HINT, _PIPE_SIZE, *owners), errno.EPERM)},
    )
    # memory of sockets is bounded by how many there are, see `memory.in_sockets`: none has more than the usual
    program.answer_values(syscalls.SETSOCKOPT, 2, {_SO_SNDBUF: 0})
    if not scoped:
        _keep_signals(program)
    return program.finished()


def _close_shared(program: Program) -> None:
    for numbers in syscalls.SHARED.values():
        program.refuse(numbers)
    for numbers in syscalls.PRETENDED.values():
        program.refuse(numbers, 0)
    for numbers in syscalls.OTHERS_FIRST.values():
        program.allow_values(numbers, 0, (0,))
    # no socket at all: one of AF_UNIX would reach the user's desktop, container and message buses by their paths.
    # Pairs stay, but for datagrams, which can be sent to any path
    program.refuse(syscalls.SOCKET)
    stream_kinds = (int(socket.SOCK_STREAM), int(socket.SOCK_SEQPACKET))
    program.allow_values(syscalls.SOCKETPAIR, 1, stream_kinds, _SOCK_TYPE_MASK)
    # reading with O_TRUNC cuts a file that may only be read, where Landlock is older than its third version
    program.refuse(syscalls.OPENAT2, errno.ENOSYS)
    for numbers, argument in ((syscalls.OPEN, 1), (syscalls.OPENAT, 2)):
        program.refuse_values(numbers, argument, (_O_TRUNC,), _O_TRUNC | _O_ACCMODE)


def _keep_signals(program: Program) -> None:
    for numbers in syscalls.SIGNALS.values():
        program.allow_values(numbers, 0, (_OWN_PID,))
    program.refuse(syscalls.PIDFD_SEND_SIGNAL)


def for_process(program: bytes, pid: int) -> bytes:
    """The filter for the process that will install it: it may send signals to itself."""
    return program.replace(struct.pack("I", _OWN_PID), struct.pack("I", pid))


class _Steps(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_void_p))


def install(program: bytes) -> None:
    """Puts the filter on this process for good. Needs no_new_privs; OSError when the kernel refuses."""
    buffer = ctypes.create_string_buffer(program, len(program))
    pointer = ctypes.byref(_Steps(len(program) // 8, ctypes.addressof(buffer)))
    check(libc.prctl(_PR_SET_SECCOMP, ctypes.c_ulong(_MODE_FILTER), pointer, 0, 0), "seccomp")
