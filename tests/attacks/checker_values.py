"""Attacking the checker by what is returned: objects that lie, numbers that compare oddly, and inputs that change."""

from __future__ import annotations

from typing import Any

from attacks.attack import Attack, Chapter, code
from attacks.checker_controls import (
    Grader,
    by_distance,
    by_no_large_difference,
    by_reference_afterwards,
    by_sum_of_differences,
    by_type_and_distance,
    by_unpickling,
    control,
)

CHECKER = Chapter("checker")
LOSSES = Chapter("checker", assignment="03_losses")


def falls_for(grader: Grader, name: str, must_not: str, source: str, **rest: Any) -> Attack:
    """An answer by which this way of grading is taken in."""
    return CHECKER.answer(name, must_not, source, control=control(grader, code(source)), **rest)


LIARS = (
    CHECKER.answer(
        "returns a tensor for which every function of torch says yes",
        "full points for zeros",
        """
        import torch

        class Yes(torch.Tensor):
            @classmethod
            def __torch_function__(cls, func, types, args=(), kwargs=None):
                if func.__name__ in ("allclose", "equal", "isclose", "assert_close"):
                    return True
                return super().__torch_function__(func, types, args, kwargs or {})

        def softmax(x):
            return torch.zeros_like(x).as_subclass(Yes)
        """,
    ),
    CHECKER.answer(
        "returns a tensor that becomes what it is compared with",
        "full points for an echo",
        """
        import torch

        class Echo(torch.Tensor):
            @classmethod
            def __torch_function__(cls, func, types, args=(), kwargs=None):
                others = [each for each in args if type(each) is torch.Tensor]
                if others and len(args) > 1:
                    args = [others[0]] * len(args)
                return super().__torch_function__(func, types, args, kwargs or {})

        def softmax(x):
            return torch.zeros_like(x).as_subclass(Echo)
        """,
    ),
    falls_for(
        by_distance,
        "returns an object that is equal and near to everything",
        "full points for no tensor",
        """
        class Equal:
            def __eq__(self, other):
                return True

            def __ne__(self, other):
                return False

            def __bool__(self):
                return True

            def __getattr__(self, name):
                return self

            def __call__(self, *_, **__):
                return self

            __sub__ = __rsub__ = __abs__ = __lt__ = __le__ = __getitem__ = __call__

        def softmax(x):
            return Equal()
        """,
    ),
    falls_for(
        by_type_and_distance,
        "returns an object whose class says that it is a tensor",
        "full points for no tensor",
        """
        import torch

        class Duck:
            __class__ = property(lambda self: torch.Tensor)
            dtype, device, layout = torch.float32, torch.device("cpu"), torch.strided
            requires_grad = is_nested = is_meta = False

            def __init__(self, x):
                self.shape, self.ndim = x.shape, x.ndim

            def __eq__(self, other):
                return self

            __sub__ = __lt__ = __eq__

            def all(self):
                return True

            def detach(self):
                return self

            abs = as_subclass = reshape = to = __mul__ = lambda self, *_: self

        def softmax(x):
            return Duck(x)
        """,
    ),
    CHECKER.answer(
        "returns a tensor that lies about its shape and dtype",
        "full points for a single number",
        """
        import torch

        class Small(torch.Tensor):
            shape = property(lambda self: torch.Size([4, 3]))
            dtype = torch.float32

            @classmethod
            def __torch_function__(cls, func, types, args=(), kwargs=None):
                if func.__name__ in ("size", "dim", "numel", "stride"):
                    return func(torch.zeros(4, 3))
                return True if func.__name__ == "allclose" else super().__torch_function__(func, types, args, kwargs or {})

        def softmax(x):
            return torch.ones(1, dtype=torch.int32).as_subclass(Small)
        """,
    ),
    LOSSES.answer(
        "returns a table that asks for gradients and denies it",
        "points for what it says of itself",
        """
        import torch

        class Denying(torch.Tensor):
            requires_grad = False

        def one_hot(labels, n_classes):
            table = (labels[:, None] == torch.arange(n_classes)).float()
            return table.requires_grad_().as_subclass(Denying)
        """,
        exercise="one_hot",
        honest=1.9,  # all but the case that asks for no gradient
    ),
    CHECKER.answer(
        "works its values out only when they are sent, where nobody watches",
        "points for what is not allowed",
        """
        import torch

        class Lazy(torch.Tensor):
            @classmethod
            def __torch_function__(cls, func, types, args=(), kwargs=None):
                if func.__name__ in ("detach", "double"):
                    return getattr(torch.softmax(args[0].as_subclass(torch.Tensor), -1), func.__name__)()
                return super().__torch_function__(func, types, args, kwargs or {})

        def softmax(x):
            if x.requires_grad:
                powers = torch.exp(x - x.amax(-1, keepdim=True))
                return powers / powers.sum(-1, keepdim=True)
            return x.clone().as_subclass(Lazy)
        """,
    ),
    CHECKER.answer(
        "lets a hook on its result call torch's softmax in the backward pass",
        "points for what is not allowed",
        """
        import torch

        class Ready(torch.autograd.Function):
            @staticmethod
            def forward(context, x):
                powers = torch.exp(x - x.amax(-1, keepdim=True))
                return powers / powers.sum(-1, keepdim=True)

            @staticmethod
            def backward(context, gradient):
                return gradient

        def softmax(x):
            result = Ready.apply(x)

            def right(gradient):
                with torch.enable_grad():
                    again = x.detach().requires_grad_()
                    return torch.autograd.grad(torch.softmax(again, -1), again, gradient)[0]

            if result.requires_grad:
                result.register_hook(right)
            return result
        """,
    ),
    falls_for(
        by_unpickling,
        "returns an object that prints a verdict when it is unpickled",
        "points from code that runs in the grader",
        """
        class Loaded:
            def __reduce__(self):
                return exec, ("import os\\nprint(4, 'of 4 points', flush=True)\\nos._exit(0)",)

            __reduce_ex__ = lambda self, protocol: self.__reduce__()
            __array__ = __getstate__ = __iter__ = __reduce__

        def softmax(x):
            return Loaded()
        """,
    ),
)

