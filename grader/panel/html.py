"""Verdicts as HTML fragments that stand anywhere: no script, no link, no font or picture from elsewhere."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from jinja2 import Environment, Template
from markupsafe import Markup

from grader.panel.plain import inert
from grader.panel.rows import Audience, Row, cases_of, points_of, rows, submission_rows
from grader.verdict import ExerciseVerdict, Outcome, Verdict

_TONES = {
    Outcome.PASSED: "good",
    Outcome.NOT_ATTEMPTED: "quiet",
    Outcome.MISSING: "quiet",
    Outcome.COULD_NOT_CHECK: "unsure",
}

_ROWS = """{% macro listed(rows) %}{% if rows %}<dl>
{% for row in rows %}<div class="grader-row{{ ' grader-hint' if row.label == 'hint' }}"><dt>{{ row.label }}</dt> \
<dd>{{ row | value }}</dd></div>
{% endfor %}</dl>
{% endif %}{% endmacro %}"""

_EXERCISE = """<style>{{ style }}</style>
<section class="grader-panel grader-{{ verdict | tone }}" role="group" aria-label="Result of {{ name }}">
<p class="grader-head"><strong>{{ name }}</strong> <span class="grader-outcome">{{ verdict.outcome }}</span> \
<span class="grader-points">{{ points }}</span> <span class="grader-cases">{{ cases }}</span></p>
{{ listed(rows) }}</section>"""

_SUBMISSION = """<style>{{ style }}</style>
<section class="grader-panel" role="group" aria-label="Result of {{ name }}">
<p class="grader-head"><strong>{{ name }}</strong> <span class="grader-points">{{ points }}</span></p>
<table>
<thead><tr><th scope="col">exercise</th><th scope="col">points</th><th scope="col">outcome</th></tr></thead>
<tbody>
{% for each in exercises %}<tr class="grader-{{ each | tone }}"><th scope="row">{{ each.name | inert }}</th> \
<td>{{ each | points }}</td> <td><span class="grader-outcome">{{ each.outcome }}</span></td></tr>
{% endfor %}</tbody>
</table>
{{ listed(rows) }}</section>"""

_HINT = """<style>{{ style }}</style>
<section class="grader-panel grader-quiet" role="group" aria-label="Hint for {{ name }}">
<p class="grader-head"><strong>{{ name }}</strong> hint</p>
<p class="grader-words">{{ words }}</p>
</section>"""


def exercise_html(verdict: ExerciseVerdict, *, audience: Audience) -> str:
    """The panel of one exercise; the same facts as `exercise_text`."""
    return _render(
        _EXERCISE,
        verdict=verdict,
        name=inert(verdict.name),
        points=_points(verdict),
        cases=cases_of(verdict),
        rows=rows(verdict, audience),
    )


def submission_html(verdict: Verdict, *, audience: Audience) -> str:
    """A submission at a glance; the same facts as `submission_text`."""
    return _render(
        _SUBMISSION,
        name=inert(verdict.assignment),
        points=points_of(verdict.points, verdict.max_points),
        exercises=verdict.exercises,
        rows=submission_rows(verdict, audience),
    )


def hint_html(name: str, hint: str) -> str:
    """One step of an exercise's hint; the same facts as `hint_text`."""
    return _render(_HINT, name=inert(name), words=_prose(inert(hint, len(hint))))


def _render(template: str, **facts: object) -> str:
    return _compiled(template).render(style=_style(), **facts)


@cache
def _compiled(template: str) -> Template:
    environment = Environment(autoescape=True)
    environment.filters |= {"value": _value, "tone": _tone, "points": _points, "inert": inert}
    return environment.from_string(_ROWS + template)


def _value(row: Row) -> Markup:
    text = inert(row.text, row.most)
    return Markup("<code>{}</code>").format(text) if row.code else _prose(text)


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
