"""A probe: a small function of the answers and some inputs, run in whatever world the answers live in.

The same probe runs in the jail on the student's names and in the judge on the reference. It travels as code
alone, so it must be closed: it may use its arguments, builtins and the few modules below, and nothing else of
the suite it was written in. That also keeps the suite's own values out of the jail.
"""

from __future__ import annotations

import builtins
import dis
import inspect
import marshal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from types import CodeType, FunctionType
from typing import Any

from grader.jail.probing import MODULES, PROBE_FILE, probe_function


class OpenProbeError(TypeError):
    """A probe that uses a name of its suite: it could carry a secret into the jail."""


@dataclass(frozen=True)
class Probe:
    """Code of a closed function `(m, *inputs) -> plain data`, with m the namespace of the answers."""

    code: CodeType
    parameters: tuple[str, ...]

    @classmethod
    def of(cls, function: Callable[..., Any]) -> Probe:
        """The probe that a function or lambda stands for; OpenProbeError names what it may not use."""
        if not isinstance(function, FunctionType) or function.__closure__ or function.__defaults__:
            raise OpenProbeError("a probe is a plain function without closure and defaults")
        if function.__kwdefaults__ or inspect.iscoroutinefunction(function):
            raise OpenProbeError("a probe has no keyword defaults and is no coroutine")
        return _probe_of(function.__code__)

    def function(self) -> Callable[..., Any]:
        """The probe as something to call, with globals of its own."""
        return probe_function(self.code)

    def to_bytes(self) -> bytes:
        """For the way into the jail: code alone, without what only its author reads.

        Student code can read what is asked of it; the names and sentences of the suite are not its business.
        """
        return _bare_bytes(self.code)


@cache
def _probe_of(code: CodeType) -> Probe:
    """The same for every submission: a suite's functions are made once."""
    for name in _global_names(code):
        if name not in MODULES and not hasattr(builtins, name):
            raise OpenProbeError(f"a probe may not use the name `{name}` of its suite: pass it as an input")
    return Probe(_anonymous(code), code.co_varnames[1 : code.co_argcount])


def _global_names(code: CodeType) -> Iterator[str]:
    for each in dis.get_instructions(code):
        if each.opname in ("LOAD_GLOBAL", "LOAD_NAME", "STORE_GLOBAL", "DELETE_GLOBAL", "IMPORT_NAME"):
            yield str(each.argval)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _global_names(constant)


def _anonymous(code: CodeType) -> CodeType:
    """The same code without the path of the suite."""
    constants = tuple(_anonymous(c) if isinstance(c, CodeType) else c for c in code.co_consts)
    return code.replace(co_filename=PROBE_FILE, co_consts=constants)


@cache
def _bare_bytes(code: CodeType) -> bytes:
    return marshal.dumps(_bare(code))


def _bare(code: CodeType) -> CodeType:
    """The same code without names, place, line numbers and docstring."""
    constants = tuple(_bare(each) if isinstance(each, CodeType) else each for each in code.co_consts)
    return code.replace(
        co_name=code.co_name if code.co_name.startswith("<") else "probe",
        co_qualname="probe",
        co_firstlineno=1,
        co_linetable=_one_line(len(code.co_code) // 2),
        co_consts=_without_docstring(code, constants),
    )


def _without_docstring(code: CodeType, constants: tuple[Any, ...]) -> tuple[Any, ...]:
    """A function keeps its docstring as the first constant; one that the code itself reads is no mere docstring."""
    used = any(each.opcode in dis.hasconst and each.arg == 0 for each in dis.get_instructions(code))
    return constants if used or not constants or not isinstance(constants[0], str) else (None, *constants[1:])


def _one_line(units: int) -> bytes:
    """A line table that places all instructions on the first line (form 13 of CPython's Objects/locations.md)."""
    return b"".join(bytes((0x80 | 13 << 3 | min(8, units - start) - 1, 0)) for start in range(0, units, 8))
