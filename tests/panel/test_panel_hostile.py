"""Whatever a stranger writes stays text, in terminals and in pages."""

from __future__ import annotations

import re
import unicodedata
from html.parser import HTMLParser

import pytest
from panel_samples import BATCH, case, softmax

from grader.hints import Hint
from grader.panel import (
    Audience,
    exercise_html,
    exercise_text,
    hint_html,
    hint_text,
    submission_html,
    submission_text,
)
from grader.panel.plain import MAX_LINE, inert
from grader.verdict import ExerciseVerdict, Finding, ForbiddenCall, Grid, Mistake, Outcome, Plane, Verdict

HOSTILE = {
    "script": "<script>alert(1)</script>",
    "handler": "\"><img src=x onerror='alert(1)'>",
    "link": "<a href='javascript:alert(1)'>x</a> `javascript:alert(1)`",
    "end of style": "</style></section><style>*{display:none}",
    "template": "{{ 7 * 7 }} {% for x in y %} {{ style }}",
    "ansi": "\x1b[2J\x1b[31mred\x1b]0;title\x07\x1b]8;;http://evil\x1b\\ \x9b31m",
    "controls": "a\x00b\x08c\x7fd\re\x85f",
    "bidi": "a\u202ab\u202bc\u202dd\u202ee\u2066f\u2067g\u2068h\u2069i\u200fj",
    "invisible": "a\u200bb\u2060c\ufeffd\U000e0041e\ue000f",
    "lines": "x\npassed · 4 of 4 points\u2028passed\u2029passed\x0bpassed",
    "marks": "a" + "\u0301" * 500,
    "surrogate": "a\ud800b",
    "long": "x" * 100_000,
    "long escapes": "\x1b[31m" * 100_000,
}
REFUSED = {"Cc", "Cf", "Cs", "Co", "Cn"}
TAGS = {"style", "section", "p", "strong", "span", "dl", "dt", "dd", "div", "code"}
TAGS |= {"table", "caption", "thead", "tbody", "tr", "th", "td", "figure", "figcaption", "br", "pre"}
ATTRIBUTES = {"class", "role", "aria-label", "scope", "tabindex"}


class Page(HTMLParser):
    """Tags, attributes and text of a fragment."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data):
        self.text += data


def everywhere(text: str) -> ExerciseVerdict:
    grids = (Grid(text, text, (Plane(((text, text),), text, ((0, 1),)),), text), Grid(text, text))
    finding = Finding(Outcome.CRASHED, text, text, text, text, text, text, text, grids)
    return ExerciseVerdict(
        text, 0.0, 4.0, Outcome.CRASHED, (case(text, Outcome.CRASHED, finding),), Mistake(text, text), note=text
    )


def panels(text: str) -> tuple[list[str], list[str]]:
    """All texts and all pages that a stranger's text can reach."""
    forbidden = softmax(0.0, Outcome.FORBIDDEN, forbidden=ForbiddenCall(text, text, 3, text))
    exercises = (everywhere(text), forbidden)
    whole = Verdict(text, text, exercises, (text,), text, (text,), isolation=(text,))
    texts = [submission_text(whole, audience=Audience.AUTHOR)]
    pages = [submission_html(whole, audience=Audience.AUTHOR)]
    for audience in Audience:
        texts += [exercise_text(each, audience=audience) for each in exercises]
        pages += [exercise_html(each, audience=audience) for each in exercises]
    hint = Hint(text, text)
    texts, pages = [*texts, hint_text(text, hint)], [*pages, hint_html(text, hint)]
    return texts, pages


@pytest.mark.parametrize("kind", HOSTILE)
def test_no_character_acts_on_its_reader(kind):
    texts, pages = panels(HOSTILE[kind])
    for shown in (*texts, *pages):
        assert not {c for c in shown if unicodedata.category(c) in REFUSED and c != "\n"}
        assert not re.search("[\u2028\u2029]|[\u0300-\u036f]{4}", shown)
        shown.encode()


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_page_holds_only_our_own_tags_and_attributes(kind):
    for source in panels(HOSTILE[kind])[1]:
        page = Page(source)
        assert page.tags <= TAGS
        assert page.attributes <= ATTRIBUTES
        assert source.count("<style>") == source.count("</style>") == 1


@pytest.mark.parametrize("kind", ["script", "handler", "template"])
def test_markup_is_shown_as_it_was_written(kind):
    texts, pages = panels(HOSTILE[kind])
    assert all(HOSTILE[kind] in " ".join(text.split()) for text in texts)
    assert all(HOSTILE[kind] in Page(source).text for source in pages)


@pytest.mark.parametrize("kind", HOSTILE)
def test_no_line_can_pass_for_one_of_ours(kind):
    for text in panels(HOSTILE[kind])[0]:
        assert all(not line.startswith("passed") for line in text.splitlines())
        assert max(map(len, text.splitlines()[1:])) <= 400


@pytest.mark.parametrize("kind", ["long", "long escapes"])
def test_a_crop_says_that_it_is_one(kind):
    shown = inert(HOSTILE[kind])
    assert len(shown) < MAX_LINE + 60
    assert shown.endswith(f"(cut: {len(HOSTILE[kind]):,} characters in all)")


@pytest.mark.parametrize("text", ["Rows of ±10 000 → finite.", "naïve ça 你好 ñ", "e\u0301 −∞ × ½", "x" * MAX_LINE])
def test_honest_text_stays_as_it_is(text):
    assert inert(text) == text


def test_an_explanation_is_never_cut():
    long = "why " * 300
    for show in (exercise_text, exercise_html):
        shown = show(softmax(0.0, Outcome.WRONG, mistake=Mistake("m", long)), audience=Audience.STUDENT)
        assert shown.count("why") == 300


def test_what_stands_in_backticks_is_code_and_still_escaped():
    shown = exercise_html(softmax(0.0, Outcome.WRONG, case(BATCH), note="`<b>` and ` alone"), audience=Audience.AUTHOR)
    assert "<dd><code>&lt;b&gt;</code> and ` alone</dd>" in shown
