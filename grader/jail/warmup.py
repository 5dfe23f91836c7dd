"""What every child needs loaded and used once, so that it need not do it again."""

from __future__ import annotations

import gc
from typing import Any


def warm_up() -> Any:
    """Loads and exercises once all that submissions use, so that children do not import it. Returns the shell."""
    import torch

    # first torch call, and never raised here: a parallel operation in this process would hang every fork's
    torch.set_num_threads(1)
    import matplotlib

    matplotlib.use("module://matplotlib_inline.backend_inline")
    import torch._dynamo

    from grader.jail import attempts, child, probing, shell, tracer  # noqa: F401 - attempts: the first child's

    tracer.watch_ufuncs()
    for name in probing.MODULES:
        probing.module(name)
    made = shell.make_shell()
    _rehearse(torch)
    child.rehearse(made)
    gc.collect()
    gc.freeze()
    return made


def _rehearse(torch: Any) -> None:
    import io

    import matplotlib.pyplot as plt
    import sklearn.ensemble  # a second of every notebook that compares with them
    import sklearn.linear_model  # noqa: F401

    from grader import data

    data.digits()
    layer = torch.nn.Linear(3, 2)
    optimiser = torch.optim.SGD(layer.parameters(), lr=0.1)
    layer(torch.ones(4, 3)).square().mean().backward()
    optimiser.step()
    figure, axes = plt.subplots()
    axes.plot([0, 1])
    figure.savefig(io.BytesIO(), format="png")
    plt.close(figure)
