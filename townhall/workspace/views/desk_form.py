"""A form that an adviser fills in with or for the customer, in a conversation: the same pages as everybody's."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from townhall.accounts.web import actor
from townhall.catalogue.queries import Entry
from townhall.contacts.models import Contact
from townhall.core.time import now
from townhall.customers.known import known_of_record
from townhall.customers.queries import Record
from townhall.forms import operations as forms
from townhall.forms import queries
from townhall.forms.known import at_start
from townhall.workspace import script_desk
from townhall.workspace.views.desk import draw

COOKIE = "form-{code}"  # as the public pages of forms name it


def begin(request: HttpRequest, contact: Contact, entry: Entry, known: Record | None) -> HttpResponse:
    """Show for whom it will be; then begin its draft, with what we hold filled in, and open its first page."""
    code = entry.pack.form
    version = queries.published_version(code)
    flow = queries.flow(code, version=version)
    if request.method != "POST":
        return draw(
            request,
            "form_begin",
            contact=contact,
            known=known,
            pack=entry.pack,
            pages=len(flow.pages),
            scripts=script_desk.beside(contact, entry.pack.code),
        )
    going = script_desk.beside(contact, entry.pack.code).going
    token = forms.start_draft(
        code,
        by=actor(request),
        at=now(),
        channel=contact.channel_id,
        version=version,
        answers={
            **(at_start(flow.form, known_of_record(known)) if known else {}),
            **(going.walk.written() if going else {}),
        },
        on_behalf_of=contact.customer_id,
        contact_id=contact.pk,
    )
    answer = redirect(f"/forms/{code}")
    answer.set_cookie(
        COOKIE.format(code=code), token, path=f"/forms/{code}", httponly=True, samesite="Lax", secure=settings.SECURE
    )
    return answer
