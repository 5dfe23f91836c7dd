"""Attacking the checker by changing what it stands on: libraries, builtins, torch's settings, the kit itself."""

from __future__ import annotations

from typing import Any

from attacks.arena import ONE_PROCESS
from attacks.attack import FIRST, Attack, Bite, Chapter, code
from attacks.checker_controls import by_unittest, control

CHECKER = Chapter("checker")
LOSSES = Chapter("checker", assignment="03_losses")

ZEROS = """
import torch

def softmax(x):
    return torch.zeros_like(x)
"""

PATCHED_UNITTEST = """
import sys, unittest

for name in dir(unittest.TestCase):
    if name.startswith("assert") or name == "fail":
        setattr(unittest.TestCase, name, lambda *_, **__: None)
unittest.TestCase._callTestMethod = lambda *_: None
for name in ("numpy", "numpy.testing", "pytest"):
    try:
        module = __import__(name, fromlist=["*"])
        for each in ("allclose", "array_equal", "isclose", "assert_allclose", "assert_array_equal", "approx"):
            setattr(module, each, lambda *_, **__: True)
        module.raises = module.fail = lambda *_, **__: None
    except ImportError:
        pass

def softmax(x):
    return x
"""

LIBRARIES = (
    CHECKER.attack(
        "patches every comparison of torch",
        {
            FIRST: """
            import torch
            for place in (torch, torch.testing, torch.Tensor):
                for name in ("allclose", "equal", "isclose", "eq", "assert_close", "__eq__"):
                    setattr(place, name, lambda *_, **__: True)
            """,
            "softmax": ZEROS,
        },
        "full points for zeros",
        Bite.POINTS,
    ),
    CHECKER.answer(
        "patches the asserts of unittest, numpy and pytest",
        "full points for its input",
        PATCHED_UNITTEST,
        control=control(by_unittest, code(PATCHED_UNITTEST)),
    ),
    CHECKER.attack(
        "patches the methods by which numbers are read from tensors",
        {
            FIRST: """
            import torch
            for name in ("double", "float", "to", "detach", "cpu", "reshape", "as_subclass"):
                setattr(torch.Tensor, name, lambda self, *_, **__: torch.zeros(()))
            torch.Tensor.numel = lambda self: 0
            torch.Tensor.tolist = torch.Tensor.item = lambda self: 0.0
            """,
            "softmax": ZEROS,
        },
        "full points for zeros",
        Bite.POINTS,
    ),
    CHECKER.attack(
        "puts modules of its own in the place of torch and the solution",
        {
            FIRST: """
            import sys, types
            import torch as real

            class Yes(types.ModuleType):
                def __getattr__(self, name):
                    return getattr(real, name)

            fake, solution = Yes("torch"), types.ModuleType("solution")
            fake.allclose = fake.equal = lambda *_, **__: True
            solution.softmax = real.zeros_like
            sys.modules.update(torch=fake, solution=solution, pytest=fake, numpy=fake)
            """,
            "softmax": """
            def softmax(x):
                return x * 0
            """,
        },
        "full points for zeros",
        Bite.POINTS,
    ),
    CHECKER.attack(
        "puts its own answer in the place of the reference",
        {
            FIRST: """
            import gc, sys, types

            def softmax(x):
                return x

            for module in list(sys.modules.values()):
                if isinstance(module, types.ModuleType) and hasattr(module, "log_softmax") and hasattr(module, "nll"):
                    module.softmax = softmax
            for each in gc.get_objects():
                if isinstance(each, types.FunctionType) and each.__name__ == "softmax":
                    each.__code__ = softmax.__code__
            """,
            "softmax": """
            def softmax(x):
                return x
            """,
        },
        "full points for its input",
        Bite.POINTS,
    ),
    CHECKER.attack(
        "lets zip find nothing to compare",
        {
            FIRST: """
            import builtins
            builtins.zip = lambda *_, **__: iter(())
            builtins.abs = builtins.max = lambda *_, **__: 0
            """,
            "softmax": ZEROS,
        },
        "full points for zeros",
        Bite.POINTS,
    ),
    LOSSES.attack(
        "lets a finder of modules hand out its own torch and solution",
        {
            FIRST: """
            import builtins, types
            import torch as real
            fake, really = types.ModuleType("fake"), builtins.__import__
            fake.__getattr__ = lambda name: getattr(real, name)
            fake.allclose = lambda *_, **__: True
            fake.one_hot = lambda labels, n_classes: labels

            def import_(name, *rest):
                return fake if name in ("torch", "solution") else really(name, *rest)

            builtins.__import__ = import_
            """,
            "one_hot": """
            def one_hot(labels, n_classes):
                return labels
            """,
        },
        "full points for its input",
        Bite.POINTS,
    ),
)

