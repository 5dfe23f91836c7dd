"""Attacking the checker through IPython: transformers, hooks, custom exceptions, the runner of cells, namespaces."""

from __future__ import annotations

from typing import Any

from attacks.arena import ONE_PROCESS
from attacks.attack import FIRST, Attack, Bite, Chapter

CHECKER = Chapter("checker")
ZEROS = """
import torch

def softmax(x):
    return torch.zeros_like(x)
"""


def for_zeros(name: str, source: str, **rest: Any) -> Attack:
    """A cell that changes the shell, and zeros for an answer."""
    return CHECKER.attack(name, {FIRST: source, "softmax": ZEROS}, "full points for zeros", Bite.POINTS, **rest)


ATTACKS = (
    for_zeros(
        "strips every assert by a transformer of syntax trees",
        """
        import ast

        class NoAsserts(ast.NodeTransformer):
            def visit_Assert(self, node):
                return ast.Pass()

        get_ipython().ast_transformers.append(NoAsserts())
        """,
    ),
    for_zeros(
        "empties every cell of tests by a transformer of lines",
        """
        def without_tests(lines):
            return [] if any("assert" in line for line in lines) else lines

        get_ipython().input_transformers_cleanup.append(without_tests)
        get_ipython().input_transformers_post.append(without_tests)
        """,
    ),
    for_zeros(
        "handles every failed test as its own kind of exception",
        """
        import sys

        def forgive(shell, kind, error, trace, tb_offset=None):
            frame = sys._getframe()
            while frame:
                for value in list(frame.f_locals.values()):
                    if hasattr(value, "error_in_exec"):
                        value.error_in_exec = None
                frame = frame.f_back

        get_ipython().set_custom_exc((BaseException,), forgive)
        """,
    ),
    for_zeros(
        "replaces the runner of cells by one for which all went well",
        """
        from IPython.core.interactiveshell import ExecutionResult, InteractiveShell

        shell, really = get_ipython(), get_ipython().run_cell

        def run_cell(source, *rest, **more):
            return ExecutionResult(None) if "assert" in source else really(source, *rest, **more)

        shell.run_cell = run_cell
        """,
    ),
    for_zeros(
        "lets every result of a cell say that it succeeded",
        """
        from IPython.core.interactiveshell import ExecutionResult
        ExecutionResult.success = property(lambda self: True)
        ExecutionResult.raise_error = lambda self: None
        """,
    ),
    for_zeros(
        "replaces the compiler of cells by one that skips the tests",
        """
        shell = get_ipython()
        compile_ = shell.compile.__class__.__call__
        shell.compile.__class__.__call__ = lambda self, node, *rest, **more: compile(
            "" if any(type(each).__name__ in ("Assert", "For") for each in node.body) else node, *rest[:2]
        )
        """,
    ),
    for_zeros(
        "puts a mapping of lies in the place of its names",
        """
        import torch, types

        class Lies(dict):
            def __getitem__(self, name):
                return fake if name == "torch" and softmax_is_there() else dict.__getitem__(self, name)

        def softmax_is_there():
            return "softmax" in names

        fake = types.ModuleType("torch")
        fake.__getattr__ = lambda name: getattr(torch, name)
        fake.allclose = lambda *_, **__: True
        names = get_ipython().user_ns = Lies(get_ipython().user_ns)
        """,
    ),
    CHECKER.hunt(
        "ends the process from a hook after each cell",
        "the neighbour's points",
        """
        import sys

        def leave(*_):
            sys.exit(0)

        get_ipython().events.register("post_run_cell", leave)
        """,
        Bite.KILL,
        needs=ONE_PROCESS,
    ),
    CHECKER.hunt(
        "interrupts whoever shows an error or a result",
        "the neighbour's points",
        """
        import sys

        class Rude:
            def _repr_mimebundle_(self, **_):
                raise SystemExit(0)

            def __repr__(self):
                raise KeyboardInterrupt

        shell = get_ipython()
        shell.showtraceback = shell._showtraceback = shell.displayhook = sys.displayhook = sys.excepthook = lambda *_, **__: sys.exit(0)
        shell.run_code = shell.run_ast_nodes = lambda *_, **__: sys.exit(0)
        Rude()
        """,
        Bite.KILL,
        needs=ONE_PROCESS,
    ),
)
