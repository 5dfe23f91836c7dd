"""The attack suite's own instruments: what must be seen is seen, so that no attack passes because nobody looked."""

from __future__ import annotations

import base64
import dataclasses
import os
import socket
from pathlib import Path

import pytest
from tests_support import ROOT

from attacks.accomplice import Accomplice
from attacks.arena import Freedom
from attacks.attack import FIRST, Attack, Bite
from attacks.chapters import ATTACKS
from attacks.jailed import JailedClass, Seen
from attacks.notebooks import filled
from attacks.planted import PLACES, Secrets
from attacks.table import Row, markdown

ATTACK = Attack("looks", "stealing", "04_softmax", {FIRST: "1"}, "nothing", Bite.LEAK)
HONEST = Seen(points=0.0, verdict=None, text="", shown="", seconds=1.0)


@pytest.fixture
def accomplice():
    made = Accomplice()
    yield made
    made.close()


@pytest.mark.parametrize(
    "form",
    [
        str,
        str.upper,
        lambda word: word[::-1],
        lambda word: word.encode().hex(),
        lambda word: base64.b64encode(b"x" + word.encode() + b"yz").decode(),
        lambda word: str(list(word.encode())),
    ],
)
def test_a_secret_is_found_in_every_form(form):
    planted = Secrets()
    assert planted.found_in(f"<p>{form(planted['solution'])}</p>") == ("solution",)


def test_the_seed_is_a_secret_too_and_nothing_is_found_where_nothing_is():
    planted = Secrets()
    assert planted.found_in(f"it is {planted.seed}") == ("seed",)
    assert planted.found_in(*Secrets().words.values()) == ()


def breaches(planted: Secrets, folder, arrived=None, **seen):
    class_ = JailedClass(folder, Path("/nowhere"), planted, [ATTACK])
    class_._seen[ATTACK.student] = dataclasses.replace(HONEST, **seen)
    class_.neighbours = [HONEST]
    class_.arrived = arrived or {}
    return class_.breaches(ATTACK)


def test_whatever_an_attack_gets_is_a_breach(planted_course):
    planted = Secrets()
    assert breaches(planted, planted_course) == ()
    for place in PLACES:
        assert breaches(planted, planted_course, shown=planted[place]), place
    for seen in ({"points": 0.01}, {"seconds": 1e3}, {"failure": "KeyError"}, {"text": planted["gradebook"]}):
        assert breaches(planted, planted_course, **seen), seen
    assert breaches(planted, planted_course, arrived={"tcp": "looks"})


def test_hidden_inputs_and_the_seed_may_stand_in_what_staff_keep_only(planted_course):
    planted = Secrets()
    assert breaches(planted, planted_course, text=f"{planted['hidden input']} {planted.seed}") == ()


@pytest.mark.parametrize("bite", sorted(set(Bite) - {Bite.NONE}))
def test_no_control_bites_by_doing_nothing(bite):
    idle = Freedom(points=0.0, text="", leaked=(), arrived={}, changed=(), ended=True, neighbour=8.0)
    assert not idle.bitten(dataclasses.replace(ATTACK, bites=bite))


def test_the_accomplice_sees_every_message(accomplice):
    known = accomplice.facts()
    for address in (("127.0.0.1", known["TCP"]), known["ABSTRACT"], f"{known['DROP']}/socket"):
        with socket.socket(socket.AF_INET if isinstance(address, tuple) else socket.AF_UNIX) as sender:
            sender.connect(address)
            sender.sendall(b"hello")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for port in (known["UDP"], known["DNS"]):
            sender.sendto(b"hello", ("127.0.0.1", port))
    pipe = os.open(f"{known['DROP']}/fifo", os.O_WRONLY | os.O_NONBLOCK)
    os.write(pipe, b"hello")
    os.close(pipe)
    for folder in ("DROP", "SHM"):
        Path(known[folder], "note").write_text("hello")
    arrived = accomplice.collect()
    assert set(arrived.values()) == {"hello"}
    assert len(arrived) == 8


def test_an_attackers_notebook_differs_from_the_released_one_in_the_attackers_cells_only(planted_course):
    released = planted_course.released_notebook("04_softmax")
    made = filled(released, {"softmax": "mine", FIRST: "before"}, "head")
    assert [cell["source"] for cell in made["cells"][:2]] == ["head", "before"]
    changed = [cell["source"] for cell, was in zip(made["cells"][2:], released["cells"], strict=True) if cell != was]
    assert changed == ["mine"]


def test_the_table_counts_what_was_gained():
    rows = [Row(ATTACK, got=0.0, leaked="nothing", control="leaked: seed"), Row(ATTACK, got=1.0, leaked="seed")]
    text = markdown(rows)
    assert "2 attacks in the jail: 1 got more than they deserve, 1 got a secret out. 1 controls bit" in text
    assert "| looks | nothing | 0 | 1 | seed |" in text


def test_the_page_shows_every_attack_as_it_was_run_last():
    page = (ROOT / "docs" / "attacks.md").read_text(encoding="utf-8")
    shown = {tuple(line.split(" | ")[i].strip("| ") for i in (0, 2, 3)) for line in page.splitlines() if " | " in line}
    run = {(each.name.replace("|", "\\|"), f"{each.honest:g}", f"{each.honest:g}") for each in ATTACKS}
    assert run <= shown, sorted(run - shown)
    assert f"{len(ATTACKS)} attacks in the jail: 0 got more than they deserve, 0 got a secret out." in page
