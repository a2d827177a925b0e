"""In which language a form is asked for, and the links that change it."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation

from townhall.forms.definition import Form
from townhall.forms.engine import Flow
from townhall.portal import form_language
from townhall.portal.form_language import COOKIE, ENGLISH, Offered

ASKED = "language"  # in the address, by the links that switch


def chosen(request: HttpRequest, form: Form) -> str:
    """A language that the form has words in, or "en"."""
    for wanted in (request.COOKIES.get(COOKIE, ""), (translation.get_language() or "")):
        if wanted in form.texts or wanted == ENGLISH:
            return wanted
        if wanted.partition("-")[0] in form.texts:
            return wanted.partition("-")[0]
    return ENGLISH


def switched(request: HttpRequest, form: Form) -> HttpResponse | None:
    """Back to the same page in the language that was asked for in its address; None when none was."""
    if request.method not in ("GET", "HEAD") or ASKED not in request.GET:
        return None
    rest = request.GET.copy()
    del rest[ASKED]
    answer = redirect(f"{request.path}?{rest.urlencode()}" if rest else request.path)
    wanted = request.GET[ASKED]
    if wanted in form.texts or wanted == ENGLISH:
        answer.set_cookie(COOKIE, wanted, path="/forms/", httponly=True, samesite="Lax", secure=settings.SECURE)
    return answer


def offered(request: HttpRequest, flow: Flow) -> list[Offered]:
    """English and every language of the form; nothing for a form in English alone."""
    codes = [ENGLISH, *flow.form.texts] if flow.form.texts else []
    rest = "&change" if "change" in request.GET else ""
    return [
        Offered(
            code=code, name=form_language.name_of(code), href=f"?{ASKED}={code}{rest}", is_chosen=code == flow.language
        )
        for code in codes
    ]
