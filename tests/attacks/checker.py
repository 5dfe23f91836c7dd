"""Attacking the checker: patched libraries, a bent shell, lying values, forged replies, shadow modules."""

from __future__ import annotations

from attacks import checker_patches, checker_replies, checker_shell, checker_values

ATTACKS = (*checker_patches.ATTACKS, *checker_shell.ATTACKS, *checker_values.ATTACKS, *checker_replies.ATTACKS)
