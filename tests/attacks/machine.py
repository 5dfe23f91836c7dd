"""Breaking the machine: floods, what processes do to each other, and what never ends."""

from __future__ import annotations

from attacks import machine_floods, machine_hangs, machine_processes

ATTACKS = (*machine_floods.ATTACKS, *machine_processes.ATTACKS, *machine_hangs.ATTACKS)
