"""What every page of the account does: say what is wrong, and warn before the session ends."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from townhall.accounts.errors import TooManyAttempts
from townhall.accounts.residents.web import is_shared_device
from townhall.core.errors import BadInput, RuleBroken
from townhall.portal.account.web import me
from townhall.ui.responses import error_page


def draw(
    request: HttpRequest, template: str, /, *, problems: dict[str, str] | None = None, status: int = 200, **context: Any
) -> HttpResponse:
    """The page. `problems`: field id → sentence; said at the top and beside the field."""
    found, who = problems or {}, me(request)
    shown = {
        "me": who,
        "is_shared": is_shared_device(request),
        "errors": [{"text": text, "href": f"#{field}"} for field, text in found.items()],
        "problems": found,
        "said": request.GET.get("said", ""),
        "session_seconds": who.person.seconds_left if who else 0,
        "stay_path": reverse("portal:stay"),
        "ended_path": reverse("portal:sign_in") + "?ended=1",
        **context,
    }
    answer = render(request, f"portal/account/{template}.html", shown, status=422 if found else status)
    answer.headers["Cache-Control"] = "no-store, private"
    return answer


def too_many(request: HttpRequest, error: TooManyAttempts) -> HttpResponse:
    seconds = max(1, int(error.left.total_seconds()))
    return error_page(request, 429, detail=error.user_message, retry_after_seconds=seconds)


def problems_of(error: RuleBroken, field: str) -> dict[str, str]:
    return error.problems if isinstance(error, BadInput) else {field: str(error.user_message)}
