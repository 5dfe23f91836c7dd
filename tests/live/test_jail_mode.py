"""While a notebook is graded, `check` and `hint` do nothing; and importing the kit costs nothing heavy."""

from __future__ import annotations

import subprocess
import sys

import pytest

from grader import check, hint, live

HEAVY = ("torch", "pytest", "IPython", "jinja2", "numpy")


@pytest.mark.parametrize("name", ["softmax", "no_such_exercise"])
def test_in_the_jail_nothing_is_checked_and_nothing_shown(folder, monkeypatch, capsys, name):
    monkeypatch.setenv("GRADER_JAIL", "1")
    assert check(name, object()) is live.QUIET
    assert hint(name) is None
    assert capsys.readouterr() == ("", "")
    assert not (folder / "home").exists()


def test_what_is_quiet_is_a_float_and_no_zero_of_a_students():
    zero = 0.0
    assert (type(live.QUIET), live.QUIET) == (float, zero)
    assert live.QUIET is not zero


@pytest.mark.parametrize("then", ["", "check('softmax', None); hint('softmax')"])
def test_the_import_and_the_jail_need_nothing_heavy(monkeypatch, then):
    monkeypatch.setenv("GRADER_JAIL", "1")
    code = f"import sys; from grader import check, hint; {then}\nprint(*sorted(set(sys.modules) & set({HEAVY!r})))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
