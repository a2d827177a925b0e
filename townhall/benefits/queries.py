"""What other code may read of risk rules and of what they said of claims."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from townhall.benefits import ruling
from townhall.benefits.models import Assessment, RuleSet
from townhall.benefits.ruling import RiskRules
from townhall.core.db import fetch_one
from townhall.core.errors import NotFound


@dataclass(frozen=True, kw_only=True)
class Register:
    """Claims first assessed from a moment until another, by what became of them. `overridden`: by an officer, whatever came first."""

    claims: int
    accepted: int
    low: int
    medium: int
    high: int
    sampled: int
    overridden: int


def published(form_code: str) -> RuleSet | None:
    """The version in use. One query, of an index."""
    return RuleSet.objects.filter(form_code=form_code, published_at__isnull=False).order_by("-version").first()


def has_published(form_code: str) -> bool:
    """Whether a version is in use: for where nearly every form has none."""
    asked = "SELECT 1 FROM benefits_ruleset WHERE form_code = %s AND published_at IS NOT NULL LIMIT 1"
    return fetch_one(asked, (form_code,)) is not None


def draft(form_code: str) -> RuleSet | None:
    return RuleSet.objects.filter(form_code=form_code, published_at__isnull=True).first()


def versions(form_code: str) -> Sequence[RuleSet]:
    """Every version, the newest first."""
    return list(RuleSet.objects.filter(form_code=form_code).order_by("-version"))


def forms_with_rules() -> list[RuleSet]:
    """The version in use of each form that has rules."""
    rows = RuleSet.objects.filter(published_at__isnull=False)
    return list(rows.order_by("form_code", "-version").distinct("form_code"))


def by_page(page: str) -> list[RuleSet]:
    """Every published version behind a public page, the newest first. Raises NotFound."""
    for row in forms_with_rules():
        rules = rules_of(row)
        if page == (rules.page or rules.form):
            return [one for one in versions(row.form_code) if one.published_at is not None]
    raise NotFound


def rules_of(ruleset: RuleSet) -> RiskRules:
    return ruling.from_builtins(ruleset.rules)


def current(case_id: UUID) -> Assessment | None:
    """What holds of a claim now, with its overrides. Two queries, or one when there is none."""
    found = Assessment.objects.select_related("ruleset").prefetch_related("overrides")
    return found.filter(case_id=case_id, is_current=True).first()


SERVICE = "housing-benefit-claim"  # whose claims are assessed by rules


@dataclass(frozen=True, kw_only=True)
class Told:
    """How a claim was decided, for whoever made it. `inputs`: what of their answers the rules counted, in words."""

    version: int
    page: str
    accepted_itself: bool
    inputs: Sequence[str]


def told(case_id: UUID) -> Told | None:
    """None for what was never assessed. Two queries."""
    made = current(case_id)
    if made is None:
        return None
    rules = rules_of(made.ruleset)
    return Told(
        version=made.ruleset.version,
        page=rules.page or rules.form,
        accepted_itself=made.accepted_itself,
        inputs=[one["words"] for one in made.reasons],
    )


def all_of(case_id: UUID) -> list[Assessment]:
    """Every assessment of a claim, the latest first. Raises NotFound when there is none."""
    rows = Assessment.objects.select_related("ruleset").prefetch_related("overrides")
    found = list(rows.filter(case_id=case_id).order_by("-number"))
    if not found:
        raise NotFound
    return found


def register(form_code: str, *, since: datetime, until: datetime) -> Register:
    """Counts of the claims sent in then. One query over the index of assessments by time."""
    row = fetch_one(_REGISTER, (form_code, since, until))
    assert row is not None
    return Register(**dict(zip(Register.__dataclass_fields__, map(_count, row), strict=True)))


def _count(value: object) -> int:
    assert isinstance(value, int)
    return value


_REGISTER = """SELECT count(*), count(*) FILTER (WHERE a.accepted_itself), count(*) FILTER (WHERE a.band = 'low'),
    count(*) FILTER (WHERE a.band = 'medium'), count(*) FILTER (WHERE a.band = 'high'), count(*) FILTER (WHERE a.is_sampled),
    count(*) FILTER (WHERE EXISTS (SELECT FROM benefits_override o JOIN benefits_assessment b ON b.id = o.assessment_id
                                   WHERE b.case_id = a.case_id))
    FROM benefits_assessment a JOIN benefits_ruleset r ON r.id = a.ruleset_id
    WHERE r.form_code = %s AND a.number = 1 AND a.at >= %s AND a.at < %s"""
