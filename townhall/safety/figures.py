"""Incidents by site, how quickly reports are made, and what is overdue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from townhall.core.db import fetch_all, fetch_one
from townhall.core.time import aware, council_date

YEAR = timedelta(days=365)
TWO_MINUTES = 120  # seconds: what a report should take (NB 9)

_BY_SITE = """
    SELECT s.code, s.name, coalesce(i.incidents, 0), coalesce(i.harmed, 0), coalesce(i.severe, 0), coalesce(a.alarms, 0), a.seconds
    FROM places_site s
    LEFT JOIN (SELECT site_id, count(*) AS incidents, count(*) FILTER (WHERE harm IN ('minor', 'serious')) AS harmed,
        count(*) FILTER (WHERE kind IN ('assault', 'weapon', 'threat')) AS severe
      FROM safety_incident WHERE happened_at >= %(since)s AND happened_at <= %(at)s GROUP BY site_id) i ON i.site_id = s.code
    LEFT JOIN (SELECT site_id, count(*) AS alarms,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM acknowledged_at - raised_at)) AS seconds
      FROM safety_alarm WHERE raised_at >= %(since)s AND raised_at <= %(at)s GROUP BY site_id) a ON a.site_id = s.code
    ORDER BY 3 DESC, s.name"""
_REPORTS = """
    SELECT count(*), count(*) FILTER (WHERE opened_at IS NOT NULL),
      count(*) FILTER (WHERE reported_at - opened_at <= make_interval(secs => %(most)s)),
      (SELECT count(*) FROM safety_recommendation WHERE state = 'given' AND due_on < %(today)s)
    FROM safety_incident WHERE reported_at >= %(since)s AND reported_at <= %(at)s"""


@dataclass(frozen=True, kw_only=True)
class SiteLine:
    """One site's last twelve months. seconds: the median from a call for help to somebody saying that they come; None without one."""

    code: str
    name: str
    incidents: int
    harmed: int  # with an injury
    severe: int  # threats, weapons, assaults
    alarms: int
    seconds: int | None


@dataclass(frozen=True, kw_only=True)
class Reports:
    """The last twelve months."""

    incidents: int
    timed: int  # of which it is known how long the report took
    quick: int  # of those, at most two minutes
    overdue: int  # recommendations


def by_site(*, at: datetime) -> list[SiteLine]:
    """Sites with the most incidents first. One query."""
    rows = fetch_all(_BY_SITE, {"since": aware(at) - YEAR, "at": aware(at)})
    return [
        SiteLine(
            code=code,
            name=name,
            incidents=incidents,
            harmed=harmed,
            severe=severe,
            alarms=alarms,
            seconds=None if seconds is None else round(seconds),
        )
        for code, name, incidents, harmed, severe, alarms, seconds in rows
    ]


def reports(*, at: datetime) -> Reports:
    """One query."""
    values = {"since": aware(at) - YEAR, "at": aware(at), "most": TWO_MINUTES, "today": council_date(at)}
    row = fetch_one(_REPORTS, values)
    assert row is not None
    return Reports(incidents=row[0], timed=row[1], quick=row[2], overdue=row[3])
