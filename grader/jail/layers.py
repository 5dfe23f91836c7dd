"""What a wall is made of: layers that were taken on, and layers that the system refused, with its own reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

OUT_OF_REACH = "course out of reach"
"""Missing where the course lies among the libraries that student code reads."""


@dataclass(frozen=True)
class Missing:
    """A layer that could not be taken on; `why` in the system's words."""

    name: str
    why: str


@dataclass
class Layers:
    """Layers as they are taken on, one after another."""

    taken: list[str] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)

    def take(self, name: str, build: Callable[[], object]) -> None:
        """Takes a layer on, or notes why the system refused it."""
        try:
            build()
        except (OSError, ValueError) as error:
            self.lack(name, reason(error))
        else:
            self.taken.append(name)

    def lack(self, name: str, why: str) -> None:
        self.missing.append(Missing(name, why))

    def to_data(self) -> dict[str, Any]:
        """Plain data, for a greeting."""
        return {"layers": tuple(self.taken), "missing": tuple((each.name, each.why) for each in self.missing)}


def read_missing(pairs: Iterable[tuple[str, str]]) -> tuple[Missing, ...]:
    """The missing layers of a greeting."""
    return tuple(Missing(name, why) for name, why in pairs)


def reason(error: BaseException) -> str:
    """An error in the system's own words, without its number."""
    words = error.strerror if isinstance(error, OSError) else None
    return words or str(error) or type(error).__name__
