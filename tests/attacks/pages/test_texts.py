"""Text cells of students', as nbgrader's pages render them: ordinary Markdown works, nothing acts."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from grader.notebook.inert import CUT_NOTE, MAX_OWN_TEXT, MAX_OWN_TEXTS, inert_text, with_inert_texts
from grader.notebook.normal import normalised

TAGS = {"p", "a", "em", "strong", "code", "pre", "br", "hr", "blockquote", "ul", "ol", "li", "del", "div", "span"}
TAGS |= {"table", "thead", "tbody", "tr", "th", "td", "input", "dl", "dt", "dd", *(f"h{n}" for n in range(1, 7)), "img"}
ATTRIBUTES = {"href", "src", "alt", "title", "class", "style", "type", "disabled", "checked", "start", "id"}
BROWSERS_SKIP = re.compile(r"^[\x00-\x20]+|[\t\n\r]")
"""What a browser takes out of an address before it looks for the scheme."""

PIECES = st.sampled_from(
    (
        *("<", ">", "</", "<!--", "script", "img src=x ", "onerror=a", "javascript", "java", "vbscript:", ":", "\\"),
        *(
            "&#106;",
            "&Tab;",
            "&amp;",
            ";",
            "![",
            "[",
            "]",
            "(",
            ")",
            "](",
            "]:",
            "http://e.x/",
            "attachment:x",
            "a.png",
        ),
        *("data:image/png;base64,AA", "![x](a.png)", "`", "```", "mermaid", "$", "$$", "\\href{", "}", "|", "-", "> "),
        *("\n", "\r", "\t", " ", "\x01", "\u200b", "a", "1. ", "#", "/", '"', "'", "*", "_"),
    )
)


class Rendered(HTMLParser):
    """What nbconvert makes of a text, taken apart."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: dict[str, set[str]] = {}
        renderer = IPythonRenderer(escape=False, exclude_anchor_links=True, attachments={})
        self.html = MarkdownWithMath(renderer=renderer).render(text)
        self.feed(self.html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        for name, value in attrs:
            self.attributes.setdefault(name, set()).add(value or "")

    def handle_comment(self, data):
        self.tags.add("comment")

    handle_decl = unknown_decl = handle_pi = handle_comment


def assert_inert(text: str) -> None:
    page = Rendered(inert_text(text))
    assert page.tags <= TAGS, page.html
    assert page.attributes.keys() <= ATTRIBUTES, page.html
    assert "id" not in page.attributes, page.html
    assert "<!" not in page.html
    for address in page.attributes.get("href", set()):
        scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):", BROWSERS_SKIP.sub("", address))
        assert not scheme or scheme[1].lower() in {"http", "https", "mailto", "attachment"}, address
    for address in page.attributes.get("src", set()):
        assert not re.match(r"[a-z]+://|/", address), address


def test_every_hostile_text_is_inert(tools):
    for text in tools.TEXTS.values():
        assert_inert(text.replace("EVIL", "http://evil.example"))


@given(st.lists(PIECES, max_size=24).map("".join))
@settings(max_examples=400, deadline=None)
def test_no_text_made_of_dangerous_pieces_acts(text):
    assert_inert(text)
    assert inert_text(inert_text(text)) == inert_text(text)


@pytest.mark.parametrize("name", ["script", "handler", "svg", "iframe", "form", "refresh", "style", "comment"])
def test_control_nbconvert_puts_the_same_text_into_the_page(tools, name):
    page = Rendered(tools.TEXTS[name])
    assert page.tags - TAGS or page.attributes.keys() - ATTRIBUTES or "<!--" in page.html


def test_ordinary_markdown_stays_word_for_word(tools):
    assert inert_text(tools.HONEST, {"dot.png"}) == tools.HONEST
    page = Rendered(inert_text(tools.HONEST.replace("attachment:dot.png", "dot.png")))
    assert {"h1", "em", "strong", "ol", "li", "table", "th", "td", "a", "img", "code"} <= page.tags
    assert page.attributes["href"] == {"https://example.org/book?a=1&b=2"}
    assert page.attributes["src"] == {"dot.png", "fig.png"}


def test_markup_is_still_there_to_be_read():
    assert "window.__pwned" in Rendered(inert_text("<script>window.__pwned</script>")).html


def test_a_picture_that_is_missing_does_not_stop_the_page():
    assert "attachment" in Rendered(inert_text("![x](attachment:nowhere.png)")).html


def test_control_a_picture_that_is_missing_stops_the_page():
    with pytest.raises(Exception, match="missing attachment"):
        Rendered("![x](attachment:nowhere.png)")


@pytest.mark.parametrize("text", ["softmax: 4 of 4 points", "**8/8 points**", "Score: 12", "You have 3 out of 3 marks"])
def test_a_text_that_speaks_of_points_says_who_wrote_it(text):
    assert inert_text(text).startswith("*(The student wrote this cell.")


def test_a_long_text_is_cut_with_a_note():
    shown = inert_text("\\begin{a}" * 40_000)
    assert len(shown) == MAX_OWN_TEXT + len(CUT_NOTE)
    assert shown.endswith(CUT_NOTE)


def notebook(*cells: dict) -> dict:
    return normalised({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells)})


def markdown(source: str, **metadata: object) -> dict:
    return {"cell_type": "markdown", "metadata": metadata, "source": source}


def test_what_was_released_stays_as_it_is():
    ours = notebook(markdown("<details><summary>why</summary>because</details>"))
    assert with_inert_texts(ours, ours) == ours


def test_released_text_turned_into_another_kind_of_cell_is_the_students():
    ours, raw = "<script>course()</script>", {"cell_type": "raw", "metadata": {}, "source": "<script>course()</script>"}
    assert "<script" not in with_inert_texts(notebook(raw), notebook(markdown(ours)))["cells"][0]["source"]


def test_all_texts_together_are_bounded():
    cells = [markdown(f"{number} " + "word " * 4_000) for number in range(20)]
    shown = with_inert_texts(notebook(*cells), notebook())["cells"]
    assert sum(len(cell["source"]) for cell in shown) <= MAX_OWN_TEXTS + 20 * len(CUT_NOTE)


def test_a_cells_tag_adds_no_class_to_the_page():
    cell = with_inert_texts(notebook(markdown("x", tags=["keep", "x hidden"])), notebook())["cells"][0]
    assert cell["metadata"]["tags"] == ["keep"]


def test_the_graded_notebook_holds_the_inert_texts_and_is_valid(hostile, tools):
    graded = nbformat.read(hostile.autograded("texts") / "04_softmax.ipynb", as_version=4)
    nbformat.validate(graded)
    texts = [cell.source for cell in graded.cells if cell.cell_type == "markdown"]
    released = (hostile.root / "assignments/04_softmax/04_softmax.ipynb").read_text()
    own = [text for text in texts if text.splitlines()[0] not in released]
    assert len(own) >= len(tools.TEXTS) - 2
    assert not [text for text in own if re.search(r"<[A-Za-z/!?]|javascript:|!\[", text)]
