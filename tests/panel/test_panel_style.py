"""The style reads well on any page: no colours but in pairs, and nothing fetched from elsewhere."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
from panel_samples import EXERCISES

from grader.panel import Audience, drawing, exercise_html

CSS = re.sub(r"/\*.*?\*/", "", (files("grader.panel") / "panel.css").read_text(encoding="utf-8"), flags=re.DOTALL)
TONES = sorted(set(re.findall(r"--tone: (#\w{6})", CSS)))


SHADES = re.findall(r"\.grader-shade-(\d) \{ color: (#\w+); background: (#\w+); \}", CSS)
THEMES = {
    # (text, ground) as the front ends have them; black at 87 % is written out
    "JupyterLab light": ("#212121", "#ffffff"),
    "JupyterLab dark": ("#ffffff", "#111111"),
    "VS Code Light+": ("#616161", "#ffffff"),
    "VS Code Light Modern": ("#3b3b3b", "#ffffff"),
    "VS Code Dark Modern": ("#cccccc", "#1f1f1f"),
    "Colab light": ("#212121", "#ffffff"),
    "Colab dark": ("#d5d5d5", "#383838"),
    "classic notebook": ("#000000", "#ffffff"),
}


def channels(colour: str) -> list[int]:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    return [int(digits[i : i + 2], 16) for i in (0, 2, 4)]


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb` or `#rgb`, by WCAG 2.2."""
    shares = [channel / 255 for channel in channels(colour)]
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted(map(luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


def mixed(colour: str, share: float, ground: str) -> str:
    """What `color-mix` with `transparent` comes to on a ground."""
    pairs = zip(channels(colour), channels(ground), strict=True)
    return "#" + "".join(f"{round(share * over + (1 - share) * under):02x}" for over, under in pairs)


def share_of(variable: str) -> float:
    found = re.search(rf"--{variable}: color-mix\(in srgb, currentColor (\d+)%, transparent\)", CSS)
    assert found is not None
    return int(found[1]) / 100


@pytest.mark.parametrize("tone", TONES)
def test_white_on_every_tone_has_enough_contrast(tone):
    assert contrast("#fff", tone) >= 4.5


def test_there_is_a_colour_for_every_shade_and_its_number_reads_on_it():
    assert [int(number) for number, _, _ in SHADES] == list(range(drawing.SHADES))
    assert min(contrast(text, ground) for _, text, ground in SHADES) >= 4.5


def test_shades_grow_darker_from_step_to_step():
    grounds = [luminance(ground) for _, _, ground in SHADES]
    assert grounds == sorted(set(grounds), reverse=True)


@pytest.mark.parametrize("theme", THEMES)
def test_all_text_reads_on_the_pages_of_every_front_end(theme):
    text, ground = THEMES[theme]
    faint = mixed(text, share_of("faint"), ground)
    assert contrast(text, ground) >= 4.5
    assert contrast(mixed(text, share_of("soft"), ground), ground) >= 4.5
    assert contrast(text, faint) >= 4.5


def test_fixed_colours_come_in_pairs_only():
    rules = [body for body in re.findall(r"\{([^{}]*)\}", CSS) if re.search(r"(?<!-)\b(color|background): #", body)]
    assert len(rules) == 1 + drawing.SHADES
    assert all(re.search(r"\bcolor: #\w+; background: (#|var\(--tone\))", body) for body in rules)
    assert set(re.findall(r"#\w+", CSS)) == {"#fff", *TONES} | {colour for shade in SHADES for colour in shade[1:]}


def test_nothing_is_fetched():
    shown = "".join(exercise_html(each, audience=Audience.AUTHOR) for each in EXERCISES.values())
    assert not re.search(r"url\(|@import|https?:|src=|href=", shown)


def test_every_rule_holds_for_panels_only():
    selectors = re.findall(r"(?:^|[{}])\s*([^{}@]+?)\s*\{", CSS)
    assert len(selectors) > 20
    assert all(
        ".grader-panel" in part for selector in selectors for part in re.sub(r"\([^)]*\)", "", selector).split(",")
    )
