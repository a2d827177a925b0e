"""Answers that were kept sealed go when nothing needs them: the system that uses them has them, or the case is over."""

from __future__ import annotations

from townhall.cases.events import CaseClosed
from townhall.cases.models import Case
from townhall.catalogue import queries as catalogue
from townhall.connectors import operations as connectors
from townhall.core.errors import NotFound
from townhall.forms import operations as forms
from townhall.forms import queries
from townhall.forms.questions import Text


def acknowledged(case: Case) -> None:
    """A system said that it has what we delivered for the case (its own copy went with that): ours goes after the last one."""
    if _asks_sealed(case.service_code) and not connectors.holds_sealed(case.pk):
        forms.drop_sealed(case.pk)


def case_closed(event: CaseClosed) -> None:
    """Refused or done: only what is still to be sent stays, until it is."""
    if _asks_sealed(event.service_code) and connectors.drop_sealed(event.case_id):
        forms.drop_sealed(event.case_id)


def _asks_sealed(service_code: str) -> bool:
    """Whether the form of the service asks anything that is sealed. From the process's memory."""
    try:
        code = catalogue.service(service_code).form
        flow = queries.flow(code) if code else None
    except NotFound:
        return False
    return flow is not None and any(isinstance(one, Text) and one.sealed for one in flow.form.questions())
