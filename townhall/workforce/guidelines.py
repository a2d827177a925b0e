"""Guidelines for officers and Members: published with versions, read and accepted by each, with reminders and rates by team."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from townhall.accounts.permissions import require
from townhall.clocks import operations as clocks
from townhall.clocks.events import ClockRang
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotFound, WrongState
from townhall.core.time import council_date
from townhall.ledger import operations as ledger
from townhall.workforce import people
from townhall.workforce.models import Acceptance, Guideline, GuidelineVersion, Module
from townhall.workforce.people import Person

PUBLISH: Final = "guidelines.publish"
CLOCK: Final = "workforce.acceptance"
LONGEST: Final = 40_000


@transaction.atomic
def publish(
    *, title: str, body: str, module: str, by: Actor, at: datetime, code: str = "", changed: str = ""
) -> GuidelineVersion:
    """A guideline, or its next version, accepted anew within the time of its clock. Raises NotAllowed, NotFound, BadInput."""
    require(by, PUBLISH)
    problems = {}
    new_code = code or slugify(title)[:50]
    if not title.strip() or not new_code:
        problems["title"] = _("Enter a title")
    elif not code and Guideline.objects.filter(pk=new_code).exists():
        problems["title"] = _("There is a guideline with this title")
    if not body.strip() or len(body) > LONGEST:
        problems["body"] = _("Enter the guideline, in 40,000 characters or fewer")
    if module and not Module.objects.filter(pk=module, is_active=True).exists():
        problems["module"] = _("Select a training module")
    if problems:
        raise BadInput(problems)
    if code and not Guideline.objects.filter(pk=code).exists():
        raise NotFound
    Guideline.objects.update_or_create(code=new_code, defaults={"title": title.strip(), "module_id": module or None})
    guideline = Guideline.objects.select_for_update().get(pk=new_code)
    old = guideline.versions.filter(replaced_at=None).first()
    if old is not None:
        old.replaced_at = at
        old.save(update_fields=["replaced_at"])
        clocks.stop(CLOCK, about=old.subject, at=at)
    made = GuidelineVersion(
        guideline=guideline,
        number=old.number + 1 if old else 1,
        body=body.strip(),
        changed=changed.strip()[:500],
        published_at=at,
        published_by=by.id,
    )
    made.accept_by = clocks.start(CLOCK, about=made.subject, at=at)
    made.save(force_insert=True)
    data: dict[str, object] = {"guideline": new_code, "number": made.number}
    ledger.record("guideline.published", about=made.subject, by=by, at=at, data=data)
    _write(made, people.everybody(on=council_date(at)), "new", at=at)
    return made


@transaction.atomic
def accept(version_id: UUID, *, by: Actor, at: datetime) -> Acceptance:
    """Read and accepted, by oneself. Twice is once. Raises NotFound, and WrongState for a version that was replaced."""
    version = GuidelineVersion.objects.select_for_update().filter(pk=version_id).first()
    if version is None or not by.is_staff:
        raise NotFound
    if version.replaced_at is not None:
        raise WrongState(_("There is a newer version. Read and accept that one."))
    row, made = Acceptance.objects.get_or_create(version=version, user_id=UUID(by.id), defaults={"at": at})
    if made:
        data: dict[str, object] = {"guideline": version.guideline_id, "number": version.number}
        ledger.record("guideline.accepted", about=version.subject, by=by, at=at, data=data)
    return row


def clock_rang(event: ClockRang) -> None:
    """A reminder to whoever has not accepted yet, before and on the day; when it is late their managers hear who they are."""
    if event.kind != CLOCK:
        return
    version = GuidelineVersion.objects.select_related("guideline").filter(pk=event.subject.id, replaced_at=None).first()
    if version is None:
        return
    missing = waiting_for(version, at=event.at)
    _write(version, missing, event.rung, at=event.at)
    if event.rung == "due_soon":
        return
    under: dict[UUID, list[Person]] = {}
    posts = {}
    for one in missing:
        for post in people.managers_of(one):
            posts[post.id] = post
            under.setdefault(post.id, []).append(one)
    for post_id, late in under.items():
        context: dict[str, object] = {
            "title": version.guideline.title,
            "accept_by": version.accept_by,
            "people": [one.name for one in late],
            "link": f"{settings.PUBLIC_URL}/work/guidelines/{version.guideline_id}/rates",
        }
        key = f"guideline-{version.pk}-{event.rung}"
        people.write_to_posts(
            "staff/guideline_late", [posts[post_id]], about=version.subject, key=key, context=context, at=event.at
        )


def _write(version: GuidelineVersion, to: list[Person], rung: str, *, at: datetime) -> None:
    context: dict[str, object] = {
        "title": version.guideline.title,
        "number": version.number,
        "accept_by": version.accept_by,
        "is_reminder": rung != "new",
        "link": f"{settings.PUBLIC_URL}/work/guidelines/{version.guideline_id}",
    }
    for one in to:
        key = f"guideline-{version.pk}-{rung}"
        people.write_to_person("staff/guideline", one, about=version.subject, key=key, context=context, at=at)


def waiting_for(version: GuidelineVersion, *, at: datetime) -> list[Person]:
    """Officers and Members who have not accepted it. Two queries."""
    accepted = set(version.acceptances.values_list("user_id", flat=True))
    return [one for one in people.everybody(on=council_date(at)) if one.id not in accepted]


def current(code: str) -> GuidelineVersion:
    """Raises NotFound."""
    rows = GuidelineVersion.objects.select_related("guideline__module")
    row = rows.filter(guideline_id=code, replaced_at=None).first()
    if row is None:
        raise NotFound
    return row


def to_accept(user_id: UUID | str) -> list[GuidelineVersion]:
    """What this person has still to accept, the soonest first. One query."""
    rows = GuidelineVersion.objects.filter(replaced_at=None).exclude(acceptances__user_id=user_id)
    return list(rows.select_related("guideline").order_by("accept_by", "pk"))


@dataclass(frozen=True, kw_only=True)
class Rate:
    team: str  # a team's name, or Members
    people: int
    accepted: int
    trained: int | None  # of them in date with the linked module; None without one

    @property
    def percent(self) -> int:
        return round(100 * self.accepted / self.people)


def rates(version: GuidelineVersion, *, at: datetime) -> list[Rate]:
    """How many of each team have accepted it; Members are a team of their own, whoever works in two stands in both. Three queries."""
    on = council_date(at)
    accepted = set(version.acceptances.values_list("user_id", flat=True))
    module = version.guideline.module
    trained = (
        {row.user_id for row in module.passes.filter(state="held") if not row.expires_on or row.expires_on >= on}
        if module
        else set()
    )
    teams: dict[str, list[Person]] = {}
    for one in people.everybody(on=on):
        for name in [_("Members")] if one.is_member else [text for _id, text in one.teams]:
            teams.setdefault(name, []).append(one)
    return [
        Rate(
            team=name,
            people=len(them),
            accepted=sum(one.id in accepted for one in them),
            trained=sum(one.id in trained for one in them) if module else None,
        )
        for name, them in sorted(teams.items())
    ]