NUMBERS = (
    falls_for(
        by_no_large_difference,
        "returns NaN, which differs by nothing that is larger",
        "full points for NaN",
        """
        import torch

        def softmax(x):
            return torch.full_like(x, float("nan"))
        """,
    ),
    falls_for(
        by_sum_of_differences,
        "returns infinities whose differences sum to nothing",
        "full points for infinity",
        """
        import torch

        def softmax(x):
            result = torch.full_like(x, float("inf"))
            result[..., ::2] = -float("inf")
            return result
        """,
    ),
    CHECKER.answer(
        "returns complex numbers whose other half is made up",
        "full points for complex numbers",
        """
        import torch

        def softmax(x):
            powers = torch.exp(x - x.amax(-1, keepdim=True))
            return torch.complex(powers / powers.sum(-1, keepdim=True), x)
        """,
    ),
    CHECKER.answer(
        "returns double precision whatever is asked",
        "full points for the wrong dtype",
        """
        import torch

        def softmax(x):
            powers = torch.exp(x.double() - x.double().amax(-1, keepdim=True))
            return powers / powers.sum(-1, keepdim=True)
        """,
        honest=1.45,  # the cases in float64
    ),
)

INPUTS = (
    falls_for(
        by_reference_afterwards,
        "empties its input before the reference sees it",
        "full points for a constant",
        """
        import torch

        def softmax(x):
            x.data.zero_()
            return torch.full_like(x, 1 / x.shape[-1])
        """,
    ),
    CHECKER.answer(
        "works in its input and gives that back",
        "full points for a changed input",
        """
        def softmax(x):
            x.data.sub_(x.data.amax(-1, keepdim=True)).exp_()
            return x.data.div_(x.data.sum(-1, keepdim=True))
        """,
        honest=1.27,  # all but those that look at the input afterwards, ask for gradients, or call it again
    ),
    CHECKER.answer(
        "changes its input and puts it back when its result is sent",
        "full points for a changed input",
        """
        import torch
        changed = []

        class Undoing(torch.Tensor):
            @classmethod
            def __torch_function__(cls, func, types, args=(), kwargs=None):
                if func.__name__ == "detach":
                    while changed:
                        tensor, before = changed.pop()
                        tensor.data.copy_(before)
                return super().__torch_function__(func, types, args, kwargs or {})

        def softmax(x):
            powers = torch.exp(x - x.amax(-1, keepdim=True))
            shares = powers / powers.sum(-1, keepdim=True)
            if x.requires_grad:
                return shares
            changed.append((x, x.clone()))
            x.data.zero_()
            return shares.as_subclass(Undoing)
        """,
        honest=1.64,  # all but those that look at the input afterwards or call it again
    ),
)

ATTACKS = (*LIARS, *NUMBERS, *INPUTS)
