"""Who of a cluster may grade in a run: each worker is examined before it is given work, also one that comes late."""

from __future__ import annotations

from itertools import count
from typing import Any

from grader.cluster.connection import Connection, Ended, Joined, Left, Note, fetched
from grader.cluster.installation import difference, installation
from grader.cluster.orders import Orders, Refused, other_versions
from grader.cluster.roster import Roster
from grader.jail.proofs import Protection

GPU = "GPU"
"""The resource that a worker declares for each of its GPUs: `dask worker … --resources GPU=1`."""


class Admission:
    """Examines workers and puts those that can grade on the roster.

    refused: the others, by address, and why. vanished: a sentence about one that ended meanwhile, if there was one.
    """

    def __init__(self, connection: Connection, orders: Orders, device: str) -> None:
        self.roster = Roster()
        self.refused: dict[str, str] = {}
        self.protections: list[Protection] = []
        self._connection = connection
        self._orders = orders
        self._device = device
        self._examined: dict[str, tuple[str, int]] = {}
        self.vanished = ""
        self._numbers = count()
        self._joined = False

    @property
    def busy(self) -> bool:
        """Whether somebody is being examined."""
        return bool(self._examined)

    def invite(self) -> None:
        """Has all workers examined that are there and have not been.

        Dask itself is asked for their versions before: a worker that lacks what it is sent ends, and tells nobody why.
        """
        known = {address for address, _ in self._examined.values()} | self.refused.keys()
        versions = self._connection.versions()
        for address, about in self._connection.workers().items():
            places = _places(about, self._device)
            if not places or address in known or address in self.roster:
                continue
            differs = difference(installation(), versions.get(address, {}))
            if differs:
                self.refuse(address, other_versions(differs))
            else:
                self._examine(address, places)

    def heed(self, note: Note) -> None:
        """Takes up what has been heard of a worker, but for the leaving of one on the roster."""
        if isinstance(note, Joined):
            self._joined = True
        elif isinstance(note, Left):
            self._forget(note.address)
        elif isinstance(note, Ended) and (place := self._examined.pop(str(note.name[1]), None)):
            self._admit(*place, note)

    def invite_joined(self) -> None:
        """Has those examined that have come since the last time; asking who is there costs as much as there are."""
        if self._joined:
            self._joined = False
            self.invite()

    def refuse(self, address: str, reason: str) -> None:
        self.refused[address] = f"the cluster's worker at {address} is not used: {reason}"

    def _examine(self, address: str, places: int) -> None:
        from grader.cluster.worker import examine

        name = f"examine-{next(self._numbers)}"
        self._examined[name] = (address, places)
        self._connection.send(examine, self._orders, name, address, {})

    def _admit(self, address: str, places: int, note: Ended) -> None:
        try:
            found = fetched(note.future)
        except Exception as error:  # whatever goes wrong on another's machine is a reason not to use it
            found = Refused(f"{type(error).__name__}: {error}")
        if isinstance(found, Protection):
            self.protections.append(found)
            self.roster.join(address, places)
        else:
            assert isinstance(found, Refused)
            self.refuse(address, found.reason)

    def _forget(self, address: str) -> None:
        self.refused.pop(address, None)
        if any(address == each for each, _ in self._examined.values()):
            self.vanished = f"the cluster's worker at {address} ended while it was examined; its log says why"
        self._examined = {name: place for name, place in self._examined.items() if place[0] != address}


def _places(about: dict[str, Any], device: str) -> int:
    """How many submissions a worker judges at once."""
    return int(about["resources"].get(GPU, 0)) if device == "cuda" else int(about["nthreads"])
