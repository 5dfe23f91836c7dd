"""One worker's way to the zygote: asking it for children, and how they ended."""

from __future__ import annotations

import dataclasses
import json
import select
import socket
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from grader.jail import cgroup, gpu
from grader.jail.card import Card
from grader.jail.children import Child, Exit, LostError
from grader.jail.layers import Missing, read_missing
from grader.jail.limits import Limits
from grader.jail.memory import pid_of
from grader.jail.system import JailError

if TYPE_CHECKING:
    from grader.jail.scratch import Scratch

_GONE = "the jail's zygote is gone; run the command again"

MAX_REQUEST = 65536
"""Bytes of a request to the zygote."""


class Gate:
    """One worker's way to the zygote.

    expected: the layers that every child must have, once they were tried. strict: a child that lacks one runs
    nothing; else it runs, and `lost` remembers what it lacked. suspended: seconds for which this process did not
    run while it waited for a child. card: tells what children take of a GPU, where they use one.
    """

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self.layers: tuple[str, ...] = ()
        self.missing: tuple[Missing, ...] = ()
        self.namespaces = False
        self.anonymous = 0
        self.suspended = 0.0
        self.card: Card | None = None
        self.expected: tuple[str, ...] = ()
        self.strict = True
        self.lost: tuple[Missing, ...] = ()
        self._scratch: Scratch | None = None
        self._groups: cgroup.Groups | None = None
        self._left = set[int]()
        self._exits: dict[int, Exit] = {}
        self._greeted = False
        self._aheads: list[Gate] = []

    def ahead(self, cells: Sequence[dict[str, Any]], limits: Limits) -> Gate | None:
        """Asks for a zygote in which these cells have run; returns the gate to it, behind the same walls as this one.

        None where they are too long to be told. Whether it came to be, `greeted` tells; nobody waits for it.
        """
        request = {"op": "ahead", "cells": list(cells), "seconds": limits.cell_seconds, "output": limits.output}
        message = json.dumps(request).encode()
        if len(message) > MAX_REQUEST:
            return None
        gate = Gate(self._hand_over(message, socket.SOCK_SEQPACKET))
        gate.layers, gate._groups = self.layers, self._groups  # with namespaces only: no scratch folders, and no GPU
        gate.anonymous = self.anonymous  # what the first cells take counts, as where each runs them
        gate.expect(self.expected, strict=self.strict)
        self._aheads.append(gate)
        return gate

    def greeted(self) -> bool:
        """Whether the zygote that was asked for is ready; JailError when it did not come to be, or is gone."""
        if not self._greeted and select.select([self._control], [], [], 0)[0]:
            self._receive(0)
            self._greeted = True
        return self._greeted

    def is_gone(self) -> bool:
        """Whether nobody is at the other side any more."""
        try:
            return not self._control.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except OSError:
            return True

    def greet(self, seconds: float) -> None:
        self._control.settimeout(seconds)
        greeting, _ = self._receive(0)
        self.layers, self.missing = tuple(greeting["layers"]), read_missing(greeting["missing"])
        self.namespaces, self.anonymous = greeting["namespaces"], greeting["anonymous"]

    def furnish(self, scratch: Scratch | None, groups: cgroup.Groups | None, why: str) -> None:
        """What the trusted side adds to the walls: scratch folders where they are needed, and cgroups.

        why: the reason where there are no cgroups, and memory and processes are watched instead.
        """
        self._scratch, self._groups = scratch, groups
        self.layers = (*self.layers, cgroup.LAYER if groups else cgroup.WATCHED)
        if groups is None:
            self.missing = (*self.missing, Missing(cgroup.LAYER, why))

    def expect(self, layers: tuple[str, ...], *, strict: bool) -> None:
        """From now on every child is compared with the one that was tried."""
        self.expected, self.strict = layers, strict

    def take_lost(self) -> tuple[Missing, ...]:
        """The layers that a child has lacked since this was last asked."""
        lost, self.lost = self.lost, ()
        return lost

    def spawn(self, limits: Limits) -> Child:
        """A fresh child behind its walls; JailError when the zygote is gone, or a wall that stood when tried is not."""
        folder = self._scratch.make() if self._scratch else ""
        try:
            child = self._make(limits, folder)
        except LostError as lost:
            raise JailError(f"a child of the jail was lost before it ran anything: {lost}") from None
        self._compare(child)
        return child

    def _make(self, limits: Limits, folder: str) -> Child:
        request = {"op": "spawn", "limits": dataclasses.asdict(limits), "folder": folder}
        near = self._hand_over(json.dumps(request).encode(), socket.SOCK_STREAM)
        try:
            reply, handles = self._receive(1)
        except JailError:
            near.close()
            raise
        group = self._group(limits, handles[0])
        return Child(self, near, handles[0], reply["id"], limits, folder=folder, group=group, card=self.card)

    def _hand_over(self, message: bytes, kind: socket.SocketKind) -> socket.socket:
        """Sends a request with one end of a fresh pair of sockets; returns the other."""
        near, far = socket.socketpair(socket.AF_UNIX, kind)
        with far:
            try:
                socket.send_fds(self._control, [message], [far.fileno()])
            except OSError as error:
                near.close()
                raise JailError(_GONE) from error
        return near

    def _group(self, limits: Limits, handle: int) -> cgroup.Group | None:
        if self._groups is None:
            return None
        group = self._groups.make(limits)
        group.add(pid_of(handle))
        return group

    def _compare(self, child: Child) -> None:
        """Never silently less: a layer may be refused to a later child that was granted to the first."""
        absent = [name for name in self.expected if name not in (*self.layers, *child.layers)]
        if not absent:
            return
        reasons = {each.name: each.why for each in child.missing}
        self.lost = tuple(Missing(name, reasons.get(name, "it was there when tried")) for name in absent)
        if self.strict or gpu.LAYER in absent:  # without its GPU an answer would fail, and be blamed for it
            child.end()
            words = "; ".join(f"{each.name} ({each.why})" for each in self.lost)
            raise JailError(f"not run, since walls that stood when tried are missing now: {words}")

    def reap(self, number: int) -> Exit:
        """Waits for the end of a child that was killed or ended by itself."""
        self._ask_for_end(number)
        while number not in self._exits:
            self._take(0)
        return self._exits.pop(number)

    def leave(self, number: int) -> None:
        """The same for a child that was killed and whose exit tells nothing: its end is not waited for."""
        self._left.add(number)
        self._ask_for_end(number)

    def _ask_for_end(self, number: int) -> None:
        try:
            self._control.send(json.dumps({"op": "reap", "id": number}).encode())
        except OSError as error:
            raise JailError(_GONE) from error

    def _receive(self, descriptors: int) -> tuple[dict[str, Any], list[int]]:
        """The reply to a request; what comes before it tells of children that ended meanwhile."""
        while (received := self._take(descriptors)) is None:
            pass
        return received

    def _take(self, descriptors: int) -> tuple[dict[str, Any], list[int]] | None:
        """One message of the zygote's, None when it told of an end."""
        message, handles = self._message(descriptors)
        if "ended" not in message:
            return message, handles
        number = message.pop("ended")
        if number in self._left:
            self._left.remove(number)
        else:
            self._exits[number] = Exit(**message)
        return None

    def _message(self, descriptors: int) -> tuple[dict[str, Any], list[int]]:
        try:
            message, handles, _, _ = socket.recv_fds(self._control, 65536, max(1, descriptors))
        except ConnectionError as error:
            raise JailError(_GONE) from error
        if not message:
            raise JailError(_GONE)
        return json.loads(message), handles

    def close(self) -> None:
        for gate in self._aheads:
            gate.close()
        self._control.close()
