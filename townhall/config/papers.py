"""Documents of cases: `documents` lies below `cases`, so this is where what a case knows meets them."""

from __future__ import annotations

from django.utils import translation
from django.utils.translation import gettext as _

from townhall.cases.events import CaseOpened
from townhall.core.actors import SYSTEM
from townhall.core.db import fetch_one
from townhall.core.subjects import Subject
from townhall.documents import heard
from townhall.documents.models import Kind
from townhall.documents.operations import keep_document, language_of
from townhall.documents.wording import worded
from townhall.permits import queries as permits
from townhall.permits.events import PermitIssued

_OF_SOMEBODY_KNOWN = "SELECT customer_id, reference FROM cases_case WHERE id = %s AND customer_id IS NOT NULL"


def case_opened(event: CaseOpened) -> None:
    """A form was sent in by somebody we know: a copy of what they said, under the reference of its case."""
    if not event.form_code:
        return
    case = fetch_one(_OF_SOMEBODY_KNOWN, (event.case_id,))
    if case is not None:
        heard.form_sent(event.case_id, customer_id=case[0], reference=case[1], at=event.at)


def permit_issued(event: PermitIssued) -> None:
    """A permit of somebody we know is among their documents, as it was issued."""
    permit = permits.one(event.permit_id, at=event.at)
    if permit is None or permit.customer_id is None:
        return
    language = language_of(permit.customer_id)
    with translation.override(language):
        title = _("Parking permit %(number)s") % {"number": permit.number}
    keep_document(
        customer_id=permit.customer_id,
        kind=Kind.PERMIT,
        title=title,
        about=Subject(kind="permit", id=permit.id),
        key=f"permit-{permit.id}",
        html=worded("permit", {"permit": permit}, language=language),
        reference=permit.number,
        language=language,
        by=SYSTEM,
        at=event.at,
    )
