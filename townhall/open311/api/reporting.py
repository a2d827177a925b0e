"""A request from another system, read from its form fields and made a report.

A hot path: with degrees, one indexed query finds the address they are near, and nothing else is read before the report is made.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from msgspec.structs import replace

from townhall.catalogue.pack import ServicePack
from townhall.core.actors import Actor
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.core.time import council_date
from townhall.files import operations as files
from townhall.files.models import Purpose
from townhall.forms import checking
from townhall.forms.readers import is_email, is_phone
from townhall.forms.typed import clean_line, clean_text
from townhall.notifications.recipients import Recipient
from townhall.open311.api.refusing import Refused
from townhall.open311.services import EXTERNAL_ID, offered, questions_of
from townhall.open311.whereabouts import place_of
from townhall.street.once import external_key, report_once
from townhall.street.reporting import NewReport, Reported, report

LONGEST_DESCRIPTION = 4_000
LONGEST_KEY = 200
LONGEST_URL = 2_000
MOST_MEDIA = 20
MEDIA = "media_url"  # links to the sender's photos, kept among the answers; nothing is fetched from them


def receive(request: HttpRequest, *, by: Actor, at: datetime) -> tuple[ServicePack, Reported]:
    """Make the report, or find the one that the same key or the same sender's number made before.

    Raises Refused (what is missing or wrong), BadInput (a file, or a place off the map), KeyReused.
    """
    given = request.POST
    code = clean_line(given.get("service_code", ""))
    if not code:
        raise Refused(400, _("service_code is missing."))
    pack = offered(code)
    key, external_id = idempotency_key(request), _external_id(given)
    new = _new_report(pack, given, key=external_key(external_id) if external_id else key or str(uuid4()), at=at)
    if request.FILES:
        new = _with_files(new, request.FILES, pack, by=by, at=at)
    if not external_id:
        return pack, report(new, by=by, at=at)
    return pack, report_once(new, key=key, by=by, at=at)


def idempotency_key(request: HttpRequest) -> str:
    """The header, or "". Raises Refused when it cannot be kept."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > LONGEST_KEY or not key.isprintable():
        raise Refused(400, _("Idempotency-Key must be %(most)d characters or fewer.") % {"most": LONGEST_KEY})
    return key


def _external_id(given: QueryDict) -> str:
    found = clean_line(given.get(f"attribute[{EXTERNAL_ID}]", ""))
    if len(found) > LONGEST_KEY:
        raise Refused(400, _("attribute[%(code)s] is too long.") % {"code": EXTERNAL_ID})
    return found


def _new_report(pack: ServicePack, given: QueryDict, *, key: str, at: datetime) -> NewReport:
    """Everything that was sent, checked. Raises Refused with every problem at once."""
    problems: list[str] = []
    description = clean_text(given.get("description", ""))
    if len(description) > LONGEST_DESCRIPTION:
        problems.append(_("description must be 4,000 characters or fewer."))
    reporter = _reporter(given, problems)
    if not pack.anonymous and not (reporter.email or reporter.phone):
        problems.append(_("This service needs an email address or a phone number."))
    place = place_of(pack, given, problems)
    checked = checking.read(questions_of(pack), attributes_in(given), today=council_date(at))
    problems += [f"attribute[{name}]: {problem}" for name, problem in checked.problems.items()]
    answers: dict[str, Any] = checked.answers
    if media := _media(given, problems):
        answers[MEDIA] = media
    if problems or place is None:
        raise Refused(400, *problems)
    return NewReport(
        service_code=pack.code,
        place=place,
        reporter=reporter,
        channel="api",
        key=key,
        description=description,
        answers=answers,
        external_ref=_external_id(given),
    )


def attributes_in(given: QueryDict) -> dict[str, Any]:
    """Answers by code: `attribute[code]` is one value, `attribute[code][]`, or the same name again, a list."""
    found: dict[str, Any] = {}
    for name in given:
        if not (name.startswith("attribute[") and name.endswith("]")):
            continue
        code, many = (name[10:-3], True) if name.endswith("][]") else (name[10:-1], False)
        values = given.getlist(name)
        found[code] = values if many or len(values) > 1 else values[0]
    return found


def _reporter(given: Mapping[str, str], problems: list[str]) -> Recipient:
    name = clean_line(f"{given.get('first_name', '')} {given.get('last_name', '')}")[:200]
    email, phone = clean_line(given.get("email", "")), clean_line(given.get("phone", ""))
    if email and not is_email(email):
        problems.append(_("email must be an address like name@example.com."))
    if phone and not is_phone(phone):
        problems.append(_("phone must be a phone number like 01632 960001."))
    return Recipient(name=name, email=email, phone=phone)


def _media(given: QueryDict, problems: list[str]) -> list[str]:
    found = [url for one in given.getlist(MEDIA) if (url := clean_line(one))]
    if len(found) > MOST_MEDIA:
        problems.append(_("media_url may be given up to %(most)d times.") % {"most": MOST_MEDIA})
    if any(not is_web_address(url) for url in found):
        problems.append(_("media_url must be a web address that starts with http:// or https://."))
    return found


def is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and len(url) <= LONGEST_URL
    except ValueError:
        return False


def _with_files(
    new: NewReport, uploads: MultiValueDict[str, UploadedFile[Any]], pack: ServicePack, *, by: Actor, at: datetime
) -> NewReport:
    """The report with the photos sent in the same request, kept as a draft's until the report is there."""
    sent = [upload for name in uploads for upload in uploads.getlist(name)]
    most = pack.photos.maximum if pack.photos.allowed else 0
    if len(sent) > most:
        words = ngettext("This service takes up to %(most)d photo.", "This service takes up to %(most)d photos.", most)
        raise Refused(400, words % {"most": most})
    draft = Subject(kind="draft", id=uuid7())
    kept = [files.store(upload, about=draft, purpose=Purpose.BEFORE, by=by, at=at, field=MEDIA) for upload in sent]
    return replace(new, file_ids=[file.pk for file in kept])
