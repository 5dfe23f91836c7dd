"""Where two machines differ in what a result may depend on."""

from __future__ import annotations

from grader.cluster.installation import difference, installation, told

OURS = {"Python": "3.11.7", "torch": "2.13.0", "grader": "0.1.0"}


def test_this_machine_agrees_with_itself():
    assert difference(installation(), dict(installation())) == ""


def test_both_versions_are_named():
    assert difference(OURS, {**OURS, "torch": "2.12.0"}) == "torch 2.12.0 where this command has 2.13.0"


def test_code_that_has_changed_between_releases_is_a_difference():
    assert "grader's code" in difference(installation(), {**installation(), "grader's code": "0"})


def test_a_build_for_another_device_is_the_same_version():
    assert told("3.11.7.final.0", {"torch": "2.13.0+cu126"}) == {"Python": "3.11.7", "torch": "2.13.0"}


def test_what_is_not_installed_is_none():
    assert difference(OURS, told("3.11.7.final.0", {"grader": None})) == "grader none where this command has 0.1.0"


def test_nbgrader_is_not_asked_for():
    assert "nbgrader" not in installation()
