"""What happens when a partner has not said that a referral came, or what came of it: they are reminded, and whoever sent it is told."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _

from townhall.accounts.models import User
from townhall.clocks.events import ClockRang
from townhall.core.ids import as_uuid
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient
from townhall.partners.models import Passed
from townhall.partners.passing import OUTCOME, RECEIPT
from townhall.partners.states import OPEN_PASSED


def clock_rang(event: ClockRang) -> None:
    """Nothing of the customer is in these mails."""
    if event.kind not in (RECEIPT, OUTCOME):
        return
    passed = Passed.objects.select_related("partner__team").filter(pk=event.subject.id, state__in=OPEN_PASSED).first()
    if passed is None:
        return
    team = passed.partner.team
    what = _("A referral to %(name)s") % {"name": team.name}
    if team.email:
        to_do = _("Say that you have it") if event.kind == RECEIPT else _("Say what came of it")
        _mail(event, what, to_do, Recipient(name=team.name, email=team.email), f"/partner/{passed.pk}")
    sender_id = as_uuid(passed.sent_by)
    sender = User.objects.filter(pk=sender_id, is_active=True).first() if sender_id else None
    if sender is not None and event.rung != "due_soon":
        to_do = (
            _("The partner has not said that it came: ask them")
            if event.kind == RECEIPT
            else _("The partner has not said what came of it: ask them")
        )
        _mail(
            event, what, to_do, Recipient(name=sender.name, email=sender.email), f"/work/partners/referrals/{passed.pk}"
        )


def _mail(event: ClockRang, what: str, to_do: str, to: Recipient, path: str) -> None:
    why = {"due_soon": _("is due soon"), "due": _("is due")}.get(event.rung, _("is overdue"))
    notifications.send(
        "staff/knowledge_due",
        to=to,
        about=event.subject,
        key=f"partner-{event.clock_id}-{event.rung}-{to.email}",
        context={
            "what": what,
            "to_do": to_do,
            "why": why,
            "due_on": event.due_on,
            "link": f"{settings.PUBLIC_URL}{path}",
        },
        at=event.at,
    )
