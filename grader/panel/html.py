"""Verdicts as HTML fragments that stand anywhere: no script, no link, no font or picture from elsewhere."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from jinja2 import Environment, FunctionLoader
from markupsafe import Markup

from grader.hints import Hint
from grader.panel.drawing import figures_of
from grader.panel.onward import Onward
from grader.panel.plain import inert
from grader.panel.rows import Audience, cases_of, more_of, points_of, rows, submission_rows
from grader.verdict import ExerciseVerdict, Outcome, Verdict

_TONES = {
    Outcome.PASSED: "good",
    Outcome.NOT_ATTEMPTED: "quiet",
    Outcome.MISSING: "quiet",
    Outcome.COULD_NOT_CHECK: "unsure",
}


def exercise_html(verdict: ExerciseVerdict, *, audience: Audience, onward: Onward = Onward()) -> str:
    """The panel of one exercise; the same facts as `exercise_text`."""
    return _render(
        "exercise.html",
        verdict=verdict,
        name=inert(verdict.name),
        points=_points(verdict),
        cases=cases_of(verdict),
        rows=(*rows(verdict, audience), *onward.rows),
    )


def submission_html(verdict: Verdict, *, audience: Audience) -> str:
    """A submission at a glance; the same facts as `submission_text`."""
    return _render(
        "submission.html",
        name=inert(verdict.assignment),
        points=points_of(verdict.points, verdict.max_points),
        exercises=verdict.exercises,
        rows=submission_rows(verdict, audience),
    )


def hint_html(name: str, hint: Hint) -> str:
    """One step of an exercise's hints; the same facts as `hint_text`."""
    words = _prose(inert(hint.words, len(hint.words)))
    code = "\n".join(inert(line) for line in hint.code.splitlines())
    return _render(
        "hint.html", name=inert(name), words=words, code=code, more="" if hint.last else _prose(more_of(name))
    )


def _render(template: str, **facts: object) -> str:
    return _environment().get_template(template).render(style=_style(), **facts).rstrip()


@cache
def _environment() -> Environment:
    loader = FunctionLoader(lambda name: (files("grader.panel") / name).read_text(encoding="utf-8"))
    made = Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    made.filters |= {"prose": _prose, "figures": figures_of, "tone": _tone, "points": _points, "inert": inert}
    return made


def _prose(text: str) -> Markup:
    """Escaped text in which what stands in backticks is code."""
    parts = re.split(r"`([^`]+)`", text)
    codes = [Markup("<code>{}</code>").format(part) if i % 2 else part for i, part in enumerate(parts)]
    return Markup("").join(codes)


def _tone(verdict: ExerciseVerdict) -> str:
    return _TONES.get(verdict.outcome, "bad")


def _points(verdict: ExerciseVerdict) -> str:
    return points_of(verdict.points, verdict.max_points)


@cache
def _style() -> Markup:
    # our own file: it needs quotes and `>` as they are
    text = (files("grader.panel") / "panel.css").read_text(encoding="utf-8")
    return Markup(" ".join(re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL).split()))
