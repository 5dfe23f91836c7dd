"""Fooling the tests: answers that know the question, and trainings that never were."""

from __future__ import annotations

from attacks import fooling_replies, fooling_tables, fooling_training

ATTACKS = (*fooling_tables.ATTACKS, *fooling_replies.ATTACKS, *fooling_training.ATTACKS)
