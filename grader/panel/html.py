"""Verdicts as HTML fragments that stand anywhere: no script, no link, no font or picture from elsewhere."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from jinja2 import Environment, Template

from grader.panel.plain import inert
from grader.panel.rows import Audience, Row, head, rows, submission_rows
from grader.verdict import ExerciseVerdict, Outcome, Verdict

_TONES = {Outcome.PASSED: "good", Outcome.NOT_ATTEMPTED: "quiet"}

_EXERCISE = """<style>{{ style }}</style>
<section class="grader-panel grader-{{ tone }}" aria-label="Result of {{ name }}">
<p class="grader-head"><strong>{{ name }}</strong> {{ head }}</p>
{% if rows %}<dl>{% for row in rows %}
<dt>{{ row.label }}</dt><dd{% if row.label in mono %} class="grader-mono"{% endif %}>{{ row.text }}</dd>{% endfor %}
</dl>{% endif %}
</section>"""

_SUBMISSION = """<style>{{ style }}</style>
<section class="grader-panel" aria-label="Result of {{ name }}">
<p class="grader-head"><strong>{{ name }}</strong> {{ points }}</p>
<table><thead><tr><th scope="col">exercise</th><th scope="col">result</th></tr></thead><tbody>
{% for each in exercises %}<tr><td>{{ each.label }}</td><td>{{ each.text }}</td></tr>{% endfor %}
</tbody></table>
{% if rows %}<dl>{% for row in rows %}
<dt>{{ row.label }}</dt><dd>{{ row.text }}</dd>{% endfor %}
</dl>{% endif %}
</section>"""

_MONO = ("called", "worst", "yours", "expected", "line", "where", "call")


def exercise_html(verdict: ExerciseVerdict, *, audience: Audience) -> str:
    """The panel of one exercise; the same facts as `exercise_text`."""
    return _template(_EXERCISE).render(
        style=_style(),
        name=inert(verdict.name),
        tone=_TONES.get(verdict.outcome, "bad"),
        head=head(verdict),
        rows=_inert(rows(verdict, audience)),
        mono=_MONO,
    )


def submission_html(verdict: Verdict, *, audience: Audience) -> str:
    """A submission at a glance; the same facts as `submission_text`."""
    return _template(_SUBMISSION).render(
        style=_style(),
        name=inert(verdict.assignment),
        points=f"{verdict.points:g} of {verdict.max_points:g} points",
        exercises=[Row(inert(each.name), head(each)) for each in verdict.exercises],
        rows=_inert(submission_rows(verdict)),
    )


def _inert(found: tuple[Row, ...]) -> tuple[Row, ...]:
    return tuple(Row(row.label, inert(row.text)) for row in found)


@cache
def _template(source: str) -> Template:
    return Environment(autoescape=True).from_string(source)


@cache
def _style() -> str:
    return " ".join((files("grader.panel") / "panel.css").read_text(encoding="utf-8").split())
