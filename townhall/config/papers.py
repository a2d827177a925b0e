"""Documents of cases: `documents` lies below `cases`, so this is where what a case knows meets them."""

from __future__ import annotations

from townhall.cases.events import CaseOpened
from townhall.cases.models import Case
from townhall.documents import heard


def case_opened(event: CaseOpened) -> None:
    """A form was sent in by somebody we know: a copy of what they said, under the reference of its case."""
    if not event.form_code:
        return
    case = Case.objects.filter(pk=event.case_id, customer_id__isnull=False).first()
    if case is None:
        return
    assert case.customer_id is not None
    heard.form_sent(event.case_id, customer_id=case.customer_id, reference=case.reference, at=event.at)
