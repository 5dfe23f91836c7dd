"""Inputs that reached something new when they were found (tests/fuzz/fuzz_wire.py) break no promise today."""

from __future__ import annotations

import pytest
from fuzz.targets import TARGETS, kept


@pytest.mark.parametrize("name", TARGETS)
def test_what_a_fuzzer_found_interesting_breaks_no_promise(name):
    inputs = kept(name)
    assert len(inputs) >= 10
    for each in inputs:
        TARGETS[name](each)
