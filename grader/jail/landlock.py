"""Landlock: a process gives up the file system but for a few paths, TCP, and signals to others.

Numbers and structures are the kernel's (Documentation/userspace-api/landlock.rst); each right is used only where
the running kernel's ABI knows it.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Iterable

from grader.jail.linux import syscall

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_FLAG, _RULE_PATH_BENEATH = 1, 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_TRUNCATE, _IOCTL_DEV, _REFER = 1 << 14, 1 << 15, 1 << 13
_FILE_RIGHTS = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
_NET_BIND_AND_CONNECT, _SCOPE_ABSTRACT_AND_SIGNAL = 0b11, 0b11

SCOPES_FROM = 6
"""The first ABI that keeps signals and abstract sockets to the process and its children."""


def abi() -> int:
    """The Landlock version of this kernel; 0 when it has none."""
    try:
        return syscall(_CREATE_RULESET, 0, 0, _VERSION_FLAG)
    except OSError:
        return 0


def restrict(readable: Iterable[str], writable: Iterable[str], version: int) -> None:
    """Confines this process for good: `readable` trees and devices, `writable` trees, nothing else.

    version: the rights of this ABI are used (`abi()`, or less). Needs no_new_privs; OSError when the kernel refuses.
    """
    if version == 0:
        raise OSError("this kernel has no Landlock")
    every = _rights(version)
    ruleset = _create(version, every)
    try:
        for path in readable:
            _allow(ruleset, path, _EXECUTE | _READ_FILE | _READ_DIR)
        for path in writable:
            _allow(ruleset, path, every & ~_EXECUTE)
        syscall(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _rights(version: int) -> int:
    rights = (1 << 13) - 1
    if version >= 2:
        rights |= _REFER
    if version >= 3:
        rights |= _TRUNCATE
    if version >= 5:
        rights |= _IOCTL_DEV
    return rights


def _create(version: int, rights: int) -> int:
    fields = [rights]
    if version >= 4:
        fields.append(_NET_BIND_AND_CONNECT)
    if version >= SCOPES_FROM:
        fields.append(_SCOPE_ABSTRACT_AND_SIGNAL)
    attributes = struct.pack(f"{len(fields)}Q", *fields)
    return syscall(_CREATE_RULESET, attributes, len(attributes), 0)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, PermissionError):
        return  # what is not there, or not for this user, stays closed
    try:
        if not stat.S_ISDIR(os.fstat(fd).st_mode):
            rights &= _FILE_RIGHTS
        rule = ctypes.create_string_buffer(struct.pack("=Qi", rights, fd))
        syscall(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, rule, 0)
    finally:
        os.close(fd)
