"""The addresses of GeoReport v2. Reading needs no key; writing does."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from townhall.core.access import public
from townhall.core.actors import PUBLIC
from townhall.core.references import parse_reference
from townhall.core.time import now
from townhall.open311 import openapi, requests
from townhall.open311.api import asking, reporting
from townhall.open311.api.answering import answer
from townhall.open311.api.refusing import Refused, errors, open311
from townhall.open311.formats import TYPES, Many, as_json
from townhall.open311.services import definition, offered, service_list

CHANGESET = "2026-11-01T00:00:00+00:00"  # when the shape of this endpoint last changed
SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"


@public
@open311("GET", "HEAD")
def discovery(request: HttpRequest, *, extension: str) -> HttpResponse:
    endpoint = {
        "specification": SPECIFICATION,
        "url": f"{settings.PUBLIC_URL}/open311/v2",
        "changeset": CHANGESET,
        "type": "test" if settings.DEMO else "production",
        "formats": Many("format", ["text/xml", "application/json"]),
    }
    return answer(
        {
            "changeset": CHANGESET,
            "contact": _contact(),
            "key_service": _("Ask for a key: %(contact)s") % {"contact": _contact()},
            "endpoints": Many("endpoint", [endpoint]),
        },
        root="discovery",
        extension=extension,
    )


def _contact() -> str:
    return ", ".join(part for part in (settings.COUNCIL_NAME, settings.COUNCIL_EMAIL, settings.COUNCIL_PHONE) if part)


@public
@open311("GET", "HEAD")
def services(request: HttpRequest, *, extension: str) -> HttpResponse:
    asking.jurisdiction(request.GET)
    return answer(service_list(), root="services", extension=extension)


@public
@open311("GET", "HEAD")
def service(request: HttpRequest, code: str, *, extension: str) -> HttpResponse:
    asking.jurisdiction(request.GET)
    return answer(definition(offered(code)), root="service_definition", extension=extension)


@public
@csrf_exempt
@open311("GET", "HEAD", "POST")
def service_requests(request: HttpRequest, *, extension: str) -> HttpResponse:
    return _create(request, extension) if request.method == "POST" else _list(request, extension)


def _create(request: HttpRequest, extension: str) -> HttpResponse:
    at = now()
    by = asking.writer(request, at=at)
    asking.jurisdiction(request.POST)
    pack, made = reporting.receive(request, by=by, at=at)
    row = {"service_request_id": made.reference, "service_notice": pack.next_step, "account_id": None}
    return answer(Many("request", [row]), root="service_requests", extension=extension)


def _list(request: HttpRequest, extension: str) -> HttpResponse:
    at, given = now(), request.GET
    asking.jurisdiction(given)
    by, extended = asking.reader(request, at=at), _extended(request)
    if wanted := asking.codes(given.get("service_request_id", "")):
        asking.may_ask(request, by=by)
        rows = requests.by_references(wanted, by=by, extended=extended)
        asking.note_misses(request, wanted, found=len(rows), by=by, at=at)
    else:
        skip, limit = asking.page(given)
        rows = requests.listed(
            asking.window(given, at=at),
            by=by,
            services=_services(given.get("service_code", "")),
            is_open=_is_open(given.get("status", "")),
            skip=skip,
            limit=limit,
            extended=extended,
        )
    return answer(Many("request", rows), root="service_requests", extension=extension)


@public
@open311("GET", "HEAD")
def service_request(request: HttpRequest, reference: str, *, extension: str) -> HttpResponse:
    asking.jurisdiction(request.GET)
    at = now()
    by = asking.reader(request, at=at)
    asking.may_ask(request, by=by)
    rows = requests.by_references([reference], by=by, extended=_extended(request))
    if not rows:
        asking.note_misses(request, [reference], found=0, by=by, at=at)
        raise Refused(404, _("service_request_id was not found."))
    return answer(Many("request", rows), root="service_requests", extension=extension)


@public
@open311("GET", "HEAD")
def token(request: HttpRequest, token: str, *, extension: str) -> HttpResponse:
    """Every report has its number at once, so a token is that number."""
    asking.jurisdiction(request.GET)
    asking.may_ask(request, by=PUBLIC)
    reference = parse_reference(token)
    if reference is None or not requests.exists(reference):
        asking.note_misses(request, [token], found=0, by=PUBLIC, at=now())
        raise Refused(404, _("token was not found."))
    row = {"service_request_id": reference, "token": token}
    return answer(Many("request", [row]), root="service_requests", extension=extension)


@public
def document(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(as_json(openapi.document()), content_type="application/json")


@public
@csrf_exempt
def nothing(request: HttpRequest, rest: str) -> HttpResponse:
    """Whatever else is asked for below this door's path."""
    extension = rest.rpartition(".")[2]
    return errors(
        [_("There is nothing at this address.")], status=404, extension=extension if extension in TYPES else "xml"
    )


def _extended(request: HttpRequest) -> bool:
    return request.GET.get("extensions", "").strip().lower() in ("true", "1", "yes")


def _services(text: str) -> list[str] | None:
    codes = asking.codes(text)
    for code in codes:
        offered(code)
    return codes or None


def _is_open(text: str) -> bool | None:
    wanted = {one.lower() for one in asking.codes(text)}
    if wanted - {"open", "closed"}:
        raise Refused(400, _("status must be open, closed, or both with a comma."))
    return None if len(wanted) != 1 else "open" in wanted
