"""Every command in a shell block of the documentation is typed as it stands, and ends as its page says."""

from __future__ import annotations

import shutil

import pytest

from docs.not_here import NOT_HERE
from docs.pages import PAGES, commands
from docs.stage import EXIT_CODES, PREPARE, STARTS, lacking

EVERY = [each for page in PAGES for each in commands(page)]
RUN = {page: [each for each in commands(page) if each.text not in NOT_HERE] for page in PAGES}


@pytest.mark.parametrize("page", [page for page in PAGES if RUN[page]])
def test_the_commands_of_a_page_do_what_they_are_there_for(page, stage):
    if shutil.which("bash") is None:
        pytest.skip("there is no bash")
    typed = [each for each in RUN[page] if not lacking(each)]
    outcomes = stage.play(page, typed)
    for each in outcomes:
        place = f"{each.command.page}:{each.command.line}"
        assert each.code == EXIT_CODES.get(each.command.text, 0), f"{place}\n$ {each.command.text}\n{each.output}"
    assert len(outcomes) == len(typed)
    if missing := {lacking(each) for each in RUN[page]} - {""}:
        pytest.skip(f"all but the commands that need {', '.join(sorted(missing))}, which is not installed")


def test_the_finder_finds_commands():
    assert ("docs/ta.md", "grader autograde 04_softmax") in {(each.page, each.text) for each in EVERY}
    assert ("README.md", "make demo") in {(each.page, each.text) for each in EVERY}


@pytest.mark.parametrize("text", NOT_HERE)
def test_what_is_not_run_stands_in_the_documentation_and_has_a_reason(text):
    assert text in {each.text for each in EVERY}
    assert len(NOT_HERE[text].split()) > 3


def test_what_is_prepared_and_expected_belongs_to_commands_that_are_there():
    assert set(EXIT_CODES) <= {each.text for each in EVERY}
    assert {*STARTS, *PREPARE} <= set(PAGES)
