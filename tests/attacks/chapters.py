"""All chapters: modules beside this one, each with a tuple `ATTACKS`. A new module is added here."""

from __future__ import annotations

from attacks import checker, fooling, machine, notebook, stealing_channels, stealing_files, stealing_memory
from attacks.attack import Attack

ATTACKS: tuple[Attack, ...] = (
    *stealing_memory.ATTACKS,
    *stealing_files.ATTACKS,
    *stealing_channels.ATTACKS,
    *checker.ATTACKS,
    *fooling.ATTACKS,
    *notebook.ATTACKS,
    *machine.ATTACKS,
)

ASSIGNMENTS = tuple(sorted({attack.assignment for attack in ATTACKS}))
