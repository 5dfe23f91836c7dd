"""`grader doctor` tells what was tried, whole, and for programs too."""

from __future__ import annotations

import json

import pytest
from rich.console import Console

from grader import doctor
from grader.doctor import Examination
from grader.jail.jail import Jail
from grader.jail.layers import Missing
from grader.jail.limits import MIB, Limits
from grader.jail.proofs import Protection
from grader.jail.system import JailError

WHY = "unshare: Operation not permitted by a rule whose name is as long as names of rules may become"
NAMESPACES = Missing("user, mount, pid, network, ipc and uts namespaces", WHY)


def examined(*open_: str, missing: tuple[Missing, ...] = (NAMESPACES,)) -> Examination:
    protection = Protection(("landlock",), ("file system closed",), open_, missing)
    return Examination("Linux", 1000, protection, "", "cpu", "digits", {"torch": "2"})


@pytest.fixture
def shows(monkeypatch, capsys):
    def show(found: Examination, width: int) -> str:
        doctor._show(found, Console(highlight=False, width=width))
        return capsys.readouterr().out

    return show


@pytest.mark.parametrize("width", [40, 80, 200])
def test_nothing_is_cut_however_narrow_the_terminal(shows, width):
    text = shows(examined("other processes out of sight"), width)
    assert "…" not in text
    letters = "".join(part for part in text if part.isalpha())
    assert letters.count("unshare") == 1
    assert all(word in letters for word in ("permitted", "become"[:2], "OPEN", "held", "missing", "active"))


def test_a_remedy_is_one_line_that_can_be_copied(shows):
    lines = shows(examined(), 40).splitlines()
    assert any(line.startswith(NAMESPACES.name) and line.endswith((".", "`.")) for line in lines)


def test_an_open_decisive_wall_is_said_to_stop_grading(shows):
    assert "OPEN, decisive" in shows(examined("network closed"), 120)
    assert "grading is refused here" in shows(examined("network closed"), 120)
    assert "grading is refused here" not in shows(examined("other processes out of sight"), 120)


def test_every_size_is_told_in_mib(shows):
    text = shows(examined(), 120)
    assert "e+" not in text
    row = next(line for line in text.splitlines() if "gpu_memory" in line)
    assert f"{Limits().gpu_memory // MIB} MiB" in row


def test_programs_get_the_same(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "examine", lambda: examined("network closed"))
    assert doctor.doctor(as_json=True) is False
    told = json.loads(capsys.readouterr().out)
    assert (told["tier"], told["decisive"], told["sufficient"]) == ("D", ["network closed"], False)
    assert told["missing"][0]["why"] == WHY
    assert told["missing"][0]["remedy"]
    assert told["limits"]["processes"] > 0


def test_a_jail_that_does_not_start_is_told_and_not_raised(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "Jail", _no_jail)
    assert doctor.doctor() is False
    assert "no luck" in capsys.readouterr().out


def test_a_package_that_is_not_there_is_told(monkeypatch):
    monkeypatch.setattr(doctor, "_PACKAGES", ("torch", "no-such-package"))
    monkeypatch.setattr(doctor, "Jail", _no_jail)
    versions = doctor.examine().versions
    assert versions["no-such-package"] == "not installed"
    assert versions["torch"].startswith("2.")


def _no_jail(**_settings: object) -> Jail:
    raise JailError("the jail did not start: no luck")
