"""The page and the JSON of a small class, word for word beside this file in `golden/`, and what holds of any page.

After a wanted change write them anew with `GRADER_GOLDEN=write pytest tests/report`, and read the difference.
"""

from __future__ import annotations

import itertools
import json
import os
import re
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import pytest

from grader.report.document import document
from grader.report.facts import Group
from grader.report.page import breakable, number, page, plural, share
from grader.report.report import Report
from grader.report.verdicts import Case

GOLDEN = Path(__file__).parent / "golden"
VOID = {"meta", "rect", "line", "img", "br", "wbr", "hr", "input"}


class Page(HTMLParser):
    """The elements of a page with their attributes, and whether each is closed where it should be."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(source)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def all(self, attribute: str) -> list[str]:
        return [attributes[attribute] or "" for _, attributes in self.elements if attribute in attributes]


@pytest.fixture(scope="module")
def source(small_report):
    return "".join(page(small_report))


@pytest.fixture(scope="module")
def elements(source):
    return Page(source)


def assert_golden(name: str, found: str) -> None:
    path = GOLDEN / name
    if os.environ.get("GRADER_GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(found, encoding="utf-8")
    assert found == path.read_text(encoding="utf-8")


def test_the_page_of_a_small_class(source):
    assert_golden("page.html", re.sub(r"<style>.*?</style>", "<style>…</style>", source, flags=re.DOTALL))


def test_the_same_as_json(small_report):
    assert_golden("report.json", json.dumps(document(small_report), indent=1, ensure_ascii=True) + "\n")


def test_the_page_needs_nothing_and_lets_nothing_act(source, elements):
    tags = {tag for tag, _ in elements.elements}
    assert not tags & {"script", "link", "iframe", "img", "object", "form", "base", "a:href"}
    assert not [name for _, attributes in elements.elements for name in attributes if name.startswith("on")]
    assert all(address.startswith("#") for address in elements.all("href"))
    assert "default-src 'none'" in elements.all("content")[0]
    assert "url(" not in source
    assert "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;" in source


def test_every_link_leads_to_a_place_of_the_page_and_no_place_is_there_twice(elements):
    places = elements.all("id")
    assert len(places) == len(set(places))
    assert {address[1:] for address in elements.all("href")} <= set(places)
    assert set(elements.all("aria-labelledby")) <= set(places)


def test_a_name_of_a_place_is_never_of_a_students_choosing(elements):
    assert all(re.fullmatch(r"[a-z-]+|s\d+|pair\d+", each) for each in elements.all("id"))


def test_headings_go_down_one_by_one(elements):
    levels = [int(tag[1]) for tag, _ in elements.elements if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_every_picture_has_words_and_a_table_behind_it(source, elements):
    charts = [
        attributes for tag, attributes in elements.elements if tag == "svg" and attributes.get("class") == "chart"
    ]
    assert len(charts) == 3
    assert all(each["role"] == "img" and len(each["aria-label"] or "") > 40 for each in charts)
    assert len(re.findall(r'<svg class="chart".*?</svg>.*?<summary>The same as a table', source, re.DOTALL)) == 3
    assert all(a.get("aria-hidden") or a.get("role") for tag, a in elements.elements if tag == "svg")


def test_what_scrolls_can_be_reached_by_keyboard_and_says_what_it_is(elements):
    regions = [attributes for _, attributes in elements.elements if attributes.get("class") == "scroll"]
    assert len(regions) >= 4
    assert all(each["tabindex"] == "0" and each["role"] == "region" and each["aria-label"] for each in regions)


def test_the_names_of_exercises_may_break_in_the_head_of_the_students_table(source):
    head = re.search(r'<table class="students">\n<thead>.*?</thead>', source, re.DOTALL)
    assert head is not None
    assert "log_<wbr>softmax" in head[0]
    assert ".students .wide { min-width: 20rem; }" in source
    assert breakable("<b>_x") == "&lt;b&gt;_<wbr>x"


def test_what_could_not_be_graded_has_no_number_in_its_row(source):
    row = next(line for line in source.splitlines() if ">iris</bdi>" in line and "<tr" in line)
    assert re.findall(r'<td class="n">(.*?)</td>', row) == ["–", "?", "?", "?"]
    assert "could not be graded: <code>04_softmax.ipynb</code> is empty" in row


def shown(report: Report) -> str:
    return "".join(page(report))


def test_where_all_cases_fail_as_many_no_case_leads_and_the_rest_is_more_and_not_fewer(small_report):
    def told(*failed: int) -> str:
        cases = tuple(Case("softmax", f"Case {number}.", 9, each) for number, each in enumerate(failed))
        return shown(replace(small_report, facts=replace(small_report.facts, cases=cases)))

    tied, led = told(*[1] * 16), told(2, *[1] * 11, 0)
    assert "The hidden case that most fail" not in tied
    assert "<summary>4 more cases</summary>" in tied
    assert "The hidden case that most fail, 2 of 9" in led
    assert "<summary>1 case that fewer fail</summary>" in led


def test_answers_that_did_not_run_are_told_with_the_reason(small_report):
    group = Group("softmax", "It raised SyntaxError.", (small_report.student("ada"),))
    assert "Answers that did not run" not in shown(small_report)
    text = shown(replace(small_report, facts=replace(small_report.facts, did_not_run=(group,))))
    assert "<code>softmax</code>, 1 student: It raised SyntaxError. <a" in text


def luminance(colour: str) -> float:
    digits = colour if len(colour) == 6 else "".join(2 * digit for digit in colour)
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


THEMES = re.findall(r":root \{(.*?)\}", (files("grader.report") / "page.css").read_text(), re.DOTALL)


@pytest.mark.parametrize("theme", THEMES, ids=["light", "dark", "print"])
def test_colours_can_be_told_from_what_they_stand_on(theme):
    colours = dict(re.findall(r"--(\w+): #(\w+)", theme))
    for ink in ("ink", "soft", "link"):
        assert all(contrast(colours[ink], colours[ground]) >= 4.5 for ground in ("page", "faint")), ink
    assert contrast(colours["ink"], colours["mark"]) >= 4.5
    for fill in ("full", "part", "zero", "untouched", "unchecked"):
        assert contrast(colours["on"], colours[fill]) >= 4.5, fill
        assert contrast(colours[fill], colours["page"]) >= 3, fill


@pytest.mark.parametrize(
    ("part", "whole", "words"), [(0, 9, "0 %"), (9, 9, "100 %"), (1, 900, "1 %"), (899, 900, "99 %")]
)
def test_a_share_is_nothing_or_all_only_where_it_is(part, whole, words):
    assert share(part, whole) == words


def test_numbers_are_as_short_as_they_can_be():
    assert [number(each) for each in (2.0, 2.5, 2.345, 10.0, 0.0)] == ["2", "2.5", "2.35", "10", "0"]
    assert [plural(each, "pair") for each in (0, 1, 1234)] == ["0 pairs", "1 pair", "1,234 pairs"]
    assert share(0, 0) == "0 %"
