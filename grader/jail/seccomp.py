"""A seccomp filter: system calls that no student's notebook needs and that open doors fail with EPERM.

The filter is classic BPF, put together here: libseccomp is not on every machine, and its Python binding cannot be
used inside a minimal root.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct

from grader.jail.linux import CLONE_NEWNS, check, libc

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

# name: (x86_64, aarch64); numbers from 424 on are the same everywhere
_DENIED: dict[str, tuple[int, int]] = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "unshare": (272, 97),
    "setns": (308, 268),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "reboot": (169, 142),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "init_module": (175, 105),
    "delete_module": (176, 106),
    "finit_module": (313, 273),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "adjtimex": (159, 171),
    "clock_adjtime": (305, 266),
    "personality": (135, 92),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "perf_event_open": (298, 241),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "memfd_create": (319, 279),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "fanotify_init": (300, 262),
    "syslog": (103, 116),
    "vhangup": (153, 58),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "pidfd_getfd": (438, 438),
    "process_madvise": (440, 440),
    "mount_setattr": (442, 442),
    "quotactl_fd": (443, 443),
    "memfd_secret": (447, 447),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
}
_CLONE, _CLONE3, _SOCKET, _IOCTL = (56, 220), 435, (41, 198), (16, 29)
_AF_UNIX, _TIOCSTI = 1, 0x5412
# every namespace flag of clone(2): NEWNS and NEWCGROUP to NEWNET
_NAMESPACE_FLAGS = CLONE_NEWNS | 0x7E000000

_LOAD, _EQUAL, _ANY_BIT, _AT_LEAST, _RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
_ALLOW, _ERRNO, _KILL_PROCESS = 0x7FFF0000, 0x00050000, 0x80000000
_X32 = 0x40000000
_PR_SET_SECCOMP, _MODE_FILTER = 22, 2
_NUMBER, _ARCH, _ARGUMENT_0, _ARGUMENT_1 = 0, 4, 16, 24


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)


def _refuse(code: int) -> bytes:
    return _step(_RETURN, _ERRNO | code)


def _refuse_if_argument(number: int, offset: int, test: bytes) -> bytes:
    """For one call: load its argument and refuse when `test` (a jump over one step) says so."""
    body = _step(_LOAD, offset) + test + _refuse(errno.EPERM) + _step(_RETURN, _ALLOW)
    return _step(_EQUAL, number, 0, len(body) // 8) + body


def compile_filter(machine: str | None = None) -> bytes:
    """The filter's instructions for an architecture; KeyError for one that is not known here."""
    machine = machine or platform.machine()
    column = {"x86_64": 0, "aarch64": 1}[machine]
    program = _step(_LOAD, _ARCH) + _step(_EQUAL, _ARCHITECTURES[machine], 1, 0) + _step(_RETURN, _KILL_PROCESS)
    program += _step(_LOAD, _NUMBER)
    if machine == "x86_64":
        program += _step(_AT_LEAST, _X32, 0, 1) + _refuse(errno.ENOSYS)
    for numbers in _DENIED.values():
        program += _step(_EQUAL, numbers[column], 0, 1) + _refuse(errno.EPERM)
    # clone3 takes its flags by pointer, out of a filter's sight: ENOSYS makes libc fall back to clone
    program += _step(_EQUAL, _CLONE3, 0, 1) + _refuse(errno.ENOSYS)
    program += _refuse_if_argument(_CLONE[column], _ARGUMENT_0, _step(_ANY_BIT, _NAMESPACE_FLAGS, 0, 1))
    program += _refuse_if_argument(_SOCKET[column], _ARGUMENT_0, _step(_EQUAL, _AF_UNIX, 1, 0))
    program += _refuse_if_argument(_IOCTL[column], _ARGUMENT_1, _step(_EQUAL, _TIOCSTI, 0, 1))
    return program + _step(_RETURN, _ALLOW)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_void_p))


def install(program: bytes) -> None:
    """Puts the filter on this process for good. Needs no_new_privs; OSError when the kernel refuses."""
    buffer = ctypes.create_string_buffer(program, len(program))
    pointer = ctypes.byref(_Program(len(program) // 8, ctypes.addressof(buffer)))
    check(libc.prctl(_PR_SET_SECCOMP, ctypes.c_ulong(_MODE_FILTER), pointer, 0, 0), "seccomp")
