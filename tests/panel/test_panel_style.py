"""The style reads well on any page: no colours but in pairs, and nothing fetched from elsewhere."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
from panel_samples import EXERCISES

from grader.panel import Audience, exercise_html

CSS = re.sub(r"/\*.*?\*/", "", (files("grader.panel") / "panel.css").read_text(encoding="utf-8"), flags=re.DOTALL)
TONES = sorted(set(re.findall(r"--tone: (#\w{6})", CSS)))


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb`, by WCAG 2.2."""
    shares = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("tone", TONES)
def test_white_on_every_tone_has_enough_contrast(tone):
    assert 1.05 / (luminance(tone) + 0.05) >= 4.5


def test_white_is_the_only_fixed_colour_and_stands_on_a_tone():
    assert set(re.findall(r"#\w+", CSS)) == {"#fff", *TONES}
    assert re.findall(r"[^{}]*\{[^}]*#fff[^}]*\}", CSS) == re.findall(
        r"[^{}]*\{[^}]*background: var\(--tone\)[^}]*\}", CSS
    )


def test_nothing_is_fetched():
    shown = exercise_html(EXERCISES["wrong_values"], audience=Audience.AUTHOR)
    assert not re.search(r"url\(|@import|https?:|src=|href=", shown)


def test_every_rule_holds_for_panels_only():
    selectors = re.findall(r"(?:^|[{}])\s*([^{}@]+?)\s*\{", CSS)
    assert len(selectors) > 20
    assert all(
        ".grader-panel" in part for selector in selectors for part in re.sub(r"\([^)]*\)", "", selector).split(",")
    )
