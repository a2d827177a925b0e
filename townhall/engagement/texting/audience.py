"""Whom a text to many reaches. Everything is one statement, however many they are: who lives there, and which of them are left out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from townhall.core.db import fetch_all
from townhall.core.time import LONDON, council_date
from townhall.engagement.texting.length import BASIC, DOUBLE, length_of
from townhall.engagement.texting.models import TextCampaign
from townhall.engagement.texting.standards import PURPOSES, framed

FIELD: Final = re.compile(r"\{([a-z][a-z0-9_]{0,30})\}")
SOON = timedelta(days=7)
_MOBILE = """(SELECT p.normalised FROM customers_contactpoint p WHERE p.customer_id = {who} AND p.kind = 'phone'
    AND p.ended_at IS NULL AND p.normalised LIKE '+447%%' ORDER BY p.verified_at DESC NULLS LAST, p.id DESC LIMIT 1)"""
_PEOPLE = f"""SELECT a.customer_id, c.name, '{{}}'::jsonb AS given, {_MOBILE.format(who="a.customer_id")} AS number
    FROM customers_customeraddress a JOIN places_address d ON d.uprn = a.uprn
    JOIN customers_customer c ON c.id = a.customer_id AND c.merged_into_id IS NULL
    WHERE a.until_on IS NULL AND {{where}}
    UNION ALL
    SELECT s.customer_id, s.name, '{{}}'::jsonb, s.number FROM engagement_alertsubscription s JOIN places_address d ON d.uprn = s.place_key
    WHERE s.by_text AND s.customer_id IS NULL AND s.number LIKE '+447%%' AND s.confirmed_at IS NOT NULL AND s.ended_at IS NULL
      AND {{where}}"""  # noqa: S608 - constants only
_WHERE: Final[Mapping[str, str]] = {
    TextCampaign.To.WARD: "d.ward_code = %(code)s",
    TextCampaign.To.STREET: "d.usrn = %(code)s",
    TextCampaign.To.ROUND: "d.uprn IN (SELECT r.uprn FROM neighbourhood_addressround r WHERE r.round_id = %(code)s)",
    TextCampaign.To.AROUND: """d.easting BETWEEN %(east)s - %(metres)s AND %(east)s + %(metres)s
        AND (d.easting - %(east)s)::float8 ^ 2 + (d.northing - %(north)s)::float8 ^ 2 <= %(metres)s::float8 ^ 2""",
    TextCampaign.To.DRAWN: "%(outline)s::polygon @> point(d.easting, d.northing)",
}
_BILLS = f"""SELECT DISTINCT ON (b.customer_id) b.customer_id, c.name,
      jsonb_build_object('amount', '£' || to_char(b.amount_pence / 100.0, 'FM999999990.00'), 'due', to_char(b.due_on, 'FMDD FMMonth'),
        'reference', b.reference, 'link', %(site)s || '/pay/' || b.id, 'bill', b.id) AS given,
      {_MOBILE.format(who="b.customer_id")} AS number
    FROM payments_charge b JOIN customers_customer c ON c.id = b.customer_id AND c.merged_into_id IS NULL
    WHERE b.state = 'open' AND NOT b.by_direct_debit AND b.due_on BETWEEN %(from)s AND %(until)s
    ORDER BY b.customer_id, b.due_on, b.id"""  # noqa: S608 - constants only
_CHOOSE = """INSERT INTO engagement_writtentext (id, campaign_id, number, customer_id, name, given, words, parts, state, because, owner_id)
    SELECT DISTINCT ON (found.number) gen_random_uuid(), %(campaign)s, found.number, found.customer_id, found.name, found.given,
      '', %(parts)s, 'chosen', '', %(owner)s
    FROM ({people}) AS found WHERE found.number IS NOT NULL ORDER BY found.number, found.customer_id NULLS LAST"""
# The plain alphabet of a phone, for PostgreSQL.
_ALPHABET: Final = "^[" + re.sub(r"([\[\]\\^-])", r"\\\1", BASIC + DOUBLE) + "]*$"
# How many parts a text has (length.py counts the same; of one in several parts with a character of two places this is the most it can be).
_PARTS = """CASE WHEN e.is_basic THEN
      CASE WHEN length(w.words) + e.doubles <= 160 THEN 1
           ELSE ceil((length(w.words) + e.doubles) / CASE WHEN e.doubles = 0 THEN 153.0 ELSE 152.0 END) END
    ELSE CASE WHEN length(w.words) + e.astral <= 70 THEN 1
           ELSE ceil((length(w.words) + e.astral) / CASE WHEN e.astral = 0 THEN 67.0 ELSE 66.0 END) END END::int"""
# OFFSET 0: each is worked out once for a text. Without it the planner writes the words and their length out wherever they are named,
# and a text to 90,000 takes most of a minute.
_JUDGE = f"""
    UPDATE engagement_writtentext AS t SET because = judged.because, parts = judged.parts,
      state = CASE WHEN judged.because = '' THEN 'chosen' ELSE 'left_out' END
    FROM (
      SELECT given.id, sized.parts, CASE
          WHEN given.place > 1 THEN 'twice'
          WHEN EXISTS (SELECT 1 FROM engagement_textstop s WHERE s.number = given.number AND s.ended_at IS NULL)
            OR u.because = 'stopped' THEN 'stopped'
          WHEN u.because IS NOT NULL THEN 'unreachable'
          WHEN EXISTS (SELECT 1 FROM customers_channelchoice h WHERE h.customer_id = given.customer_id AND h.service_code = ''
            AND 'text' = ANY(h.refused)) THEN 'refused'
          WHEN %(consent)s <> '' AND NOT EXISTS (SELECT 1 FROM customers_consent c WHERE c.customer_id = given.customer_id
            AND c.purpose = %(consent)s AND c.withdrawn_at IS NULL) THEN 'consent'
          WHEN %(bills)s AND NOT EXISTS (SELECT 1 FROM payments_charge b WHERE b.id = (given.given ->> 'bill')::uuid
            AND b.state = 'open') THEN 'paid'
          WHEN %(a_day)s > 0 AND (SELECT count(*) FROM engagement_writtentext o WHERE o.number = given.number AND o.state = 'queued'
            AND o.campaign_id <> given.campaign_id AND o.at >= %(today)s) >= %(a_day)s THEN 'enough'
          WHEN EXISTS (SELECT 1 FROM unnest(%(fields)s::text[]) AS f (name)
            WHERE coalesce(CASE WHEN f.name = 'name' THEN given.name ELSE given.given ->> f.name END, '') = '') THEN 'empty'
          WHEN sized.parts > %(most)s THEN 'too_long'
          ELSE '' END AS because
      FROM (SELECT x.*, CASE WHEN x.customer_id IS NULL THEN 1
              ELSE row_number() OVER (PARTITION BY x.customer_id ORDER BY x.number) END AS place
            FROM engagement_writtentext x WHERE x.campaign_id = %(campaign)s AND x.state IN ('chosen', 'left_out')
              AND (%(only)s::uuid[] IS NULL OR x.id = ANY(%(only)s::uuid[]))) AS given
      CROSS JOIN LATERAL (SELECT {{rendered}} AS words OFFSET 0) AS w
      CROSS JOIN LATERAL (SELECT w.words ~ %(alphabet)s AS is_basic,
        length(w.words) - length(translate(w.words, %(double)s, '')) AS doubles,
        CASE WHEN octet_length(w.words) = length(w.words) THEN 0
          ELSE octet_length(regexp_replace(w.words, '[\\u0001-\\uffff]', '', 'g')) / 4 END AS astral OFFSET 0) AS e
      CROSS JOIN LATERAL (SELECT {_PARTS} AS parts OFFSET 0) AS sized
      LEFT JOIN notifications_unreachable u ON u.channel = 'text' AND u.address = given.number AND u.ended_at IS NULL
        AND (u.since > %(tried)s OR u.because = 'stopped')
      OFFSET 0
    ) AS judged WHERE t.id = judged.id AND (t.because, t.parts) IS DISTINCT FROM (judged.because, judged.parts)"""  # noqa: S608 - constants only


@dataclass(frozen=True, kw_only=True)
class Saved:
    """A list that is made anew each time from what the council knows. fields: what a text may say of each line."""

    code: str
    name: StrOrPromise
    fields: tuple[str, ...]
    since: timedelta
    until: timedelta


_BILL_FIELDS = ("name", "amount", "due", "reference", "link")
SAVED: Final[Mapping[str, Saved]] = {
    one.code: one
    for one in (
        Saved(
            code="bill-due",
            name=_("Customers with a bill due in the next seven days"),
            fields=_BILL_FIELDS,
            since=timedelta(),
            until=SOON,
        ),
        Saved(
            code="bill-overdue",
            name=_("Customers with a bill that was due in the last 30 days"),
            fields=_BILL_FIELDS,
            since=timedelta(days=-30),
            until=timedelta(days=-1),
        ),
    )
}


def fields_in(words: str) -> list[str]:
    return list(dict.fromkeys(FIELD.findall(words)))


def words_for(row: TextCampaign, name: str, given: Mapping[str, str]) -> str:
    """What one of them gets, as `judge` counted it."""
    words = framed(row.words, many=True)
    for field in fields_in(row.words):
        words = words.replace(f"{{{field}}}", name if field == "name" else given.get(field) or "")
    return words


def choose(row: TextCampaign, *, at: datetime) -> int:
    """Put down everybody whom it reaches now; how many numbers. Call inside a transaction."""
    today = council_date(at)
    given: dict[str, Any] = {"campaign": row.pk, "owner": row.owner_id, "code": row.to_code}
    given["parts"] = length_of(
        framed(row.words, many=True)
    ).parts  # most have no more and no fewer: little is left to write down
    if row.to == TextCampaign.To.SAVED:
        saved = SAVED[row.to_code]
        people = _BILLS
        given |= {"site": settings.PUBLIC_URL, "from": today + saved.since, "until": today + saved.until}
    else:
        people = _PEOPLE.replace("{where}", _WHERE[row.to])
        given |= _place(row)
    return _run(_CHOOSE.format(people=people), given)


def _place(row: TextCampaign) -> dict[str, object]:
    if row.to == TextCampaign.To.AROUND:
        east, north, metres = (int(part) for part in row.to_code.split(","))
        return {"east": east, "north": north, "metres": metres}
    if row.to == TextCampaign.To.DRAWN:
        return {"outline": "(" + ",".join(f"({east},{north})" for east, north in row.rings) + ")"}
    return {}


def judge(row: TextCampaign, *, at: datetime, only: list[UUID] | None = None) -> int:
    """Count how long each would be, and leave out whoever may not get it. One statement. `only`: of these texts."""
    purpose = PURPOSES[row.purpose]
    fields = fields_in(row.words)
    rendered, values = "%(words)s::text", {}
    for number, name in enumerate(fields):
        what = "given.name" if name == "name" else f"coalesce(given.given ->> %(f{number})s, '')"
        rendered = f"replace({rendered}, '{{{name}}}', {what})"
        values[f"f{number}"] = name
    return _run(
        _JUDGE.replace("{rendered}", rendered),
        {
            **values,
            "campaign": row.pk,
            "words": framed(row.words, many=True),
            "consent": purpose.consent,
            "a_day": purpose.a_day,
            "today": _midnight(council_date(at)),
            "fields": fields,
            "most": purpose.parts,
            "only": only,
            "bills": row.to == TextCampaign.To.SAVED,
            "alphabet": _ALPHABET,
            "double": DOUBLE,
            "tried": at - timedelta(days=90),
        },
    )


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=LONDON)


def _run(query: str, given: Mapping[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query, given)
        return int(cursor.rowcount)


def left_out(campaign_id: UUID) -> dict[str, int]:
    """How many are left out, by why. One query."""
    rows = fetch_all(
        "SELECT because, count(*) FROM engagement_writtentext WHERE campaign_id = %s AND state = 'left_out' GROUP BY 1 ORDER BY 2 DESC, 1",
        (campaign_id,),
    )
    return dict(rows)
