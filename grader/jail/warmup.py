"""What every child needs loaded and used once, so that it need not do it again."""

from __future__ import annotations

import gc
from collections.abc import Collection
from typing import Any

SLOW = {
    "digits": ("data.load", "data.digits"),
    "sklearn": ("import sklearn", "from sklearn"),
    "torch._dynamo": ("optim", "compile"),  # torch loads it when an optimiser takes its first step
}
"""What takes a tenth of a second or more to load, and the words of which one says that submissions will load it."""


def needed(texts: Collection[str]) -> tuple[str, ...]:
    """What of SLOW the submissions of an assignment use, by its texts (released notebook, suite)."""
    return tuple(part for part, words in SLOW.items() if any(word in text for word in words for text in texts))


def warm_up(slow: Collection[str] = tuple(SLOW)) -> Any:
    """Loads and exercises once what submissions use, so that children do not import it. Returns the shell.

    slow: the parts of SLOW to load as well; a child can still load the others by itself.
    """
    import torch

    # first torch call, and never raised here: a parallel operation in this process would hang every fork's
    torch.set_num_threads(1)
    # a DataLoader's workers hand tensors on: by descriptors the filter of system calls would refuse it
    torch.multiprocessing.set_sharing_strategy("file_system")  # type: ignore[no-untyped-call]
    import matplotlib

    matplotlib.use("module://matplotlib_inline.backend_inline")
    if "torch._dynamo" in slow:
        import torch._dynamo
    from grader import data
    from grader.jail import attempts, child, probing, shell, tracer  # noqa: F401 - attempts: the first child's

    tracer.watch_ufuncs()
    for name in probing.MODULES:
        probing.module(name)
    made = shell.make_shell()
    if "sklearn" in slow:
        import sklearn.ensemble
        import sklearn.linear_model  # noqa: F401 - a second of every notebook that compares with them
    if "digits" in slow:
        data.digits()
    _rehearse(torch, steps="torch._dynamo" in slow)
    child.rehearse(made)
    gc.collect()
    gc.freeze()
    return made


def _rehearse(torch: Any, *, steps: bool) -> None:
    import io

    import matplotlib.pyplot as plt

    layer = torch.nn.Linear(3, 2)
    layer(torch.ones(4, 3)).square().mean().backward()
    if steps:
        torch.optim.SGD(layer.parameters(), lr=0.1).step()
    figure, axes = plt.subplots()
    axes.plot([0, 1])
    figure.savefig(io.BytesIO(), format="png")
    plt.close(figure)
