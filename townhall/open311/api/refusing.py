"""Saying no in Open311's words: 404 for what is not there, 403 for the key, 400 for the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from townhall.accounts.keys import KeyRefused
from townhall.core.errors import BadInput, NotAllowed, NotFound, RuleBroken
from townhall.open311.api.answering import answer
from townhall.open311.formats import TYPES, Many

View = Callable[..., HttpResponse]


class Refused(Exception):
    """What the caller is told, and under which HTTP status."""

    def __init__(self, status: int, *reasons: StrOrPromise, retry_after: int = 0) -> None:
        self.status, self.retry_after = status, retry_after  # seconds
        self.reasons = [str(reason) for reason in reasons]
        super().__init__(*self.reasons)


def errors(reasons: Sequence[str], *, status: int, extension: str) -> HttpResponse:
    rows = [{"code": status, "description": reason} for reason in reasons]
    return answer(Many("error", rows), root="errors", extension=extension, status=status)


def open311(*methods: str) -> Callable[[View], View]:
    """A view of this door: only these methods, only known extensions, and every refusal in the format that was asked for."""

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, extension: str, **kwargs: Any) -> HttpResponse:
            if extension not in TYPES:
                return errors(
                    [_("There is nothing at this address. It ends in .xml or .json.")], status=404, extension="xml"
                )
            if request.method not in methods:
                response = errors([_("This address does not take that method.")], status=405, extension=extension)
                response["Allow"] = ", ".join(methods)
                return response
            try:
                response = view(request, *args, extension=extension, **kwargs)
            except (
                Refused,
                RuleBroken,
                BadRequest,
                SuspiciousOperation,
                MultiPartParserError,
                UnreadablePostError,
            ) as no:
                response = refusal(no, extension=extension)
            if request.method in ("GET", "HEAD"):
                response["Access-Control-Allow-Origin"] = "*"
            return response

        return guarded

    return mark


def refusal(no: Exception, *, extension: str) -> HttpResponse:
    match no:
        case Refused():
            response = errors(no.reasons, status=no.status, extension=extension)
            return _later(response, no.retry_after)
        case KeyRefused():
            status = 429 if no.status == 429 else 403
            return _later(errors([str(no.user_message)], status=status, extension=extension), no.retry_after)
        case BadInput():
            reasons = [f"{name}: {reason}" for name, reason in no.problems.items()]
            return errors(reasons, status=400, extension=extension)
        case NotFound():
            return errors([str(no.user_message)], status=404, extension=extension)
        case NotAllowed():
            return errors([str(no.user_message)], status=403, extension=extension)
        case RuleBroken():
            return errors([str(no.user_message)], status=400, extension=extension)
        case _:
            return errors([_("The request could not be read.")], status=400, extension=extension)


def _later(response: HttpResponse, seconds: int) -> HttpResponse:
    if seconds:
        response["Retry-After"] = str(seconds)
    return response
