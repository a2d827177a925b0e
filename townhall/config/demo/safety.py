"""Safety and access in Aldermere: who is nominated, one incident with its marker and what was learnt, and what the sites can do."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from townhall.accounts.models import Post, User
from townhall.accounts.queries import actor_for
from townhall.core.actors import SYSTEM, Actor
from townhall.core.refreshing import forget_all
from townhall.core.time import council_date
from townhall.customers import operations as customers
from townhall.customers.operations import NewCustomer
from townhall.inclusion import formats, keeping, lines, restricting
from townhall.inclusion.formats import Asked, Finished
from townhall.inclusion.restricting import New
from townhall.places.models import Address
from townhall.safety import learning, marking, nominating, reporting
from townhall.safety.marking import Approval, Proposal
from townhall.safety.reporting import Report
from townhall.workforce import people, training
from townhall.workforce.models import Module

DAY = timedelta(days=1)
CENTRE = "main-centre"
SIGNER = "Dana Handsworth"  # signs, and needs large print
WARNED = "Victor Placeholder"  # two officers
_NOMINATED = (  # duty, post, rank
    ("approve", "head-of-public-protection", 1),
    ("appeal", "head-of-customer-finance", 2),
    ("security", "receptionist", 1),
)
_LINES = (
    ("pl", "Ten tekst jest dostępny po polsku: 01632 960100"),
    ("ur", "یہ تحریر اردو میں دستیاب ہے: 01632 960100"),
)


def load_safety(*, at: datetime) -> None:
    """Made by the same operations as anything else."""
    forget_all()
    for duty, post, rank in _NOMINATED:
        site = CENTRE if duty == "security" else ""
        nominating.nominate(duty=duty, post_code=post, rank=rank, site_code=site, by=SYSTEM, at=at - 60 * DAY)
    _trained(at)
    _incident(at)
    _access(at)


def _trained(at: datetime) -> None:
    """Everybody who meets the public has their personal-safety training."""
    if not Module.objects.filter(pk="personal-safety", is_active=True).exists():
        return
    today = council_date(at)
    meeting = {"adviser", "receptionist", "officer", "team_manager"}
    theirs = [one.id for one in people.everybody(on=today) if one.roles & meeting]
    training.record_passes("personal-safety", theirs, passed_on=today - 90 * DAY, by=SYSTEM, at=at)


def _incident(at: datetime) -> None:
    adviser, manager = _holder("customer-services-adviser", at), _holder("customer-services-manager", at)
    approver = _holder("head-of-public-protection", at)
    home = Address.objects.order_by("-uprn")[3]
    warned = customers.create(
        NewCustomer(name=WARNED, uprn=home.uprn, phone="01632 960290"), by=SYSTEM, at=at - 50 * DAY
    )
    then = at - 40 * DAY
    what = "He struck the counter with a chair and said “I will break your arm”. Nobody was hit."
    incident = reporting.report(
        Report(
            key="demo-incident",
            kind="threat",
            harm="shaken",
            what=what,
            happened_at=then - timedelta(minutes=20),
            opened_at=then - timedelta(seconds=94),
            site_code=CENTRE,
            place="Window 3",
            witnesses="The receptionist",
            victims=[UUID(adviser.id)],
            customer_id=warned.pk,
        ),
        by=adviser,
        at=then,
    )
    marker = marking.propose(
        Proposal(
            customer_id=warned.pk,
            category="threat",
            severity=2,
            precautions=["two_officers", "secure_room"],
            facts=what,
            evidence="Seen by two of us; the camera of the hall shows it.",
            incident_id=incident.pk,
        ),
        by=manager,
        at=then + DAY,
    )
    marking.approve(
        marker.pk, Approval(decision="A threat of harm, seen by two of us."), by=approver, at=then + 2 * DAY
    )
    learning.investigate(incident.pk, post_code="customer-services-manager", by=manager, at=then + DAY)
    learning.recommend(
        incident.pk,
        text="Fasten the chairs at the windows to the floor",
        post_code="customer-services-manager",
        due_on=council_date(at + 10 * DAY),
        share_with=["housing"],
        by=manager,
        at=then + 5 * DAY,
    )


def close_phone(by: Actor, at: datetime) -> None:
    """Penalty notices are not dealt with by an adviser on the phone."""
    new = New(
        service_code="penalty-notices",
        channel="phone",
        reason="Advisers on the phone cannot show you the pictures of your vehicle, and appeals turn on them.",
        impact="Blind people cannot see the pictures, and some people are not online: an adviser helps them, by exception.",
        assessed_on=council_date(at - 60 * DAY),
        alternative="web",
        alternative_words="See the pictures, pay or appeal at /penalty.",
        review_on=council_date(at + 120 * DAY),
    )
    made = restricting.prepare(new, by=by, at=at - 30 * DAY)
    restricting.go_live(made.pk, by=by, at=at - 30 * DAY)


def _access(at: datetime) -> None:
    manager, adviser = _holder("customer-services-manager", at), _holder("customer-services-adviser", at)
    home = Address.objects.order_by("-uprn")[5]
    dana = customers.create(
        NewCustomer(name=SIGNER, uprn=home.uprn, email="dana.handsworth@example.org"), by=SYSTEM, at=at
    )
    for need, detail in (("bsl", ""), ("large_print", "18 point"), ("hearing_loop", "")):
        customers.agree_need(dana.pk, need=need, detail=detail, may_share=True, by=SYSTEM, at=at)
    close_phone(manager, at)
    since = council_date(at - 200 * DAY)
    link = "https://video.example.org/aldermere"
    keeping.open_relay(
        "bsl_vrs", site_code=CENTRE, link=link, live_on=since, promoted_on=since + 30 * DAY, by=manager, at=at
    )
    keeping.open_relay(
        "relay_text", site_code="", link="", live_on=since, promoted_on=since + 30 * DAY, by=manager, at=at
    )
    for name, meets in (("Interview room 1", ["wheelchair", "hearing_loop"]), ("Interview room 2", ["quiet_space"])):
        keeping.keep_room(site_code=CENTRE, name=name, meets=meets, by=manager, at=at)
    for position, (language, words) in enumerate(_LINES):
        lines.keep_line(language=language, words=words, is_printed=True, position=position, by=manager, at=at)
    leaflet = Asked(what="leaflet", source="", title="Your bins", format="pl", deliver_to="Aldermere library")
    made = formats.ask(leaflet, by=adviser, at=at - 8 * DAY)
    formats.finish(made.pk, Finished(words="Twoje kosze: co, kiedy i gdzie."), by=adviser, at=at - 3 * DAY)
    formats.ask(
        Asked(what="page", source="/services", title="Services", format="easy_read", deliver_to="Reception"),
        by=adviser,
        at=at - DAY,
    )


def _holder(code: str, at: datetime) -> Actor:
    """Somebody who holds a post."""
    post = Post.objects.get(code=code)
    user = User.objects.filter(posts_held__post=post).order_by("email").first()
    assert user is not None
    return actor_for(user, at=at)
