"""What the handlers of single functions need of the mode that calls them."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Protocol

import torch

from grader.jail.pretend.errors import Clue
from grader.jail.pretend.operators import OperatorMode
from grader.jail.pretend.places import Place, Places


class Bookkeeper(Protocol):
    """Keeps the book of places while torch's functions run; entered, it is called for each of them."""

    places: Places
    operators: OperatorMode

    def call(self, func: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any: ...

    def named(self, device: Any) -> Place: ...

    def clue(self, kind: str, tensor: torch.Tensor) -> Clue: ...

    def __enter__(self) -> Any: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...
