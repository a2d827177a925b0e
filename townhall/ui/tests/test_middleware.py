"""What every answer carries: its language, and that nobody keeps a page that is somebody's own."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings
from django.utils import translation

from townhall.ui.middleware import LanguageMiddleware
from townhall.ui.responses import NEVER_CACHED, OwnRedirect, never_cache


def _shown(request: HttpRequest, answer: HttpResponse | None = None) -> HttpResponse:
    with translation.override(None):
        shown = LanguageMiddleware(lambda _request: answer or HttpResponse(translation.get_language() or ""))(request)
    assert isinstance(shown, HttpResponse)
    return shown


@override_settings(SCREEN_LANGUAGES=["en-gb", "cy"])
def test_a_page_is_in_the_language_that_the_browser_asks_for() -> None:
    welsh = _shown(RequestFactory().get("/", headers={"Accept-Language": "cy;q=0.9, fr"}))
    assert (welsh.content, welsh["Content-Language"], welsh["Vary"]) == (b"cy", "cy", "Accept-Language")
    usual = _shown(RequestFactory().get("/"))
    assert (usual.content, usual["Content-Language"]) == (b"en-gb", "en-gb")


def test_a_page_does_not_say_that_it_is_in_a_language_that_the_screens_have_no_words_in() -> None:
    assert _shown(RequestFactory().get("/", headers={"Accept-Language": "cy"}))["Content-Language"] == "en-gb"


@override_settings(SCREEN_LANGUAGES=["en-gb", "cy"])
def test_the_language_chosen_on_the_site_comes_first() -> None:
    request = RequestFactory().get("/", headers={"Accept-Language": "en"})
    request.COOKIES["django_language"] = "cy"
    assert _shown(request).content == b"cy"


def test_what_a_page_varies_by_besides_stays() -> None:
    answer = _shown(RequestFactory().get("/"), HttpResponse(headers={"Vary": "Cookie"}))
    assert answer["Vary"] == "Cookie, Accept-Language"


def test_a_page_of_ones_own_is_kept_by_nobody() -> None:
    assert never_cache(HttpResponse)()["Cache-Control"] == NEVER_CACHED
    stricter = never_cache(lambda: HttpResponse(headers={"Cache-Control": "max-age=60"}))()
    assert "no-store" in stricter["Cache-Control"]
    assert "max-age=0" in stricter["Cache-Control"] or "max-age=60" in stricter["Cache-Control"]


def test_a_redirect_of_our_own_leads_there() -> None:
    answer = OwnRedirect("/r/TH-7K3M-92QX/received?me=abc:def")
    assert (answer.status_code, answer.url) == (302, "/r/TH-7K3M-92QX/received?me=abc:def")
