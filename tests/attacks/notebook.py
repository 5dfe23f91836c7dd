"""Attacks by the notebook itself: its marks, its form, what lies beside it, and what IPython does for it."""

from __future__ import annotations

from attacks import notebook_files, notebook_magics, notebook_marks

ATTACKS = (*notebook_marks.ATTACKS, *notebook_files.ATTACKS, *notebook_magics.ATTACKS)
