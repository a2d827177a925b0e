"""Reading what was typed about an entry, a referral or a change, and the choices that their pages offer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.utils.translation import gettext as _

from townhall.accounts import directory
from townhall.catalogue import queries as catalogue
from townhall.core.errors import BadInput
from townhall.knowledge.changes import Planned
from townhall.knowledge.entries import About, Written, codes_of
from townhall.knowledge.models import Entry, Part, Version
from townhall.knowledge.referrals import Given

ENTRY = (
    "kind",
    "title",
    "body",
    "note",
    "audience",
    "services",
    "topic",
    "keywords",
    "form_code",
    "owner_post",
    "client_team",
    "review_on",
    "held",
)
REFERRAL = (
    "name",
    "deals_with",
    "keywords",
    "services",
    "phone",
    "email",
    "link",
    "hours",
    "owner_post",
    "review_on",
)
CHANGE = ("title", "why", "words", "services", "owner_post", "ready_on")


def posts() -> list[tuple[str, str]]:
    return [("", _("Select a post")), *((post.code, post.title) for post in directory.all_posts())]


def teams() -> list[tuple[str, str]]:
    return [("", _("None")), *((team.code, team.name) for team in directory.all_teams())]


def services() -> list[tuple[str, str]]:
    return [(pack.code, pack.name) for pack in catalogue.services(live_only=False)]


def _day(text: str, name: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput({name: _("Enter a date")}) from None


def _optional_day(text: str, name: str) -> date | None:
    return _day(text, name) if text else None


def written(typed: Mapping[str, str]) -> Written:
    """Raises BadInput for a day that cannot be read."""
    about = About(
        audience=typed["audience"] or "staff",
        service_codes=codes_of(typed["services"]),
        topic=" ".join(typed["topic"].split())[:200],
        keywords=tuple(word[:80] for word in codes_of(typed["keywords"])[:40]),
        form_code=typed["form_code"][:60],
        owner_post=typed["owner_post"],
        client_team=typed["client_team"],
        review_on=_optional_day(typed["review_on"], "review_on"),
    )
    return Written(title=typed["title"], body=typed["body"], note=typed["note"], about=about)


def as_typed(entry: Entry, version: Version) -> dict[str, str]:
    """An entry as somebody would type it, to change it."""
    owner = directory.post_by_id(entry.owner_post_id).code if entry.owner_post_id else ""
    team = directory.team_by_id(entry.client_team_id).code if entry.client_team_id else ""
    return {
        "kind": entry.kind,
        "title": version.title,
        "body": version.body,
        "note": "",
        "audience": entry.audience,
        "services": ", ".join(entry.service_codes),
        "topic": entry.topic,
        "keywords": ", ".join(entry.keywords),
        "form_code": entry.form_code,
        "owner_post": owner,
        "client_team": team,
        "review_on": entry.review_on.isoformat() if entry.review_on else "",
        "held": str(version.number),
    }


def referral(typed: Mapping[str, str]) -> Given:
    """Raises BadInput for a day that cannot be read."""
    return Given(
        name=typed["name"],
        deals_with=typed["deals_with"],
        keywords=codes_of(typed["keywords"]),
        service_codes=codes_of(typed["services"]),
        phone=typed["phone"][:40],
        email=typed["email"][:200],
        link=typed["link"][:500],
        hours=typed["hours"][:300],
        owner_post=typed["owner_post"],
        review_on=_optional_day(typed["review_on"], "review_on"),
    )


def planned(typed: Mapping[str, str], owners: Mapping[str, str]) -> Planned:
    """owners: the post chosen for each part, empty where it is not touched. Raises BadInput."""
    if not typed["ready_on"]:
        raise BadInput({"ready_on": _("Enter the day by which everything is ready")})
    return Planned(
        title=typed["title"],
        why=typed["why"],
        words=typed["words"],
        service_codes=codes_of(typed["services"]),
        owner_post=typed["owner_post"],
        ready_on=_day(typed["ready_on"], "ready_on"),
        owners={part: post for part, post in owners.items() if post},
    )


PARTS = [(part.value, part.label) for part in Part]
