"""What is said wherever a jail is weaker than all walls: what is missing, what that means, where to read more."""

from __future__ import annotations

from collections.abc import Sequence

from grader.jail import cgroup
from grader.jail.layers import Missing
from grader.jail.proofs import Protection
from grader.verdict import Verdict

MEANING = {
    "A": "all walls stand",
    "B": "files and network are closed to submissions, but not all walls stand",
    "C": "only the machine around it, without network and declared by GRADER_CONTAINED=1, is a wall",
    "D": "nothing to rely on: submissions may reach files, the network or other processes",
}
_SHOWN = 3
_MORE = "docs/isolation.md says what each wall is for, `grader doctor` what this machine lacks and the remedy"


def headline(protection: Protection) -> str:
    """`tier B, files and network are closed to submissions, but not all walls stand`."""
    return f"tier {protection.tier}, {MEANING[protection.tier]}"


def notice(protection: Protection) -> str:
    """One line below tier A, nothing at it."""
    if protection.tier == "A":
        return ""
    missing = _few("missing", [each.name for each in _weakening(protection.missing)])
    open_ = _few("did not hold when tried", protection.decisive or protection.open)
    return ". ".join(part for part in (f"isolation: {headline(protection)}", missing, open_, _MORE) if part)


def isolation(protection: Protection, lost: Sequence[Missing] = ()) -> tuple[str, ...]:
    """The `isolation` of a verdict: the tier, below A what it means and what is missing, and the layers that held.

    protection: what stood around that very submission. lost: layers that stood when tried, and not around it.
    """
    if protection.tier == "A":
        return ("tier A", *protection.layers)
    missing = [f"missing: {each.name} ({each.why})" for each in (*lost, *_weakening(protection.missing))]
    return (f"tier {protection.tier}", MEANING[protection.tier], *missing, *protection.layers)


def tier_of(verdict: Verdict) -> str:
    """The tier of the walls around a submission; empty where nothing of it was run, or that is not known."""
    first = "" if verdict.problem else next(iter(verdict.isolation), "")
    tier = first.removeprefix("tier ")
    return tier if tier in MEANING else ""


def is_weak(verdict: Verdict) -> bool:
    """Whether a submission ran behind less than all walls."""
    return tier_of(verdict) not in ("", "A")


def _weakening(missing: Sequence[Missing]) -> list[Missing]:
    """Without what tier A may lack as well: where no cgroup holds memory, it is watched."""
    return [each for each in missing if each.name != cgroup.LAYER]


def _few(label: str, names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{label}: {', '.join(names[:_SHOWN])}{more}" if names else ""
