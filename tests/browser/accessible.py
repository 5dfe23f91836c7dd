"""axe-core (the copy that `selenium-axe-python` brings; nothing is fetched): WCAG 2 A and AA in parts of a page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from chromium import Browser

RULES = ("wcag2a", "wcag2aa")

# axe's own, but for the length: texts of one letter, such as a table's numbers, can be judged as well as any other
_CONTRAST = {
    "ignoreLength": True,
    "ignoreUnicode": True,
    "ignorePseudo": False,
    "boldValue": 700,
    "boldTextPt": 14,
    "largeTextPt": 18,
    "contrastRatio": {"normal": {"expected": 4.5}, "large": {"expected": 3}},
    "pseudoSizeThreshold": 0.25,
    "shadowOutlineEmMax": 0.2,
    "textStrokeEmMin": 0.03,
}
_SETTINGS = {"checks": [{"id": "color-contrast", "options": _CONTRAST}]}
# to axe nothing is visible in a body without height, as JupyterLab's is
_BODY = "document.body.style.minHeight = arguments[0]"
# what is painted below the middle of each of a drawing's texts; a canvas turns whatever CSS calls a colour into numbers
_DIM = """
const pen = Object.assign(document.createElement("canvas"), {width: 1, height: 1}).getContext("2d");
function over(ground, colour) {
  pen.fillStyle = `rgb(${ground})`; pen.fillRect(0, 0, 1, 1);
  pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1);
  return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3);
}
function light(colour) {
  const parts = colour.map(each => each / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
}
function paint(element) {
  const style = getComputedStyle(element);
  return element instanceof SVGGeometryElement ? style.fill : style.backgroundColor;
}
function contrast(text) {
  const box = text.getBoundingClientRect();
  const below = document.elementsFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  const layers = below.filter(each => !each.matches("text, tspan, none")).map(paint).filter(each => each !== "none");
  const ground = layers.reverse().reduce(over, over([255, 255, 255], "canvas"));
  const [dark, bright] = [light(ground), light(over(ground, getComputedStyle(text).fill))].sort((a, b) => a - b);
  return (bright + 0.05) / (dark + 0.05);
}
const texts = [...document.querySelectorAll("svg text")].filter(each => each.checkVisibility());
return texts.map(each => [each.textContent, contrast(each)]).filter(([_, ratio]) => ratio < arguments[0]);
"""
_JUDGED = ("passes", "violations", "incomplete")
_IN_SIGHT = """
function seen(part) {
  const box = part.getBoundingClientRect(), middle = box.x + box.width / 2;
  return [box.top + 4, box.bottom - 4].every(y => part.contains(document.elementFromPoint(middle, y)));
}
const parts = [...document.querySelectorAll(arguments[0])];
parts[0].scrollIntoView({block: "center", behavior: "instant"});
return parts.every(seen)
"""
_HIGH = 12_000
"""Pixels: what lies below the window's edge would be covered by whatever else is there."""


def violations(browser: Browser, *parts: str, doubts: bool = True) -> list[str]:
    """What axe finds within the parts that these selectors name: the rule, where, and why; empty when all is well.

    doubts: whether a contrast that it cannot make out is none, as it should be where nothing is scrolled out of sight.
    A page in which it finds no text at all is refused; texts of drawings are left to `dim_texts`.
    """
    results = _run(browser, parts)
    assert any(each["id"] == "color-contrast" and each["nodes"] for kind in _JUDGED for each in results[kind])
    doubtful = [each for each in results["incomplete"] if doubts and each["id"] == "color-contrast"]
    return [_line(each, node) for each in results["violations"] + doubtful for node in each["nodes"]]


def dim_texts(browser: Browser, least: float = 4.5) -> list[tuple[str, float]]:
    """Texts of drawings whose contrast with what is painted below them is less than this, which axe cannot tell."""
    with _whole_page(browser, "html"):
        return [(text, ratio) for text, ratio in browser.run(_DIM, least)]


def _run(browser: Browser, parts: tuple[str, ...]) -> Any:
    from selenium_axe_python import Axe

    axe = Axe(browser.driver)
    if not browser.run("return 'axe' in window"):
        axe.inject()
        browser.run("axe.configure(arguments[0])", _SETTINGS)
    parts = parts or ("html",)
    with _whole_page(browser, ", ".join(parts)):
        include = [[part] for part in parts]
        about = {"include": include, "exclude": [["svg text"]]}
        return axe.run(json.dumps(about), json.dumps({"runOnly": RULES}))  # type: ignore[arg-type]


@contextmanager
def _whole_page(browser: Browser, parts: str) -> Iterator[None]:
    width, height = browser.run("return [innerWidth, innerHeight]")
    browser.size(width, _HIGH)
    browser.run(_BODY, "100vh")
    try:
        browser.wait(lambda: browser.run(_IN_SIGHT, parts), "all of it in sight")  # JupyterLab takes its time
        yield
    finally:
        browser.run(_BODY, "")
        browser.size(width, height)


def _line(rule: Any, node: Any) -> str:
    why = " ".join(each["message"] for key in ("any", "all", "none") for each in node[key])
    return f"{rule['id']} at {' '.join(map(str, node['target']))}: {why}"
