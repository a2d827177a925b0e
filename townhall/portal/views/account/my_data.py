"""What is held about somebody and who looked at it, for themselves; and a copy to take away."""

from __future__ import annotations

import msgspec
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from townhall.core.access import resident
from townhall.core.time import council_date, now
from townhall.customers import queries
from townhall.customers.accounts import consents, levels, standard
from townhall.ledger import operations as ledger
from townhall.portal.account import held
from townhall.portal.views.account.drawing import draw
from townhall.portal.views.account.preferences import own


@resident
@require_safe
def my_data(request: HttpRequest) -> HttpResponse:
    who, at = own(request), now()
    customer_id = who.acting.customer_id
    looks, after = held.who_looked(customer_id, at=at, after=request.GET.get("after", ""))
    return draw(
        request,
        "my_data",
        record=queries.record(customer_id, by=who.acting.actor),
        consents=consents.history(customer_id),
        wordings=consents.wordings(),
        checks=[(one, standard.rule(one.method)) for one in levels.checks_of(customer_id, at=at)],
        looks=looks,
        after=after,
    )


@resident(fresh=True)
@require_safe
def as_json(request: HttpRequest) -> HttpResponse:
    """A file for other programs."""
    found = _everything(request)
    text = msgspec.json.format(msgspec.json.encode(found), indent=2)
    return _file(HttpResponse(text, content_type="application/json; charset=utf-8"), "json")


@resident(fresh=True)
@require_safe
def as_page(request: HttpRequest) -> HttpResponse:
    """The same to read or print."""
    return draw(request, "my_data_page", everything=_everything(request))


def _everything(request: HttpRequest) -> dict[str, object]:
    who, at = own(request), now()
    customer_id, by = who.acting.customer_id, who.acting.actor
    ledger.looked(by=by, at=at, customer_id=customer_id, page="account.download", reason="own")
    return held.everything(customer_id, account_id=who.person.account_id, by=by, at=at)


def _file(answer: HttpResponse, kind: str) -> HttpResponse:
    answer.headers["Content-Disposition"] = f'attachment; filename="my-data-{council_date(now())}.{kind}"'
    answer.headers["Cache-Control"] = "no-store, private"
    return answer
