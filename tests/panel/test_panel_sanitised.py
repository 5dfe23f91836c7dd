"""What a front end leaves of a panel when it trusts no HTML: every fact, as the plain text has them."""

from __future__ import annotations

import re

import pytest
from bleach.sanitizer import Cleaner
from panel_samples import EXERCISES, HINTS, ONWARD
from test_panel_hostile import Page

from grader.panel import Audience, exercise_html, exercise_text, hint_html, hint_text

# what JupyterLab's sanitiser and GitHub's keep of a notebook that is not trusted, at the least
KEPT = {"section", "p", "strong", "span", "dl", "dt", "dd", "div", "code", "pre", "br"}
KEPT |= {"table", "caption", "thead", "tbody", "tr", "th", "td"}
CLEANER = Cleaner(tags=KEPT, attributes={}, strip=True)


def words(text):
    """The words in any order: a text shows side by side what a page shows one after the other."""
    return sorted(set(re.findall(r"[^\s·:█░]+", text.replace("`", ""))) - {"softmax"})


def left_of(page):
    """The text that is left without styles, which go as a whole."""
    body = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    return Page(re.sub(r"(</?(td|th|br|tr|caption|figcaption)\b)", r" \1", CLEANER.clean(body))).text


def indices(page):
    return {str(number) for number in range(8)} if "<figure" in page else set()


@pytest.mark.parametrize("audience", Audience)
@pytest.mark.parametrize("name", EXERCISES)
def test_a_panel_without_style_and_classes_says_what_its_text_says(name, audience):
    page = exercise_html(EXERCISES[name], audience=audience)
    text = exercise_text(EXERCISES[name], audience=audience)
    assert set(words(left_of(page))) - indices(page) == set(words(text)) - indices(page)


@pytest.mark.parametrize("name", ONWARD)
def test_what_stands_behind_a_result_is_left_too(name):
    verdict, onward = ONWARD[name]
    page = exercise_html(verdict, audience=Audience.AUTHOR, onward=onward)
    assert words(left_of(page)) == words(exercise_text(verdict, audience=Audience.AUTHOR, onward=onward))


@pytest.mark.parametrize("name", HINTS)
def test_a_hint_is_left_too(name):
    assert words(left_of(hint_html("softmax", HINTS[name]))) == words(hint_text("softmax", HINTS[name]))
