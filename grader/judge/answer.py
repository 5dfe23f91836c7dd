"""`answer`: what a case of a suite asks. It runs a probe, judges what came back, and raises `CaseFailedError`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from grader.course import Exercise
from grader.jail import wire
from grader.judge.compare import Difference, Tolerance, compare, describe
from grader.judge.probe import Probe
from grader.judge.world import Reply, World
from grader.verdict import Finding, ForbiddenCall, Outcome


class CaseFailedError(AssertionError):
    """A case's answer is not right; `finding` says in which clause, `mistake` which known one it looks like."""

    def __init__(self, finding: Finding, mistake: str = "") -> None:
        super().__init__(finding.message)
        self.finding = finding
        self.mistake = mistake


class ReferenceFailedError(RuntimeError):
    """The reference itself gave no value: the suite is at fault, never the student."""


@dataclass(frozen=True)
class Asked:
    """One probe that was put to an answer, and what came of it: the material for recognising a mistake."""

    probe: Probe
    payload: bytes
    reply: Reply
    tolerance: Tolerance
    scalar: bool


class Answer:
    """One exercise's answer in some world.

    Inputs are anything that travels (tensors, arrays, numbers, text, lists, tuples, dicts); they are copied for
    every call. Probes are closed functions of the answers' namespace and the inputs; see `grader.judge.probe`.
    """

    def __init__(self, exercise: Exercise, world: World, reference: World | None = None) -> None:
        self.exercise = exercise
        self.asked: list[Asked] = []
        self.forbidden: list[ForbiddenCall] = []
        self._world = world
        self._reference = reference

    def value(self, probe: Callable[..., Any], *inputs: Any) -> Any:
        """What the probe returned, as fresh plain data; CaseFailedError when it returned nothing."""
        return self._ask(Probe.of(probe), inputs, wire.encode(inputs), Tolerance(), scalar=False).value

    def agrees(
        self,
        probe: Callable[..., Any],
        *inputs: Any,
        tolerance: Tolerance = Tolerance(),
        scalar: bool = False,
        axes: tuple[str, ...] | None = None,
        unchanged: bool = False,
    ) -> None:
        """The answer gives what the reference gives: type, shape, dtype and values within `tolerance`.

        unchanged: the inputs must also be as they were before the call.
        """
        if self._reference is None:
            raise ReferenceFailedError("this suite has no reference solution; use `gives` with an expected value")
        closed = Probe.of(probe)
        payload = wire.encode(inputs)
        expected = self._reference.call(closed, payload, ())
        if expected.status != "returned":
            raise ReferenceFailedError(f"the reference of `{self.exercise.name}`: {expected}")
        reply = self._ask(closed, inputs, payload, tolerance, scalar=scalar)
        self._judge(closed, inputs, reply, expected.value, tolerance, scalar=scalar, axes=axes)
        if unchanged:
            self._require_unchanged(closed, inputs, reply)

    def gives(
        self,
        probe: Callable[..., Any],
        *inputs: Any,
        expected: Any,
        mistaken: Mapping[str, Any] | None = None,
        tolerance: Tolerance = Tolerance(),
        scalar: bool = False,
        axes: tuple[str, ...] | None = None,
        unchanged: bool = False,
    ) -> None:
        """The answer gives `expected`, a value that the suite states itself.

        mistaken: what known mistakes give for these inputs, by their names; one that fits is named.
        """
        closed = Probe.of(probe)
        reply = self._ask(closed, inputs, wire.encode(inputs), tolerance, scalar=scalar)
        try:
            self._judge(closed, inputs, reply, expected, tolerance, scalar=scalar, axes=axes)
        except CaseFailedError as error:
            for name, value in (mistaken or {}).items():
                if compare(reply.value, value, tolerance=tolerance, scalar=scalar) is None:
                    raise CaseFailedError(error.finding, name) from None
            raise
        if unchanged:
            self._require_unchanged(closed, inputs, reply)

    def raises(self, kind: str, probe: Callable[..., Any], *inputs: Any) -> None:
        """The answer raises an exception of the type named `kind`, or of one derived from it."""
        closed = Probe.of(probe)
        reply = self._call(closed, wire.encode(inputs), Tolerance(), scalar=False)
        if reply.status == "returned":
            message = f"The call should raise {kind}, but it returned."
            self._fail(closed, inputs, Difference(message, describe(reply.value), kind))
        if reply.raised is None or kind not in reply.raised.kinds:
            self._fail_without_value(closed, inputs, reply)

    def holds(self, condition: bool, message: str) -> None:
        """A property of values that came back; `message` is the sentence when it does not hold."""
        if condition is not True:
            raise CaseFailedError(Finding(Outcome.WRONG, message))

    def _call(self, probe: Probe, payload: bytes, tolerance: Tolerance, *, scalar: bool) -> Reply:
        reply = self._world.call(probe, payload, self.exercise.forbidden)
        self.asked.append(Asked(probe, payload, reply, tolerance, scalar))
        self.forbidden.extend(reply.forbidden)
        return reply

    def _ask(
        self, probe: Probe, inputs: tuple[Any, ...], payload: bytes, tolerance: Tolerance, *, scalar: bool
    ) -> Reply:
        reply = self._call(probe, payload, tolerance, scalar=scalar)
        if reply.status != "returned":
            self._fail_without_value(probe, inputs, reply)
        return reply

    def _judge(
        self,
        probe: Probe,
        inputs: tuple[Any, ...],
        reply: Reply,
        expected: Any,
        tolerance: Tolerance,
        *,
        scalar: bool,
        axes: tuple[str, ...] | None,
    ) -> None:
        names = self.exercise.axes if axes is None else axes
        difference = compare(reply.value, expected, tolerance=tolerance, axes=names, scalar=scalar)
        if difference is not None:
            self._fail(probe, inputs, difference)

    def _require_unchanged(self, probe: Probe, inputs: tuple[Any, ...], reply: Reply) -> None:
        exact = Tolerance(0.0, 0.0)
        for name, before, after in zip(probe.parameters, inputs, reply.inputs, strict=False):
            difference = compare(after, before, tolerance=exact)
            if difference is not None:
                self._fail(probe, inputs, Difference(f"The call changed its input `{name}`."))
        if len(reply.inputs) != len(inputs):
            self._fail(probe, inputs, Difference("The call changed its inputs."))

    def _fail(self, probe: Probe, inputs: tuple[Any, ...], difference: Difference) -> None:
        raise CaseFailedError(
            Finding(
                Outcome.WRONG,
                difference.message,
                self._written(probe, inputs),
                difference.wrong,
                difference.worst,
                difference.yours,
                difference.expected,
            )
        )

    def _fail_without_value(self, probe: Probe, inputs: tuple[Any, ...], reply: Reply) -> None:
        raise CaseFailedError(_finding_without_value(reply, self._written(probe, inputs)))

    def _written(self, probe: Probe, inputs: tuple[Any, ...]) -> str:
        """The call with shapes, never the contents: `softmax(x)  with x float32[4, 3]`."""
        shapes = ", ".join(f"{n} {describe(v)}" for n, v in zip(probe.parameters, inputs, strict=False))
        return f"{self.exercise.name}({', '.join(probe.parameters)})" + (f"  with {shapes}" if shapes else "")


def _finding_without_value(reply: Reply, call: str) -> Finding:
    if reply.status == "missing":
        return Finding(Outcome.MISSING, f"The notebook does not define `{reply.note}`.", call)
    if reply.status == "timed out":
        return Finding(Outcome.TIMED_OUT, f"The call did not return{_because(reply.note)}.", call)
    if reply.status == "crashed":
        return Finding(Outcome.CRASHED, f"The call ended the whole process{_because(reply.note)}.", call)
    if reply.status == "unreadable" or reply.raised is None:
        return Finding(Outcome.WRONG, f"The result could not be read{_because(reply.note)}.", call)
    raised = reply.raised
    line = f"{raised.cell} line {raised.line}: {raised.text}" if raised.line else ""
    if "NotImplementedError" in raised.kinds:
        return Finding(Outcome.NOT_ATTEMPTED, "The exercise is as it was released.", call, line=line)
    words = f": {raised.message}" if raised.message else ""
    return Finding(Outcome.CRASHED, f"The call raised {raised.kinds[0]}{words}", call, line=line)


def _because(note: str) -> str:
    return f": {note}" if note else ""
