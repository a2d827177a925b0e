"""How the website is used: pages opened, where their readers came from, and with what (KNOW-10, KNOW-11, ACCT-06)."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from townhall.core.access import staff
from townhall.core.time import council_date, now
from townhall.insight import queries, tested
from townhall.insight.visitors import DEVICES
from townhall.workspace.bars import bars

SEE = "website.see"
SINCE = timedelta(days=90)
YEAR = timedelta(days=395)
HOME = "portal:home"
MOST = 200  # pages on the list


@staff(may=SEE)
@never_cache
@require_safe
def visits(request: HttpRequest) -> HttpResponse:
    today = council_date(now())
    found = queries.entries(since=today - SINCE)
    months = queries.entries_by_month(since=(today - YEAR).replace(day=1), home=HOME)
    titles = queries.titles()
    whole = queries.Entries()
    for one in found.values():
        for source, views in one.by_source.items():
            whole.by_source[source] += views
    context = {
        "days": SINCE.days,
        "whole": whole,
        "by_home": found[HOME].entries if HOME in found else 0,
        "by_search": whole.search - (found[HOME].search if HOME in found else 0),
        "bots": queries.bots(since=today - SINCE),
        "lines": [(titles.get(name, name), one) for name, one in list(found.items())[:MOST]],
        "months": [(month.strftime("%B %Y"), *counted) for month, counted in reversed(list(months.items()))],
        "picture": bars(
            [(month.strftime("%b %y"), counted[2]) for month, counted in months.items()],
            label=_("Visits by month; the table has the figures"),
        ),
    }
    return render(request, "workspace/website/visits.html", context)


@staff(may=SEE)
@never_cache
@require_safe
def devices(request: HttpRequest) -> HttpResponse:
    """With what the site is read, and what that says must be tested."""
    since = council_date(now()) - SINCE
    by_device, by_family = queries.devices(since=since)
    shares = tested.shares(since=since)
    made = tested.tested_set(since=since)
    context = {
        "days": SINCE.days,
        "by_device": [(str(DEVICES.get(device, device)), views) for device, views in by_device.items()],
        "by_family": list(by_family.items()),
        "opened": sum(by_device.values()),
        "shares": [(str(DEVICES.get(one.device, one.device)), one) for one in shares[:40]],
        "tested": [(str(DEVICES.get(one.device, one.device)), one) for one in made],
        "covered": sum(one.share for one in made),
        "without_script": tested.without_script(since=since),
        "picture": bars(
            [(str(DEVICES.get(device, device)), views) for device, views in by_device.items()],
            label=_("Pages opened by kind of device; the table has the figures"),
        ),
    }
    return render(request, "workspace/website/devices.html", context)
