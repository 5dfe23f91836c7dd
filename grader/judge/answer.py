"""`answer`: what a case of a suite asks. It runs a probe, judges what came back, and raises `CaseFailedError`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from grader.course import Exercise
from grader.jail import wire
from grader.jail.faults import FAULTS, fault_of
from grader.jail.system import JailError
from grader.judge.compare import Difference, Tolerance, compare, describe
from grader.judge.drawing import drawing_of
from grader.judge.places import astray
from grader.judge.probe import Probe
from grader.judge.world import Reply, World
from grader.verdict import Finding, ForbiddenCall, Grid, Outcome


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
    """One probe that was put to an answer, and what came of it: the material for recognising a mistake.

    essence: what counts of a value that is partly left to chance; two answers with one essence are the same.
    """

    probe: Probe
    payload: bytes
    reply: Reply
    tolerance: Tolerance = Tolerance()
    scalar: bool = False
    essence: Callable[[Any], Any] | None = None


class Answer:
    """One exercise's answer in some world.

    Inputs are anything that travels (tensors, arrays, numbers, text, lists, tuples, dicts); they are copied for
    every call. Probes are closed functions of the answers' namespace and the inputs; see `grader.judge.probe`.
    """

    def __init__(self, exercise: Exercise, world: World, reference: World | None = None) -> None:
        self.exercise = exercise
        self.asked: list[Asked] = []
        self.forbidden: list[ForbiddenCall] = []
        self.unwatched = False
        self._world = world
        self._reference = reference

    def value(
        self,
        probe: Callable[..., Any],
        *inputs: Any,
        essence: Callable[[Any], Any] | None = None,
        call: str = "",
    ) -> Any:
        """What the probe returned, as fresh plain data; CaseFailedError when it returned nothing.

        essence: for answers that chance has a part in, turns a value into what two like answers have in common
        (plain data, compared as results are), so that mistakes can be recognised. Of one question it is the same
        function for everybody: what it makes of a known mistake's value is worked out once for a class. call: how
        the call is written for its author, where `name(inputs)` would not say it; the shapes of the inputs follow.
        """
        asked = _Question(Probe.of(probe), inputs, call=call, essence=essence)
        return self._ask(asked).value

    def agrees(
        self,
        probe: Callable[..., Any],
        *inputs: Any,
        tolerance: Tolerance = Tolerance(),
        scalar: bool = False,
        axes: tuple[str, ...] | None = None,
        unchanged: bool = False,
        call: str = "",
    ) -> None:
        """The answer gives what the reference gives: type, shape, dtype and values within `tolerance`.

        unchanged: the inputs must also be as they were before the call.
        """
        if self._reference is None:
            raise ReferenceFailedError("this suite has no reference solution; use `gives` with an expected value")
        question = _Question(Probe.of(probe), inputs, tolerance, scalar=scalar, axes=axes, call=call)
        expected = self._of_reference(self._reference, question)
        if expected.status != "returned":
            raise ReferenceFailedError(f"the reference of `{self.exercise.name}`: {expected}")
        reply = self._ask(question)
        self._judge(question, reply, expected.value)
        if unchanged:
            self._require_unchanged(question, reply)

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
        call: str = "",
    ) -> None:
        """The answer gives `expected`, a value that the suite states itself.

        mistaken: what known mistakes give for these inputs, by their names; one that fits is named.
        """
        question = _Question(Probe.of(probe), inputs, tolerance, scalar=scalar, axes=axes, call=call)
        reply = self._ask(question)
        try:
            self._judge(question, reply, expected)
        except CaseFailedError as error:
            for name, value in (mistaken or {}).items():
                if compare(reply.value, value, tolerance=tolerance, scalar=scalar) is None:
                    raise CaseFailedError(error.finding, name) from None
            raise
        if unchanged:
            self._require_unchanged(question, reply)

    def raises(self, kind: str, probe: Callable[..., Any], *inputs: Any, call: str = "") -> None:
        """The answer raises an exception of the type named `kind`, or of one derived from it."""
        question = _Question(Probe.of(probe), inputs, call=call)
        reply = self._reply(question)
        if reply.status == "returned":
            message = f"The call should raise {kind}, but it returned."
            self._fail(question, Difference(message, describe(reply.value), kind))
        if reply.raised is None or kind not in reply.raised.kinds:
            raise CaseFailedError(_finding_without_value(reply, self._written(question)))

    def holds(
        self,
        condition: bool,
        message: str,
        *,
        yours: str = "",
        expected: str = "",
        call: str = "",
        mistake: str = "",
    ) -> None:
        """A property of values that came back; `message` is the sentence when it does not hold.

        mistake: the known mistake that a failure shows, where the case can tell.
        """
        if condition is not True:
            raise CaseFailedError(Finding(Outcome.WRONG, message, call, yours=yours, expected=expected), mistake)

    def _reply(self, question: _Question) -> Reply:
        """The reply to a question; one that was put before is not put again."""
        for earlier in self.asked:
            if (earlier.probe.code, earlier.payload) == (question.probe.code, question.payload):
                return earlier.reply
        reply = self._world.call(
            question.probe, question.payload, self.exercise.forbidden, seconds=self.exercise.seconds
        )
        how = (question.tolerance, question.scalar, question.essence)
        self.asked.append(Asked(question.probe, question.payload, reply, *how))
        self.forbidden.extend(reply.forbidden)
        self.unwatched |= reply.unwatched
        return reply

    def _ask(self, question: _Question) -> Reply:
        reply = self._reply(question)
        if reply.status != "returned":
            raise CaseFailedError(_finding_without_value(reply, self._written(question)))
        self._require_place(question, reply)
        return reply

    def _of_reference(self, reference: World, question: _Question) -> Reply:
        """What the reference gives. JailError where the GPU failed it: a fresh judge may yet do it."""
        reply = reference.call(question.probe, question.payload, ())
        fault = fault_of(reply.raised.kinds, reply.raised.message) if reply.raised else ""
        if fault:
            raise JailError(f"the GPU failed the judge itself ({FAULTS[fault]})")
        return reply

    def _require_place(self, question: _Question, reply: Reply) -> None:
        """On a GPU the result lies where the inputs do; a scalar may be a plain number, which lies nowhere."""
        if getattr(self._reference, "device", "cpu") == "cpu" or question.scalar:
            return
        assert self._reference is not None
        difference = astray(reply, self._of_reference(self._reference, question))
        if difference is not None:
            self._fail(question, difference)

    def _judge(self, question: _Question, reply: Reply, expected: Any) -> None:
        axes, scalar = self._axes(question), question.scalar
        difference = compare(reply.value, expected, tolerance=question.tolerance, axes=axes, scalar=scalar)
        if difference is not None:
            self._fail(question, difference, self._drawing(question, reply, expected, difference))

    def _drawing(self, question: _Question, reply: Reply, expected: Any, difference: Difference) -> tuple[Grid, ...]:
        """A picture of what went wrong; of hidden cases, which have a reference, there is none to give away."""
        if self._reference is not None:
            return ()
        inputs = dict(zip(question.probe.parameters, question.inputs, strict=False))
        compared = {"yours": reply.value, "expected": expected, "difference": difference}
        return drawing_of(inputs, **compared, tolerance=question.tolerance, axes=self._axes(question))

    def _axes(self, question: _Question) -> tuple[str, ...]:
        return self.exercise.axes if question.axes is None else question.axes

    def _require_unchanged(self, question: _Question, reply: Reply) -> None:
        exact = Tolerance(0.0, 0.0)
        for name, before, after in zip(question.probe.parameters, question.inputs, reply.inputs, strict=False):
            if compare(after, before, tolerance=exact) is not None:
                self._fail(question, Difference(f"The call changed its input `{name}`."))
        if len(reply.inputs) != len(question.inputs):
            self._fail(question, Difference("The call changed its inputs."))

    def _fail(self, question: _Question, difference: Difference, drawing: tuple[Grid, ...] = ()) -> NoReturn:
        told, call = difference, self._written(question)
        values = (told.wrong, told.worst, told.yours, told.expected)
        raise CaseFailedError(Finding(Outcome.WRONG, told.message, call, *values, drawing=drawing))

    def _written(self, question: _Question) -> str:
        """The call with shapes, never the contents: `softmax(x)  with x float32[4, 3]`."""
        names = question.probe.parameters
        shapes = ", ".join(f"{n} {describe(v)}" for n, v in zip(names, question.inputs, strict=False))
        call = question.call or f"{self.exercise.name}({', '.join(names)})"
        return call + (f"  with {shapes}" if shapes else "")


class _Question:
    """A probe with its inputs and how what comes back is to be judged; the inputs are encoded once."""

    def __init__(
        self,
        probe: Probe,
        inputs: tuple[Any, ...],
        tolerance: Tolerance = Tolerance(),
        *,
        scalar: bool = False,
        axes: tuple[str, ...] | None = None,
        call: str = "",
        essence: Callable[[Any], Any] | None = None,
    ) -> None:
        self.probe, self.inputs, self.payload = probe, inputs, wire.encode(inputs)
        self.tolerance, self.scalar, self.essence = tolerance, scalar, essence
        self.axes, self.call = axes, call


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
