"""The operators' side: keeps the places of all results, and raises where a real GPU would.

Every operator that PyTorch runs passes here, backward passes too. What may meet what follows PyTorch's own rules:
0-d tensors on the CPU and indices from the CPU may meet tensors on the GPU, `copy_` crosses over, the rest must be on
one device. An operator that is not known here is let through, and counts as a doubt when devices meet in it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from enum import Enum
from functools import cache
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from grader.jail.pretend.errors import INDICES, TWO_DEVICES, Clue, DeviceError
from grader.jail.pretend.places import Line, Origin, Place, Places, Record, key_of, tensors_in

MOST_OPERATORS = 4000
"""So many operators of one answer are followed, about 0.1 s: a training loop may be cut off."""


class EnoughError(BaseException):
    """The answer was followed long enough; not an Exception, so that `except Exception` does not go on."""


class Rule(Enum):
    """Which tensors of an operator must be on one device."""

    FREE = "none: it crosses over"
    POINTWISE = "all but 0-d ones on the CPU"
    STRICT = "all"
    INDEX = "index and value, or an index from the CPU"
    FOREACH = "those at the same place of the lists"
    UNKNOWN = "nobody knows"


_FREE = frozenset({"copy_", "copy", "_to_copy", "set_", "_local_scalar_dense", "resize_", "lift_fresh", "_copy_from"})
_INDEX = frozenset({"index", "index_put", "index_put_", "_index_put_impl_", "_unsafe_index", "_unsafe_index_put"})
_STRICT = frozenset(
    {
        *("mm", "addmm", "addmm_", "bmm", "baddbmm", "mv", "addmv", "dot", "vdot", "addr", "linear", "cat", "stack"),
        *("gather", "scatter", "scatter_", "scatter_add", "scatter_add_", "index_select", "index_add", "index_add_"),
        *("index_copy", "index_copy_", "take", "masked_select", "masked_scatter", "masked_scatter_", "equal"),
        *("embedding", "nll_loss_forward", "nll_loss_backward", "nll_loss2d_forward", "convolution"),
        *("convolution_backward", "native_batch_norm", "native_layer_norm", "_cdist_forward", "_linalg_solve_ex"),
    }
)
_AS_POINTWISE = frozenset(
    {
        *("masked_fill", "masked_fill_", "index_fill", "index_fill_", "mse_loss", "mse_loss_backward"),
        *("binary_cross_entropy", "binary_cross_entropy_with_logits", "smooth_l1_loss", "huber_loss", "where"),
    }
)


@cache
def rule_of(operator: Any) -> Rule:
    name = operator._schema.name.rpartition("::")[2]
    if name in _FREE:
        return Rule.FREE
    if name in _INDEX:
        return Rule.INDEX
    if name in _STRICT:
        return Rule.STRICT
    if name.startswith("_foreach_"):
        return Rule.FOREACH
    is_pointwise = name in _AS_POINTWISE or torch.Tag.pointwise in operator.tags
    return Rule.POINTWISE if is_pointwise else Rule.UNKNOWN


@cache
def _written(operator: Any) -> tuple[int, ...]:
    """Positions of the arguments that an operator writes into."""
    arguments = enumerate(operator._schema.arguments)
    return tuple(position for position, each in arguments if each.alias_info is not None and each.alias_info.is_write)


class OperatorMode(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Follows every operator. calling: the torch function that runs, None while the author's code calls none.

    stray: the place to which the answer must not go; tensors there are the ones that get the blame.
    """

    # otherwise torch refuses its higher-order operators under a mode
    supports_higher_order_operators = True

    def __init__(self, places: Places, stray: Place) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.places, self.stray = places, stray
        self.calling: Callable[..., Any] | None = None
        self.wild = False
        """Whether something was made whose place is open, since this was last reset."""
        self._count = 0

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # skipping would import torch._dynamo, a second or more

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self._count += 1
        if self._count > MOST_OPERATORS:
            raise EnoughError
        with torch._C.DisableTorchFunction():
            if not isinstance(func, torch._ops.OpOverload):
                self.places.doubt("an operator of higher order")
                return func(*args, **(kwargs or {}))
            given = list(tensors_in(args))
            if kwargs:
                given += tensors_in(kwargs)
            record = self._meet(func, args, given)
            result = func(*args, **kwargs) if kwargs else func(*args)
            self._record(func, args, result, record)
        return result

    def _meet(self, func: Any, args: Any, given: Sequence[torch.Tensor]) -> Record | None:
        """Where the result will be; raises what a GPU would where devices meet. None without any tensor."""
        if not given:
            return None
        if len(given) == 1:
            return self.places.of(given[0])
        records = [self.places.of(each) for each in given]
        places = {each.place for each in records}
        if len(places) == 1:
            return records[0]
        rule = rule_of(func)
        if rule is Rule.FREE or rule is Rule.FOREACH:
            return records[0]
        if Place.GPU in places and Place.CPU in places:
            try:
                self._judge(rule, func, args, given, records)
            except DeviceError:
                if not _in_backward():
                    raise
                return Record(Place.OPEN, Origin("unseen"))
        if rule is Rule.INDEX:
            return records[0]
        self._settle_open(given, records)
        return _deciding(given, records)

    def _settle_open(self, given: Sequence[torch.Tensor], records: Sequence[Record]) -> None:
        """What is open and meets the GPU must have been there; a 0-d tensor need not."""
        on_gpu = next((each for each in records if each.place is Place.GPU), None)
        for tensor, record in zip(given, records, strict=True):
            if on_gpu and record.place is Place.OPEN and tensor.dim():
                self.places.put(tensor, Place.GPU, on_gpu.origin)

    def _judge(
        self, rule: Rule, func: Any, args: Any, given: Sequence[torch.Tensor], records: Sequence[Record]
    ) -> None:
        if rule is Rule.UNKNOWN:
            self.places.doubt(f"tensors of two devices meet in {func._schema.name}")
            return
        if rule is Rule.INDEX:
            self._judge_index(func, args)
            return
        written = {id(each) for position in _written(func) for each in tensors_in(args[position : position + 1])}
        bound = [
            (tensor, record)
            for tensor, record in zip(given, records, strict=True)
            if rule is Rule.STRICT or record.place is not Place.CPU or tensor.dim() or id(tensor) in written
        ]
        if {Place.GPU, Place.CPU} <= {record.place for _, record in bound}:
            tensor, record = next(each for each in bound if each[1].place is self.stray)
            into = record.place is Place.CPU and id(tensor) in written
            raise self._error(TWO_DEVICES, "written" if into else "mixed", tensor, record)

    def _judge_index(self, func: Any, args: Any) -> None:
        """Reading from the CPU takes no index from the GPU. Writing takes any; its value is on its device, or 0-d."""
        table, home = args[0], self.places.of(args[0])
        values = list(tensors_in(args[2:3]))
        if not values and home.place is Place.CPU:
            other = next(each for each in tensors_in(args[1:2]) if self.places.of(each).place is Place.GPU)
            blamed = table if self.stray is Place.CPU else other
            raise self._error(INDICES, "indexed", blamed, self.places.of(blamed))
        for value in values:
            record = self.places.of(value)
            if value.dim() and {home.place, record.place} == {Place.GPU, Place.CPU}:
                blamed = value if record.place is self.stray else table
                kind = "written" if blamed is table else "mixed"
                raise self._error(TWO_DEVICES, kind, blamed, self.places.of(blamed))

    def _error(self, message: str, kind: str, tensor: torch.Tensor, record: Record) -> DeviceError:
        return DeviceError(message, Clue(kind, key_of(tensor), record.place, record.origin, self.places.line()))

    def _record(self, func: Any, args: Any, result: Any, record: Record | None) -> None:
        if record is None or func._schema.name == "aten::lift_fresh":
            for each in tensors_in(result):
                self._made(each)
            return
        if rule_of(func) is Rule.FOREACH and isinstance(result, list | tuple):
            for each, source in zip(result, args[0], strict=False):
                if not self.places.knows(each):
                    found = self.places.of(source)
                    self.places.put(each, found.place, found.origin)
            return
        for each in tensors_in(result):
            if not self.places.knows(each):
                self.places.put(each, record.place, record.origin)
                self.wild |= record.place is Place.OPEN

    def _made(self, tensor: torch.Tensor) -> None:
        """Something new, from no tensor. The function that makes it places it afterwards, if it knows where.

        Where the author's own line made it outside of any torch function, an old constructor (`torch.Tensor`) or
        `from_numpy` did: on the CPU. In a backward pass and elsewhere nobody knows.
        """
        if self.calling is None and (line := self._authors_own_line()):
            how = "numpy" if "numpy" in line.text else "constructor"
            self.places.put(tensor, Place.CPU, Origin(how, line))
            return
        self.places.put(tensor, Place.OPEN, Origin("unseen"))
        self.wild = True

    def _authors_own_line(self) -> Line | None:
        frame = sys._getframe(1)
        while frame.f_code.co_filename == __file__ and frame.f_back is not None:
            frame = frame.f_back
        return self.places.line() if self.places.is_authors(frame.f_code.co_filename) else None


def _in_backward() -> bool:
    """Whether autograd's engine runs. It moves what it passes on, unseen, so nobody can tell who meets whom there."""
    return bool(torch._C._current_graph_task_id() != -1)


def _deciding(given: Sequence[torch.Tensor], records: Sequence[Record]) -> Record:
    """The record that decides where a result is: one on the GPU, else an open one, else the first larger one."""
    for place in (Place.GPU, Place.OPEN):
        for record in records:
            if record.place is place:
                return record
    return next((r for t, r in zip(given, records, strict=True) if t.dim()), records[0])
