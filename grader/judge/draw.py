"""Inputs for hidden cases, drawn from a seed that students cannot know.

Every case draws from a generator of its own, seeded by the class' seed and the case's name: the same for every
student of a class, independent of the order in which cases run.
"""

from __future__ import annotations

import hashlib

import torch


class Draw:
    """Small random inputs with unequal sizes in mind: every method returns fresh, contiguous CPU tensors."""

    def __init__(self, seed: int, case: str) -> None:
        self._seed = seed
        digest = hashlib.sha256(f"{seed}/{case}".encode()).digest()
        self.generator = torch.Generator().manual_seed(int.from_bytes(digest[:8], "little") >> 1)

    def shared(self, name: str) -> Draw:
        """A fresh draw that is the same for all cases which name it, so that they can share an expensive probe."""
        return Draw(self._seed, name)

    def normal(self, *shape: int, scale: float = 1.0, dtype: torch.dtype = torch.float32) -> torch.Tensor:
        """Standard normal numbers times `scale`, of the given shape."""
        return (torch.randn(shape, generator=self.generator, dtype=torch.float64) * scale).to(dtype)

    def uniform(
        self, *shape: int, low: float = 0.0, high: float = 1.0, dtype: torch.dtype = torch.float32
    ) -> torch.Tensor:
        """Numbers spread evenly over [low, high]; clamped so that rounding to `dtype` stays within."""
        numbers = torch.rand(shape, generator=self.generator, dtype=torch.float64) * (high - low) + low
        rounded = numbers.to(dtype)
        inside = (rounded.double() >= low) & (rounded.double() <= high)
        return torch.where(inside, rounded, torch.full_like(rounded, (low + high) / 2))

    def integers(self, *shape: int, low: int = 0, high: int) -> torch.Tensor:
        """int64 numbers with low ≤ number < high."""
        return torch.randint(low, high, shape, generator=self.generator)

    def labels(self, n: int, n_classes: int) -> torch.Tensor:
        """int64 (n,) with every class present; ValueError when n < n_classes."""
        if n < n_classes:
            raise ValueError(f"{n} labels cannot hold all of {n_classes} classes")
        extra = self.integers(n - n_classes, high=n_classes)
        labels = torch.cat([torch.arange(n_classes), extra])
        return labels[torch.randperm(n, generator=self.generator)].contiguous()

    def binary(self, *shape: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
        """Hard labels 0 and 1 of the given shape, both present when there are two or more entries."""
        n = int(torch.Size(shape).numel())
        flat = self.labels(n, 2) if n >= 2 else self.integers(n, high=2)
        return flat.reshape(shape).to(dtype)

    def probabilities(self, n: int, k: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
        """(n, k) rows that sum to 1, entries well above 0."""
        weights = self.uniform(n, k, low=0.2, high=2.0, dtype=torch.float64)
        return (weights / weights.sum(1, keepdim=True)).to(dtype)

    def permutation(self, n: int) -> torch.Tensor:
        """int64 (n,): the numbers 0 … n−1 in a random order."""
        return torch.randperm(n, generator=self.generator)
