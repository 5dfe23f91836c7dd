"""A probe carries nothing of its suite into the jail."""

from __future__ import annotations

import pytest
import torch

from grader.judge.probe import OpenProbeError, Probe

SECRET = torch.tensor([42.0])


def _with_default(m, x, secret=SECRET):
    return m.softmax(x)


def _closure():
    secret = SECRET
    return lambda m, x: m.softmax(x) - secret


@pytest.mark.parametrize(
    "probe",
    [
        lambda m, x: m.softmax(x) - SECRET,
        lambda m, x: [SECRET for _ in x],
        lambda m, x: __import__("os") and pytest,
        _with_default,
        _closure(),
        max,
    ],
)
def test_a_probe_that_uses_its_suite_is_refused(probe):
    with pytest.raises(OpenProbeError):
        Probe.of(probe)


def test_a_closed_probe_is_taken_and_names_its_inputs():
    probe = Probe.of(lambda m, x, w: torch.sum(m.softmax(x) * w))
    assert probe.parameters == ("x", "w")


def test_a_probe_tells_nothing_of_where_it_was_written():
    assert __file__.encode() not in Probe.of(lambda m, x: [m.softmax(each) for each in x]).to_bytes()
