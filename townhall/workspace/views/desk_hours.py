"""When everything is open, what the recorded messages and closed screens say, and dates with other hours."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from townhall.accounts.models import Role
from townhall.accounts.web import actor
from townhall.catalogue import queries as catalogue
from townhall.core.access import staff
from townhall.core.errors import BadInput, NotFound
from townhall.core.time import council_date, now
from townhall.places import hours_operations as operations
from townhall.places.hours import site_names
from townhall.places.hours_words import closed_screen, exception_words, recorded_message, standing_words, week_words
from townhall.places.opening import Where, changes_to_come, kept_for, standing
from townhall.workspace.desk_fields import text
from townhall.workspace.views.desk import draw

CHANGERS = (Role.ADMINISTRATOR.value,)


@staff
@never_cache
@require_http_methods(["GET", "HEAD"])
def hours(request: HttpRequest) -> HttpResponse:
    return _page(request)


def _page(
    request: HttpRequest, *, problems: dict[str, str] | None = None, typed: dict[str, str] | None = None
) -> HttpResponse:
    at = now()
    sites = site_names()
    rows = [_row(where, sites, at) for where in kept_for()]
    empty = dict.fromkeys(("where", "on", "opens", "closes", "reason"), "")
    context: dict[str, Any] = {
        "rows": rows,
        "typed": typed or empty,
        "changes": [
            (
                one,
                _name_of(Where(service=one.service_code, site=one.site_id or "", channel=one.channel), sites),
                exception_words(one),
            )
            for one in changes_to_come(on=council_date(at))
        ],
        "places": [("", _("The whole council"))] + [(_code(row["where"]), row["name"]) for row in rows],
        "may_change_hours": bool(actor(request).roles & set(CHANGERS)),
    }
    return draw(request, "hours", problems=problems, **context)


def _row(where: Where, sites: Mapping[str, str], at: Any) -> dict[str, Any]:
    name = _name_of(where, sites)
    return {
        "where": where,
        "name": name,
        "standing": standing_words(standing(where, at=at)),
        "is_open": standing(where, at=at).is_open,
        "week": week_words(where, on=council_date(at)),
        "message": recorded_message(where, name, at=at),
        "screen": closed_screen(where, at=at),
    }


def _name_of(where: Where, sites: Mapping[str, str]) -> str:
    parts = [
        _service_name(where.service) if where.service else "",
        sites.get(where.site, where.site),
        _words(where.channel),
    ]
    return ", ".join(part for part in parts if part) or _("The whole council")


def _service_name(code: str) -> str:
    try:
        return catalogue.service(code).name
    except NotFound:
        return _words(code)


def _words(code: str) -> str:
    return code.replace("-", " ").replace("_", " ").capitalize()


def _code(where: Where) -> str:
    return f"{where.site}/{where.service}/{where.channel}"


@staff(roles=CHANGERS)
@require_POST
def exceptions(request: HttpRequest) -> HttpResponse:
    """Add a date with other hours; what was typed stays when something is wrong."""
    typed = {name: text(request.POST, name) for name in ("where", "on", "opens", "closes", "reason")}
    problems: dict[str, str] = {}
    on = _read(date.fromisoformat, typed["on"])
    opens, closes = (_read(time.fromisoformat, typed[name]) for name in ("opens", "closes"))
    if on is None:
        problems["on"] = _("Enter the date")
    for name, value in (("opens", opens), ("closes", closes)):
        if typed[name] and value is None:
            problems[name] = _("Enter a time, like 09:00")
    where = _where(typed["where"])
    if where is None:
        problems["where"] = _("Select where it holds")
    if problems or on is None or where is None:
        return _page(request, problems=problems, typed=typed)
    try:
        operations.add_exception(
            where, on=on, opens=opens, closes=closes, reason=typed["reason"], by=actor(request), at=now()
        )
    except BadInput as error:
        return _page(request, problems=error.problems, typed=typed)
    messages.success(request, _("The hours of that date are changed. Pages and messages say so at once."))
    return redirect("workspace:hours")


def _where(code: str) -> Where | None:
    if not code:
        return Where()
    return next((where for where in kept_for() if _code(where) == code), None)


def _read(reader: Any, typed: str) -> Any:
    try:
        return reader(typed)
    except ValueError:
        return None


@staff(roles=CHANGERS)
@require_POST
def end_exception(request: HttpRequest, exception_id: UUID) -> HttpResponse:
    try:
        operations.remove_exception(exception_id, by=actor(request), at=now())
    except NotFound:
        messages.info(request, _("It was removed before."))
    else:
        messages.success(request, _("The usual hours hold again on that date."))
    return redirect("workspace:hours")
