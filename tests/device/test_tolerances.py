"""Why the tolerances of the CPU are those of a GPU: what a GPU does otherwise stays far below them, but for TF32."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from grader.judge.compare import TOLERANCES, Tolerance, compare

DTYPES = pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])
STEPS = 2
"""By how many steps of a dtype a GPU's `exp` and `log` may be off."""


def disturbed(value: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """The same, each number off by up to STEPS steps of its dtype."""
    steps = torch.rand(value.shape, generator=generator, dtype=torch.float64) * 2 * STEPS - STEPS
    return (value.double() * (1 + steps * torch.finfo(value.dtype).eps)).to(value.dtype)


def in_another_order(rows: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Sums over the last axis, one term after another in a random order: worse than any tree of a GPU's."""
    order = torch.randperm(rows.shape[-1], generator=generator)
    total = torch.zeros_like(rows[..., 0])
    for position in order:
        total = total + rows[..., position]
    return total


def softmax(x: torch.Tensor, g: torch.Generator | None) -> torch.Tensor:
    e = (x - x.amax(-1, keepdim=True)).exp()
    if g is None:
        return e / e.sum(-1, keepdim=True)
    e = disturbed(e, g)
    return disturbed(e / in_another_order(e, g).unsqueeze(-1), g)


def log_loss(x: torch.Tensor, g: torch.Generator | None) -> torch.Tensor:
    p = x.double().sigmoid().clamp(0.01, 0.99).to(x.dtype)
    terms = p.log() if g is None else disturbed(p.log(), g)
    return -(terms.mean(-1) if g is None else in_another_order(terms, g) / x.shape[-1])


@DTYPES
@pytest.mark.parametrize("formula", [softmax, log_loss])
def test_other_orders_and_coarser_functions_stay_below_a_tenth_of_the_tolerance(formula: Callable, dtype):
    relative, absolute = (each / 10 for each in TOLERANCES[dtype])
    generator = torch.Generator().manual_seed(3)
    for _ in range(20):
        x = (torch.randn(6, 200, generator=generator, dtype=torch.float64) * 3).to(dtype)
        found = compare(formula(x, generator), formula(x, None), tolerance=Tolerance(relative, absolute))
        assert found is None


@DTYPES
def test_sums_of_32_products_in_another_order_stay_below_half_of_it(dtype):
    generator = torch.Generator().manual_seed(4)
    absolute = TOLERANCES[dtype][1] / 2
    a = torch.randn(20, 32, generator=generator, dtype=torch.float64).to(dtype)
    b = torch.randn(32, 10, generator=generator, dtype=torch.float64).to(dtype)
    product = in_another_order(a[:, None, :] * b.T[None, :, :], generator)
    sizes = (a.double().abs() @ b.double().abs()).max().item()
    assert compare(product, a @ b, tolerance=Tolerance(0.0, absolute * sizes)) is None


def as_tf32(value: torch.Tensor) -> torch.Tensor:
    """float32 with 10 bits of its mantissa, as tensor cores read it."""
    bits = value.view(torch.int32)
    return ((bits + (1 << 12)) & ~((1 << 13) - 1)).view(torch.float32)


def test_tf32_would_not():
    generator = torch.Generator().manual_seed(5)
    a, b = (torch.rand(*shape, generator=generator) + 0.5 for shape in ((5, 3), (3, 4)))
    sizes = (a.abs() @ b.abs()).max().item()
    found = compare(as_tf32(a) @ as_tf32(b), a @ b, tolerance=Tolerance(absolute=TOLERANCES[torch.float32][1] * sizes))
    assert found is not None
