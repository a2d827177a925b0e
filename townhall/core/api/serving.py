"""From a request to an endpoint and back: reading, refusing (problem+json), repeating, and ETags."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any

import msgspec
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.db import transaction
from django.http import HttpRequest, HttpResponse, RawPostDataException, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from townhall.core.access import api_key, public
from townhall.core.actors import PUBLIC
from townhall.core.api.endpoints import PUBLIC_SCOPE, Call, Endpoint, ProblemOut
from townhall.core.errors import BadInput, KeyReused, NotAllowed, NotFound, RuleBroken, WrongState
from townhall.core.idempotency import first_time
from townhall.core.ids import uuid7
from townhall.core.time import now

JSON = "application/json"
PROBLEM = "application/problem+json"
LONGEST_KEY = 200
LARGEST_BODY = 1_000_000  # bytes of JSON
_UNREADABLE = (
    BadRequest,
    SuspiciousOperation,
    MultiPartParserError,
    UnreadablePostError,
    RawPostDataException,
)


class Unreadable(Exception):
    """What was sent is not what the endpoint takes: `status` 400, 413 or 415."""

    def __init__(self, detail: str, *, status: int = 400) -> None:
        self.status = status
        super().__init__(detail)


def patterns(base: str, endpoints: Sequence[Endpoint]) -> list[URLPattern]:
    """One address for each path, answering its methods."""
    by_path: dict[str, list[Endpoint]] = {}
    for one in endpoints:
        by_path.setdefault(one.path, []).append(one)
    return [path(base + _django_path(shape), _view(some)) for shape, some in by_path.items()]


def _django_path(shape: str) -> str:
    """`/jobs/{job_id}/accept` as Django writes it; a name that ends in _id is a UUID."""
    parts = []
    for part in shape.strip("/").split("/"):
        name = part[1:-1]
        parts.append(f"<{'uuid' if name.endswith('_id') else 'str'}:{name}>" if part.startswith("{") else part)
    return "/".join(parts)


def _view(endpoints: Sequence[Endpoint]) -> Callable[..., HttpResponse]:
    methods = {one.method: one for one in endpoints}
    scopes = {one.scope for one in endpoints}

    @csrf_exempt
    def view(request: HttpRequest, **parts: Any) -> HttpResponse:
        wanted = methods.get("GET" if request.method == "HEAD" else request.method or "")  # type: ignore[call-overload]
        if wanted is None:
            response = problem(405, code="method_not_allowed", detail=_("This address does not take that method."))
            response["Allow"] = ", ".join(methods)
            return response
        return answer(wanted, request, parts)

    if scopes == {PUBLIC_SCOPE}:
        return public(view)
    # Where methods need different scopes, the door asks for any good key and the endpoint for the right scope.
    return api_key(scopes.pop() if len(scopes) == 1 else "", refuse=key_refused)(view)


def answer(endpoint: Endpoint, request: HttpRequest, parts: dict[str, Any]) -> HttpResponse:
    by = getattr(request, "key_actor", PUBLIC)
    if endpoint.scope and endpoint.scope not in by.scopes:
        return problem(403, code="scope_missing", detail=_("This key does not have the scope %s.") % endpoint.scope)
    try:
        call = _read(endpoint, request, parts, by=by)
        given = _once(endpoint, call) if call.key and endpoint.again else endpoint.run(call)
    except Unreadable as no:
        return problem(no.status, code="unreadable", detail=str(no))
    except RequestDataTooBig:
        return problem(413, code="too_large")
    except _UNREADABLE:
        return problem(400, code="unreadable")
    except RuleBroken as no:
        return refused(no)
    if given is None:
        return HttpResponse(status=204)
    return _given(endpoint, request, msgspec.json.encode(given))


def _given(endpoint: Endpoint, request: HttpRequest, content: bytes) -> HttpResponse:
    response = HttpResponse(content, content_type=JSON, status=endpoint.status)
    if endpoint.method == "GET":
        tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        if tag in request.headers.get("If-None-Match", ""):
            response = HttpResponse(status=304)
        response["ETag"] = tag
        response["Cache-Control"] = "public, max-age=60" if endpoint.scope == PUBLIC_SCOPE else "private, no-cache"
    else:
        response["Cache-Control"] = "no-store"
    return response


def _once(endpoint: Endpoint, call: Call) -> Any:
    """Run once for a key; a repeat is answered with what was made then."""
    assert endpoint.again is not None
    operation = f"api {endpoint.method} {endpoint.path}"
    asked = {"path": {name: str(value) for name, value in call.path.items()}, "body": call.body}
    with transaction.atomic():
        earlier = first_time(operation, key=call.key, by=call.by, request=asked, result=call.new_id)
        return endpoint.run(call) if earlier is None else endpoint.again(call, earlier)


def _read(endpoint: Endpoint, request: HttpRequest, parts: dict[str, Any], *, by: Any) -> Call:
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > LONGEST_KEY or not key.isprintable():
        raise Unreadable(_("Idempotency-Key must be %d characters or fewer.") % LONGEST_KEY)
    if any("\x00" in value for value in parts.values() if isinstance(value, str)):
        raise NotFound
    return Call(
        by=by,
        at=now(),
        path=parts,
        body=_body(endpoint, request),
        query=_query(endpoint, request),
        upload=_upload(request) if endpoint.takes_file else None,
        key=key,
        new_id=uuid7(),
    )


def _body(endpoint: Endpoint, request: HttpRequest) -> Any:
    if endpoint.takes is None:
        return None
    if request.content_type != JSON:
        raise Unreadable(_("Send the body as application/json."), status=415)
    content = request.body
    if len(content) > LARGEST_BODY:
        raise Unreadable(_("The body is too large."), status=413)
    try:
        plain = msgspec.json.decode(content)
        _refuse_nul(plain)
        return msgspec.convert(plain, endpoint.takes)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unreadable(str(error)) from error


def _query(endpoint: Endpoint, request: HttpRequest) -> Any:
    if endpoint.asks is None:
        return None
    plain = {name: value for name, value in request.GET.items() if value != "" and name != "api_key"}
    try:
        _refuse_nul(plain)
        return msgspec.convert(plain, endpoint.asks, strict=False)
    except (msgspec.ValidationError, OverflowError) as error:
        raise Unreadable(str(error)) from error


def _refuse_nul(value: object) -> None:
    """PostgreSQL keeps no NUL and no half characters, and no sender means any."""
    if isinstance(value, str):
        if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
            raise Unreadable(_("Text may not hold NUL or half characters."))
    elif isinstance(value, dict):
        for name, inner in value.items():
            _refuse_nul(name)
            _refuse_nul(inner)
    elif isinstance(value, list):
        for inner in value:
            _refuse_nul(inner)


def _upload(request: HttpRequest) -> Any:
    if request.content_type != "multipart/form-data":
        raise Unreadable(_("Send the file as multipart/form-data."), status=415)
    upload = request.FILES.get("file")
    if upload is None:
        raise BadInput({"file": _("Send a file under the name “file”.")})
    return upload


def refused(no: RuleBroken) -> HttpResponse:
    detail = str(no.user_message)
    match no:
        case BadInput():
            return problem(422, code="invalid", detail=detail, errors=no.problems)
        case NotFound():
            return problem(404, code="not_found", detail=detail)
        case NotAllowed():
            return problem(403, code="not_allowed", detail=detail)
        case KeyReused():
            return problem(422, code="idempotency_key_reused", detail=detail)
        case WrongState():
            return problem(409, code="wrong_state", detail=detail)
        case _:
            return problem(409, code="refused", detail=detail)


def key_refused(request: HttpRequest, refusal: Any) -> HttpResponse:
    """A key that is missing, wrong, without the scope, or used too often."""
    response = problem(refusal.status, code=refusal.code, detail=str(refusal.user_message))
    if refusal.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    if refusal.retry_after:
        response["Retry-After"] = str(refusal.retry_after)
    return response


def problem(status: int, *, code: str, detail: str = "", errors: dict[str, str] | None = None) -> HttpResponse:
    said = ProblemOut(
        title=HTTPStatus(status).phrase,
        status=status,
        code=code,
        detail=detail,
        errors=errors or msgspec.UNSET,
    )
    response = HttpResponse(msgspec.json.encode(said), content_type=PROBLEM, status=status)
    response["Cache-Control"] = "no-store"
    return response
