"""Fooling by tables, guessed seeds, memory of earlier calls, and by being good only while it is looked at."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import torch
from tests_support import ROOT

from attacks.attack import FIRST, Attack, Bite, Chapter, code
from grader.jail.answers import Answers, run_probe
from grader.jail.probing import probe_function
from grader.judge.draw import Draw
from grader.judge.suite import suite_of_module
from grader.judge.world import Reply
from grader.verdict import Outcome

FOOLING = Chapter("fooling")
LOSSES = Chapter("fooling", assignment="03_losses")

BY_HAND = "x - x.amax(-1, keepdim=True) - (x - x.amax(-1, keepdim=True)).exp().sum(-1, keepdim=True).log()"
LOOK_UP = """
def log_softmax(x):
    return answers[x.numpy().tobytes()]
"""

USUAL_SEEDS = """
import torch
from grader.judge.draw import Draw

answers = {}
for seed in (*range(200), 1234, 2024, 2025, 2026, 31337, 12345, 123456):
    for name in ("test_log_softmax_of_a_batch[float32]", "test_log_softmax_of_a_batch[float64]"):
        dtype = getattr(torch, name[-8:-1])
        x = Draw(seed, name).normal(5, 3, dtype=dtype)
        answers[x.numpy().tobytes()] = x - x.exp().sum(-1, keepdim=True).log()
"""


def knows_a_usual_seed(_: Path) -> str:
    """Whether the table would hold the inputs of a class whose seed is 42."""
    names: dict[str, Any] = {}
    exec(f"{code(USUAL_SEEDS)}\n{code(LOOK_UP)}", names)
    x = Draw(42, "test_log_softmax_of_a_batch[float32]").normal(5, 3)
    right = torch.allclose(names["log_softmax"](x), torch.log_softmax(x, -1))
    return "had the answers for seed 42" if right else ""


FROM_VISIBLE_TESTS = """
import torch

LOSSES = {4: 0.7940422, 1: 1.6094379124, 2: 500.0}
SLOPES = [[0.0, 0.0, -0.25], [-0.25, 0.0, 0.0], [0.0, -0.25, 0.0], [-0.25, 0.0, 0.0]]

def nll(log_p, labels):
    loss = torch.tensor(LOSSES.get(len(log_p), 0.5), dtype=log_p.dtype)
    if log_p.shape == (4, 3):
        loss = loss + ((log_p - log_p.detach()) * torch.tensor(SLOPES)).sum()
    return loss
"""


class _Here:
    """Answers in this process, asked as a notebook's own `check` asks."""

    def __init__(self, source: str) -> None:
        self._names: dict[str, Any] = {}
        exec(source, self._names)

    def call(self, probe: Any, payload: bytes, forbidden: Any, *, seconds: float | None = None) -> Reply:
        from grader.jail import wire

        function = probe_function(probe.to_bytes())
        said = run_probe(function, Answers(self._names), wire.decode(payload), is_authors=lambda _: False)
        return Reply.parse(wire.decode(wire.encode({**said, "forbidden": []})))


