"""Reading the plain forms of staff pages: what was typed, and doing one thing with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from townhall.core.errors import BadInput, RuleBroken
from townhall.core.time import LONDON
from townhall.forms.typed import clean_text

LONGEST = 10_100


def typed(request: HttpRequest, *names: str) -> dict[str, str]:
    """Without control characters; longer than any operation takes is cut, and told by it as too long."""
    return {name: clean_text(request.POST.get(name, ""))[:LONGEST].strip() for name in names}


def chosen(request: HttpRequest, name: str) -> list[str]:
    return [clean_text(one)[:100] for one in request.POST.getlist(name)[:100]]


def number(text: str, name: str, words: str) -> int:
    """Raises BadInput. An empty box is 0."""
    cleaned = text.replace(",", "").replace("%", "").strip() or "0"
    if not cleaned.removeprefix("-").isdigit() or not cleaned.isascii() or len(cleaned) > 9:
        raise BadInput({name: words})
    return int(cleaned)


def day(text: str, name: str) -> date:
    """Raises BadInput."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput({name: _("Enter a date")}) from None


def moment(on: str, at: str, name: str) -> datetime:
    """A day and a time of it in London. Raises BadInput."""
    try:
        return datetime.fromisoformat(f"{on}T{at}").replace(tzinfo=LONDON)
    except ValueError:
        raise BadInput({name: _("Enter a date, and a time like 10:30")}) from None


def errors_of(problems: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"text": text, "href": f"#{name}" if name else ""} for name, text in problems.items()]


def problems_of(error: RuleBroken, *, field: str = "") -> dict[str, str]:
    return error.problems if isinstance(error, BadInput) else {field: str(error.user_message)}


def done(
    request: HttpRequest, act: Callable[[], object], words: str, *, to: str, arguments: Iterable[object] = ()
) -> HttpResponse:
    """Do it, say so or why not, and go on."""
    try:
        act()
    except RuleBroken as error:
        messages.error(request, " ".join(problems_of(error).values()))
    else:
        messages.success(request, words)
    return redirect(to, *arguments)
