"""Contact us, the pages of plain text, and what robots and researchers look for."""

from __future__ import annotations

from datetime import timedelta
from xml.sax.saxutils import escape

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from townhall.catalogue import queries as catalogue
from townhall.core.access import public
from townhall.core.time import LONDON, council_date, now
from townhall.places.hours import Different, open_sites
from townhall.places.hours_words import days_words, different_words, hours_words, standing_words
from townhall.places.opening import Where, standing
from townhall.portal import texts


@public
@require_safe
def contact(request: HttpRequest) -> HttpResponse:
    at = now()
    sites = [
        (
            site,
            standing(Where(site=site.code), at=at),
            [(days_words(days), hours_words(days)) for days in site.week],
            [_changed(one) for one in site.different],
        )
        for site in open_sites(on=council_date(at))
    ]
    context = {
        "sites": [(site, stands.is_open, standing_words(stands), week, differ) for site, stands, week, differ in sites]
    }
    return render(request, "portal/contact.html", context)


def _changed(one: Different) -> tuple[Different, str]:
    return one, different_words(one)


def _text(request: HttpRequest, name: str) -> HttpResponse:
    title, words = texts.page(name)
    return render(request, "portal/text.html", {"title": title, "words": words})


@public
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return _text(request, "accessibility")


@public
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return _text(request, "privacy")


@public
@require_safe
def cookies(request: HttpRequest) -> HttpResponse:
    return _text(request, "cookies")


@public
@require_safe
@cache_control(public=True, max_age=86_400)
def security(request: HttpRequest) -> HttpResponse:
    """RFC 9116."""
    expires = (now() + timedelta(days=180)).replace(hour=0, minute=0, second=0, microsecond=0)
    email = getattr(settings, "COUNCIL_EMAIL", "")
    reach = f"mailto:{email}" if email else settings.PUBLIC_URL + reverse("portal:contact")
    lines = [
        f"Contact: {reach}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en, cy",
        f"Canonical: {settings.PUBLIC_URL}{reverse('portal:security')}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@public
@require_safe
@cache_control(public=True, max_age=86_400)
def robots(request: HttpRequest) -> HttpResponse:
    lines = [
        "User-agent: *",
        "Disallow: /report/",
        "Disallow: /r/",
        "Disallow: /account",
        "Disallow: /calendar/",
        "Disallow: /work/",
        "Disallow: /map/",
    ]
    lines += ["Disallow: /demo/"] if settings.DEMO else []
    lines.append(f"Sitemap: {settings.PUBLIC_URL}{reverse('portal:sitemap')}")
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@public
@require_safe
@cache_control(public=True, max_age=3_600)
def sitemap(request: HttpRequest) -> HttpResponse:
    """The pages worth finding. Services say when they last changed."""
    names = ("home", "services", "report", "reports", "follow", "contact", "accessibility", "privacy", "cookies")
    pages = [(reverse(f"portal:{name}"), "") for name in names]
    pages += [
        (reverse("portal:service", args=[entry.pack.code]), entry.updated_at.astimezone(LONDON).date().isoformat())
        for entry in catalogue.entries()
        if entry.is_live
    ]
    urls = "".join(
        f"<url><loc>{escape(settings.PUBLIC_URL + path)}</loc>{f'<lastmod>{on}</lastmod>' if on else ''}</url>\n"
        for path, on in pages
    )
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{urls}</urlset>\n'
    return HttpResponse(body, content_type="application/xml; charset=utf-8")
