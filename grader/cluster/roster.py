"""Who of the cluster works in a run, and on what: places are given and losses blamed here, without Dask or a clock."""

from __future__ import annotations

from dataclasses import dataclass, field

AHEAD = 2
"""So many submissions for each place of a worker are with it: it need not wait for the next to travel."""


@dataclass
class Flight:
    """An attempt at judging one submission, with the worker at `address`. began: a judge there has taken it."""

    number: int
    address: str
    began: bool = False


@dataclass
class _Member:
    """A worker. places: how many submissions it judges at once. reserved: for a single one that must be alone."""

    places: int
    flights: dict[int, Flight] = field(default_factory=dict)
    reserved: bool = False


class Roster:
    """The workers that may be given work, by address."""

    def __init__(self) -> None:
        self._members: dict[str, _Member] = {}
        self._flights: dict[int, Flight] = {}

    def __len__(self) -> int:
        return len(self._members)

    def __contains__(self, address: str) -> bool:
        return address in self._members

    def join(self, address: str, places: int) -> None:
        self._members.setdefault(address, _Member(places))

    def leave(self, address: str) -> tuple[Flight, ...]:
        """Takes a worker off; what was on its way with it."""
        member = self._members.pop(address, None)
        return tuple(self._flights.pop(number) for number in member.flights) if member else ()

    def has_room(self) -> bool:
        return self._best() is not None

    def assign(self, number: int) -> Flight:
        """Gives an attempt to the worker that is least busy; LookupError when all have enough."""
        address = self._best()
        if address is None:
            raise LookupError("no worker has room")
        return self._assigned(number, address)

    def assign_alone(self, number: int) -> Flight | None:
        """Gives an attempt to a worker that has nothing else, and gets nothing else meanwhile.

        None while there is none; a worker is then given no more until it is done with what it has.
        """
        if not self._members:
            return None
        address = min(self._members, key=lambda each: (not self._members[each].reserved, self._load(each)))
        member = self._members[address]
        member.reserved = True
        return None if member.flights else self._assigned(number, address)

    def begin(self, number: int) -> bool:
        """Notes that a judge has taken an attempt; whether it is one of those on their way."""
        flight = self._flights.get(number)
        if flight is not None:
            flight.began = True
        return flight is not None

    def land(self, number: int) -> Flight | None:
        """Takes an attempt off that has ended; None when it was not on its way."""
        flight = self._flights.pop(number, None)
        if flight is not None:
            member = self._members[flight.address]
            del member.flights[number]
            member.reserved = member.reserved and bool(member.flights)
        return flight

    def movable(self) -> Flight | None:
        """An attempt that waits with a busy worker while another has nothing to do; None when there is none."""
        if not any(not member.flights and not member.reserved for member in self._members.values()):
            return None
        for member in self._members.values():
            waiting = [flight for flight in member.flights.values() if not flight.began]
            if waiting and len(member.flights) > member.places:
                return waiting[-1]
        return None

    def _best(self) -> str | None:
        free = [
            address
            for address, member in self._members.items()
            if not member.reserved and len(member.flights) < AHEAD * member.places
        ]
        return min(free, key=self._load, default=None)

    def _load(self, address: str) -> float:
        member = self._members[address]
        return len(member.flights) / member.places

    def _assigned(self, number: int, address: str) -> Flight:
        flight = self._flights[number] = Flight(number, address)
        self._members[address].flights[number] = flight
        return flight