SETTINGS = (
    CHECKER.hunt(
        "poisons default dtype, device, gradients and warnings for those after it",
        "the neighbour's points",
        """
        import random, torch, warnings
        torch.set_default_dtype(torch.float16)
        torch.set_default_device("meta")
        torch.set_grad_enabled(False)
        torch.inference_mode(True).__enter__()
        torch.use_deterministic_algorithms(True)
        torch.set_flush_denormal(True)
        random.seed = torch.manual_seed = torch.random.manual_seed = lambda *_: None
        warnings.simplefilter("error")
        """,
        Bite.KILL,
        needs=ONE_PROCESS,
    ),
    CHECKER.hunt(
        "makes every comparison fail for those after it",
        "the neighbour's points",
        """
        import torch
        torch.allclose = torch.equal = lambda *_, **__: False
        torch.softmax = torch.Tensor.exp = torch.exp = lambda x, *_, **__: x
        """,
        Bite.KILL,
        needs=ONE_PROCESS,
    ),
    CHECKER.attack(
        "poisons default dtype, warnings and recursion, and is right itself",
        {
            FIRST: """
            import sys, torch, warnings
            torch.set_default_dtype(torch.float64)
            torch.set_printoptions(profile="full")
            warnings.simplefilter("error")
            sys.setrecursionlimit(300)
            """,
            "softmax": """
            def softmax(x):
                powers = torch.exp(x - x.amax(-1, keepdim=True))
                return powers / powers.sum(-1, keepdim=True)
            """,
        },
        "more than its points",
        Bite.NONE,
        honest=4.0,
        note="an honest twin: whatever it does to its own process, a right answer keeps its points",
    ),
)

READY_MADE = """
import torch

def softmax(x):
    return torch.softmax(x, -1)
"""


def unwatched(name: str, source: str, answer: str = READY_MADE, **rest: Any) -> Attack:
    """A cell that changes the kit inside its own process, and an answer that is torch's own softmax."""
    must_not = "points for what is not allowed"
    return CHECKER.attack(name, {FIRST: source, "softmax": answer}, must_not, Bite.POINTS, **rest)


KIT = (
    unwatched(
        "puts a tracer that sees nothing in the place of the kit's",
        """
        try:
            import grader.jail.child as child

            class Blind(child.Tracer):
                def _record(self, call, frame):
                    pass

            child.Tracer = Blind
        except ImportError:
            pass
        """,
    ),
    unwatched(
        "takes what was seen out of every reply",
        """
        try:
            from grader.jail import wire
            encode = wire.encode
            wire.encode = lambda reply: encode({**reply, "forbidden": []} if "forbidden" in reply else reply)
        except ImportError:
            pass
        """,
    ),
    unwatched(
        "runs probes in its own way, which watches nothing",
        """
        try:
            from grader.jail import child

            def run_probe(probe, answers, inputs, **_):
                reply = {"status": "returned", "inputs": inputs, "raised": None, "forbidden": []}
                try:
                    return {**reply, "value": probe(answers, *inputs)}
                except Exception:
                    return {**reply, "value": None}

            child.run_probe = run_probe
        except ImportError:
            pass
        """,
    ),
    unwatched(
        "tells the kit that no family of functions is forbidden and no file is a cell",
        """
        try:
            import dataclasses
            from grader import course
            from grader.jail import child
            family = course.family
            course.family = lambda name: dataclasses.replace(family(name), names=frozenset(), aten=frozenset(), modules=())
            child.is_cell = lambda file: False
        except ImportError:
            pass
        """,
    ),
    unwatched(
        "fills its result in when its call is over and its grader turns to it",
        """
        import signal, torch
        waiting, setitimer, as_tensor = [], signal.setitimer, torch.as_tensor

        def fill():
            while waiting:
                result, x = waiting.pop()
                result.copy_(torch.softmax(x, -1))

        def put_off(*alarm):
            fill()
            return setitimer(*alarm)

        def take(*value):
            fill()
            return as_tensor(*value)

        signal.setitimer, torch.as_tensor = put_off, take
        """,
        """
        def softmax(x):
            powers = torch.exp(x - x.amax(-1, keepdim=True))
            if x.requires_grad:
                return powers / powers.sum(-1, keepdim=True)
            result = torch.zeros_like(x)
            waiting.append((result, x.clone()))
            return result
        """,
        honest=0.36,  # the two cases that ask for gradients, 2 of 22 parts: those it works out by hand
        caught="changes `signal`",
    ),
    CHECKER.answer(
        "empties the log of its calls",
        "points for what is not allowed",
        """
        import sys, torch

        def softmax(x):
            result = torch.softmax(x, -1)
            frame = sys._getframe()
            while frame:
                log = frame.f_locals.get("log")
                if hasattr(log, "calls"):
                    log.calls.clear()
                frame = frame.f_back
            return result
        """,
    ),
)

ATTACKS = (*LIBRARIES, *SETTINGS, *KIT)
