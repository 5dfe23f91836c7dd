"""All chapters: each is a module beside this one with a tuple `ATTACKS`. A new chapter is added here."""

from __future__ import annotations

from attacks import stealing
from attacks.attack import Attack

ATTACKS: tuple[Attack, ...] = (*stealing.ATTACKS,)

ASSIGNMENTS = tuple(sorted({attack.assignment for attack in ATTACKS}))
