"""What people do about where mails belong: rules, corrections, versions of the classifier."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from townhall.accounts import permissions
from townhall.cases.models import Case
from townhall.cases.operations import rerouting
from townhall.catalogue import queries as catalogue
from townhall.contacts.models import Reason
from townhall.core.actors import Actor, ActorKind
from townhall.core.errors import BadInput, NotFound, WrongState
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.ledger import operations as ledger
from townhall.mailroom.models import Mail, Route, RoutingRule, RoutingVersion, Urgency
from townhall.mailroom.operations.mails import locked_mail
from townhall.mailroom.routing import deciding, teaching

MANAGE = "mail.route"
MOST_WORDS = 50
_CLASSIFIER = Subject(kind="routing", id=uuid5(NAMESPACE_URL, "townhall:routing"))  # one history for all its versions


@dataclass(frozen=True, kw_only=True)
class NewRule:
    """`words`: one a line, any of them. What it says nothing of is empty."""

    words: str
    where: str = RoutingRule.Where.ANYWHERE.value
    mailbox_id: UUID | None = None
    service: str = ""
    reason: str = ""
    urgency: str = ""


@transaction.atomic
def send_to(mail_id: UUID, *, service: str, reason: str = "", urgency: str = "", by: Actor, at: datetime) -> Route:
    """Somebody who read a mail says where it belongs: its case goes there, and the classifier learns from it.

    The same as was proposed is a confirmation. Raises BadInput, NotFound, NotAllowed; WrongState when its team is dealing with it, or
    it has no case.
    """
    mail = locked_mail(mail_id, by=by)
    problems: dict[str, str] = {}
    if service not in {pack.code for pack in catalogue.services()}:
        problems["service"] = _("Select the service that it is for")
    if urgency and urgency not in Urgency.values:
        problems["urgency"] = _("Select how urgent it is")
    if reason and not Reason.objects.filter(code=reason, is_active=True).exists():
        problems["reason"] = _("Select why they wrote")
    if problems:
        raise BadInput(problems)
    if mail.case_id is None:
        raise WrongState(_("Open a case for this mail first."))
    route, _made = Route.objects.select_for_update().get_or_create(
        mail=mail, defaults={"made_by": Route.By.NOBODY, "is_sure": False}
    )
    moved = Case.objects.filter(pk=mail.case_id).exclude(service_code=service).exists()
    if moved:
        rerouting.change_service(mail.case_id, service, by=by, at=at)
    route.right_service, route.right_reason = service, reason or route.reason_code
    route.right_urgency = urgency or route.urgency
    route.decided_at, route.decided_by = at, UUID(by.id) if by.kind == ActorKind.STAFF else None
    if moved or route.there_at is None:
        route.there_at = at
    route.save()
    if mail.done == Mail.Done.TRIAGE:
        mail.done, mail.why = Mail.Done.CASE, ""
        mail.save(update_fields=["done", "why"])
    was_right = route.service_code == service
    data: dict[str, object] = {"service": service, "proposed": route.service_code, "right": was_right}
    about = Subject(kind="mail", id=mail.pk)
    ledger.record("mail.routed", about=about, by=by, at=at, case_id=mail.case_id, data=data)
    return route


def taken_as_it_came(case_id: UUID, *, service: str, at: datetime) -> None:
    """A team accepted the case of a mail: it belongs there, and nobody had to say so. One query when it came by no mail."""
    routes = Route.objects.select_for_update().filter(mail__case_id=case_id, decided_at__isnull=True)
    for route in routes.order_by("mail__received_at")[:1]:
        route.right_service, route.right_reason, route.right_urgency = service, route.reason_code, route.urgency
        route.decided_at = at
        route.there_at = route.there_at or at
        route.save()


@transaction.atomic
def add_rule(new: NewRule, *, by: Actor, at: datetime) -> RoutingRule:
    """The last in order. Raises BadInput, NotAllowed."""
    permissions.require(by, MANAGE)
    words = [" ".join(one.casefold().split())[:100] for one in new.words.replace(",", "\n").splitlines()]
    words = list(dict.fromkeys(one for one in words if len(one) > 2))[:MOST_WORDS]
    problems: dict[str, str] = {}
    if not words:
        problems["words"] = _("Enter words of at least three letters, one a line")
    if new.service and new.service not in {pack.code for pack in catalogue.services()}:
        problems["service"] = _("Select a service")
    if not (new.service or new.reason or new.urgency):
        problems["service"] = _("Select what such a mail is: its service, its reason or how urgent it is")
    if new.where not in RoutingRule.Where.values:
        problems["where"] = _("Select where the words stand")
    if (new.urgency and new.urgency not in Urgency.values) or (
        new.reason and not Reason.objects.filter(code=new.reason).exists()
    ):
        problems["reason"] = _("Select from the list")
    if problems:
        raise BadInput(problems)
    last = RoutingRule.objects.aggregate(last=Max("place"))["last"] or 0
    rule = RoutingRule.objects.create(
        id=uuid7(),
        place=last + 1,
        mailbox_id=new.mailbox_id,
        where=new.where,
        words=words,
        service_code=new.service,
        reason_code=new.reason,
        urgency=new.urgency,
        made_at=at,
    )
    _note("routing_rule", "added", rule.pk, by=by, at=at)
    return rule


@transaction.atomic
def end_rule(rule_id: UUID, *, by: Actor, at: datetime) -> None:
    """It decides no more; mails that it sent stay where they are. Twice is once. Raises NotFound, NotAllowed."""
    permissions.require(by, MANAGE)
    rule = RoutingRule.objects.select_for_update().filter(pk=rule_id).first()
    if rule is None:
        raise NotFound
    if rule.is_active:
        rule.is_active = False
        rule.save(update_fields=["is_active"])
        _note("routing_rule", "ended", rule.pk, by=by, at=at)


@transaction.atomic
def use_version(number: int, *, by: Actor, at: datetime) -> RoutingVersion:
    """Go back to an earlier version, or on to a later one. Raises NotFound, NotAllowed."""
    permissions.require(by, MANAGE)
    version = RoutingVersion.objects.select_for_update().filter(pk=number).first()
    if version is None:
        raise NotFound
    if not version.is_active:
        teaching.put_into_use(version, at=at)
        ledger.record("routing.version_used", about=_CLASSIFIER, by=by, at=at, data={"version": number})
    return version


def learn(*, by: Actor, at: datetime) -> RoutingVersion | None:
    """Learn now rather than tonight. Raises NotAllowed."""
    permissions.require(by, MANAGE)
    return teaching.learn_now(at=at)


def _note(kind: str, verb: str, row_id: UUID, *, by: Actor, at: datetime) -> None:
    ledger.record(f"{kind}.{verb}", about=Subject(kind=kind, id=row_id), by=by, at=at)
    transaction.on_commit(deciding.forget)
