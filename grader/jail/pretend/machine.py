"""What a machine with one GPU says of itself, to the author's code alone: torch's own gets the truth."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch

_CUDA = {
    "is_available": True,
    "device_count": 1,
    "current_device": 0,
    "synchronize": None,
    "empty_cache": None,
    "manual_seed": None,
    "manual_seed_all": None,
    "get_device_name": "a pretended GPU",
}
_ACCELERATOR = {"is_available": True, "device_count": 1, "synchronize": None}


@contextmanager
def machine_with_gpu(is_authors: Callable[[str], bool]) -> Iterator[None]:
    """Inside, the author's lines find one GPU. Afterwards torch is as it was."""
    patches: list[tuple[Any, str, Any]] = [(torch.cuda, name, answer) for name, answer in _CUDA.items()]
    accelerator = getattr(torch, "accelerator", None)  # torch 2.6 and later
    if accelerator is not None:
        answers = {**_ACCELERATOR, "current_accelerator": torch.device("cuda")}
        patches += [(accelerator, name, answer) for name, answer in answers.items() if hasattr(accelerator, name)]
    originals = [(module, name, getattr(module, name)) for module, name, _ in patches]
    try:
        for module, name, answer in patches:
            setattr(module, name, _for_authors(getattr(module, name), answer, is_authors))
        yield
    finally:
        for module, name, original in originals:
            setattr(module, name, original)


def _for_authors(original: Callable[..., Any], answer: Any, is_authors: Callable[[str], bool]) -> Callable[..., Any]:
    def asked(*args: Any, **kwargs: Any) -> Any:
        if is_authors(sys._getframe(1).f_code.co_filename):
            return answer
        return original(*args, **kwargs)

    return asked


@contextmanager
def choice_made_anew(names: dict[str, Any]) -> Iterator[None]:
    """Names that cells gave to the device which they chose, the CPU, stand for the GPU inside."""
    chosen = {name: value for name, value in names.items() if _is_cpu(value) and not name.startswith("_")}
    try:
        for name, value in chosen.items():
            names[name] = "cuda" if isinstance(value, str) else torch.device("cuda")
        yield
    finally:
        names.update(chosen)


def _is_cpu(value: Any) -> bool:
    if type(value) is torch.device:
        return value.type == "cpu"
    return type(value) is str and value == "cpu"
