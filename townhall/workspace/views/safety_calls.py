"""An abusive caller: the warning, and the end of the call in one press."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from townhall.accounts.web import actor
from townhall.contacts import operations as contacts
from townhall.contacts import queries as reading
from townhall.contacts.operations import WrapUp
from townhall.core.access import staff
from townhall.core.time import now
from townhall.safety import warning
from townhall.workspace.views.desk import own_contact


@staff(may="contacts.log")
@require_POST
def warn(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    """The adviser said the words of warning."""
    contact = own_contact(request, contact_id)
    if contact.ended_at is None:
        warning.warn(contact.pk, customer_id=contact.customer_id, by=actor(request), at=now())
        messages.success(request, _("It is written down that you warned them."))
    return redirect("workspace:contact", contact.pk)


@staff(may="contacts.log")
@require_POST
def end(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    """Ends the conversation with the warning on record, all or nothing, and leads to the short report."""
    contact, by, at = own_contact(request, contact_id), actor(request), now()
    if contact.ended_at is not None:
        return redirect("workspace:contact", contact.pk)
    reasons = reading.words().reasons
    with transaction.atomic():
        ended = warning.ended(contact.pk, customer_id=contact.customer_id, by=by, at=at)
        answers = WrapUp(
            reason_code="other" if "other" in reasons else next(iter(reasons)),
            outcome="referred",
            avoidable=None,
            anything_else=False,
            notes=_("The call was ended after a warning."),
        )
        contacts.wrap_up(contact.pk, answers, by=by, at=at)
    messages.success(request, _("The call is ended, and the warning is on record. Say in two minutes what happened."))
    return redirect(f"{reverse('workspace:incident_report')}?warning={ended.pk}&customer={contact.customer_id or ''}")