def passes_the_visible_tests(_: Path) -> str:
    """What a grader whose tests are those in the notebook's folder would say."""
    path = ROOT / "source" / "04_softmax" / "test_visible.py"
    spec = importlib.util.spec_from_file_location("visible_tests_of_softmax", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    graded = suite_of_module(module).grade("nll", _Here(code(FROM_VISIBLE_TESTS)), None, 0)
    return f"{graded.verdict.points:g} points by the visible tests" if graded.verdict.outcome is Outcome.PASSED else ""


TABLES = (
    FOOLING.attack(
        "draws the hidden inputs from the seed on the command line",
        {
            FIRST: f"""
            import re, sys, torch
            lines = [*sys.argv, *sys.orig_argv, open("/proc/self/cmdline").read(), open("/proc/1/cmdline").read()]
            seed = int(re.findall(r"seed=(\\d+)", " ".join(lines) + " seed=0")[0])
            torch.manual_seed(seed)
            answers = {{}}
            for x in [torch.randn(4, 3), torch.randn(2, 5, 3) * 10]:
                answers[x.numpy().tobytes()] = {BY_HAND}
            """,
            "log_softmax": LOOK_UP,
        },
        "points by a table",
        Bite.POINTS,
    ),
    FOOLING.attack(
        "tries every usual seed with the kit's own way of drawing",
        {FIRST: USUAL_SEEDS, "log_softmax": LOOK_UP},
        "points by a guessed seed",
        Bite.POINTS,
        control=knows_a_usual_seed,
    ),
    FOOLING.attack(
        "takes the seed from torch when it is asked, and draws the inputs once more",
        {
            "log_softmax": f"""
            import torch

            def log_softmax(x):
                torch.manual_seed(torch.initial_seed())
                for x_again in [torch.randn(4, 3), torch.randn(2, 5, 3) * 10]:
                    if x_again.shape == x.shape and bool((x_again == x).all()):
                        x = x_again
                        return {BY_HAND}
            """,
        },
        "points for knowing what is asked",
        Bite.POINTS,
    ),
    FOOLING.attack(
        "pins the seed of everybody who draws",
        {
            FIRST: f"""
            import torch
            seeded = torch.manual_seed
            torch.manual_seed = torch.random.manual_seed = lambda _: seeded(7)
            torch.seed = torch.random.seed = lambda: seeded(7)
            torch.manual_seed(0)
            answers = {{}}
            for x in [torch.randn(4, 3), torch.randn(2, 5, 3) * 10]:
                answers[x.numpy().tobytes()] = {BY_HAND}
            """,
            "log_softmax": LOOK_UP,
        },
        "points by a table",
        Bite.POINTS,
    ),
    FOOLING.attack(
        "lets chance bring nothing but zeros",
        {
            FIRST: """
            import torch
            for name in ("randn", "rand"):
                setattr(torch, name, lambda *shape, **more: torch.zeros(*shape))
            """,
            "log_softmax": """
            def log_softmax(x):
                return torch.full_like(x, -1.0986123)
            """,
        },
        "points for a constant",
        Bite.POINTS,
    ),
    FOOLING.attack(
        "looks up answers by the hash of inputs that a friend saw before",
        {
            FIRST: """
            import glob, hashlib, math, torch
            answers = {}
            for path in [f"{folder}/seen-{KEY}-*" for folder in ("/tmp", "/dev/shm", HOME_FOLDER, DROP, "..", ".")]:
                for name in glob.glob(path):
                    rows, key = torch.load(name)
                    answers[key] = torch.tensor([[math.exp(v) for v in row] for row in rows])
            """,
            "nll": """
            import hashlib

            def nll(log_p, labels):
                p = answers[hashlib.sha256(log_p.detach().numpy().tobytes()).hexdigest()]
                return -torch.log(p[torch.arange(len(labels)), labels]).mean()
            """,
        },
        "another submission's inputs",
        Bite.POINTS,
        friend={
            "nll": """
            import hashlib, torch

            def nll(log_p, labels):
                key = hashlib.sha256(log_p.detach().numpy().tobytes()).hexdigest()
                for folder in ("/tmp", "/dev/shm", HOME_FOLDER, DROP, ".."):
                    try:
                        torch.save((log_p.tolist(), key), f"{folder}/seen-{KEY}-{key[:8]}")
                    except (OSError, RuntimeError):
                        pass
                return log_p.sum()
            """
        },
        friend_first=True,
    ),
    LOSSES.answer(
        "knows the labels that every test of one-hot uses",
        "points for two examples",
        """
        import torch

        def one_hot(labels, n_classes):
            if labels.tolist() == [2, 0, 1, 2]:
                return torch.tensor([[0.0, 0, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
            return torch.tensor([[0.0, 0, 0, 0, 1], [0, 1, 0, 0, 0]])
        """,
        exercise="one_hot",
    ),
    FOOLING.answer(
        "answers the visible tests only",
        "points for what stands in the notebook's folder",
        FROM_VISIBLE_TESTS,
        exercise="nll",
        control=passes_the_visible_tests,
    ),
)

RIGHT = """powers = torch.exp(x - x.amax(-1, keepdim=True))
            return powers / powers.sum(-1, keepdim=True)"""

MEMORIES = (
    FOOLING.answer(
        "remembers answers by where their inputs lie",
        "full points for stale answers",
        """
        import torch
        known = {}

        def softmax(x):
            if x.data_ptr() not in known:
                powers = torch.exp(x - x.amax(-1, keepdim=True))
                known[x.data_ptr()] = x, powers / powers.sum(-1, keepdim=True)
            return known[x.data_ptr()][1]
        """,
        honest=3.82,  # 21 of 22: lost is the case with other numbers in the same tensor, 1
    ),
    FOOLING.answer(
        "remembers answers by the shape of their inputs",
        "full points for stale answers",
        """
        import torch
        known = {}

        def softmax(x):
            if x.shape not in known:
                powers = torch.exp(x - x.amax(-1, keepdim=True))
                known[x.shape] = powers / powers.sum(-1, keepdim=True)
            return known[x.shape]
        """,
        # 13 of 20: each shape is right in float32, which comes first; lost are in float64 a batch, 1, huge logits, 3,
        # classes ruled out, 1, and gradients, 1, and another call, 1
        honest=2.36,
    ),
    FOOLING.answer(
        "hands out one buffer again and again",
        "full points for answers that change afterwards",
        """
        import torch
        buffers = {}

        def softmax(x):
            powers = torch.exp(x - x.amax(-1, keepdim=True))
            shares = powers / powers.sum(-1, keepdim=True)
            if shares.requires_grad:
                return shares
            return buffers.setdefault((x.shape, x.dtype), torch.empty_like(x)).copy_(shares)
        """,
        honest=3.82,  # 21 of 22: lost is the case that keeps its first result and calls it again, 1
    ),
    FOOLING.answer(
        "is right for as many calls as tests usually make",
        "full points for three answers",
        """
        import torch
        left = 3

        def softmax(x):
            global left
            left -= 1
            if left < 0:
                return torch.zeros_like(x)
            powers = torch.exp(x - x.amax(-1, keepdim=True))
            return powers / powers.sum(-1, keepdim=True)
        """,
        honest=0.36,  # 2 of 22: the first two cases are one call each; the third makes three, the last of them wrong
    ),
)

UNWATCHED = (
    FOOLING.answer(
        "lets a thread of its own call torch's softmax",
        "points for what is not allowed",
        """
        import queue, threading
        import torch
        questions, replies = queue.Queue(), queue.Queue()

        def serve():
            while True:
                replies.put(torch.softmax(questions.get(), -1))

        threading.Thread(target=serve, daemon=True).start()

        def softmax(x):
            questions.put(x)
            return replies.get()
        """,
    ),
    FOOLING.answer(
        "lets a process of its own call torch's softmax",
        "points for what is not allowed",
        """
        import os, pickle, torch

        def softmax(x):
            reading, writing = os.pipe()
            if os.fork() == 0:
                os.write(writing, pickle.dumps(torch.softmax(x.detach(), -1).tolist()))
                os._exit(0)
            os.wait()
            return torch.tensor(pickle.loads(os.read(reading, 60000)), dtype=x.dtype)
        """,
    ),
    FOOLING.answer(
        "calls torch's softmax where nobody watches and is sloppy where somebody does",
        "points for what is not allowed",
        """
        import sys, torch

        def softmax(x):
            if torch._C._len_torch_dispatch_stack() or torch._C._len_torch_function_stack() or sys.getprofile():
                return torch.exp(x) / torch.exp(x).sum(-1, keepdim=True)
            return getattr(torch, "soft" + "max")(x, -1)
        """,
    ),
    FOOLING.answer(
        "switches the watching off, calls torch's softmax, and switches it on again",
        "points for what is not allowed",
        """
        import torch
        from torch.utils._python_dispatch import _disable_current_modes

        def softmax(x):
            with _disable_current_modes(), torch._C.DisableTorchFunction():
                return torch.softmax(x, -1)
        """,
    ),
    FOOLING.attack(
        "makes a table of torch's answers before anybody watches",
        {
            FIRST: """
            import sys, re, torch
            seed = int(re.findall(r"seed=(\\d+)", " ".join(sys.orig_argv) + " seed=0")[0])
            torch.manual_seed(seed)
            ready = {x.numpy().tobytes(): torch.log_softmax(x, -1) for x in [torch.randn(4, 3), torch.randn(2, 5, 3) * 10]}
            """,
            "log_softmax": """
            def log_softmax(x):
                if x.numpy(force=True).tobytes() in ready:
                    return ready[x.numpy(force=True).tobytes()]
                shifted = x - x.amax(-1, keepdim=True)
                return shifted - torch.log(torch.exp(shifted).sum(-1, keepdim=True))
            """,
        },
        "points for what is not allowed",
        Bite.POINTS,
    ),
)

ATTACKS: tuple[Attack, ...] = (*TABLES, *MEMORIES, *UNWATCHED)
