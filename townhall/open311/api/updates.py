"""servicerequestupdates: FixMyStreet's extension, both ways."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from townhall.contacts.operations import Given
from townhall.core.access import public
from townhall.core.references import parse_reference
from townhall.core.subjects import Subject
from townhall.core.time import now
from townhall.files import operations as files
from townhall.files.models import Purpose
from townhall.forms.typed import clean_line, clean_text
from townhall.open311 import receiving
from townhall.open311.api import asking
from townhall.open311.api.answering import answer
from townhall.open311.api.refusing import Refused, open311
from townhall.open311.api.reporting import LONGEST_DESCRIPTION, LONGEST_KEY, MEDIA, MOST_MEDIA, is_web_address
from townhall.open311.formats import Many
from townhall.open311.requests import Window
from townhall.open311.statuses import KNOWN, UNCHANGED
from townhall.open311.updates import updates

USUAL_SPAN = timedelta(days=1)  # when no dates are asked for
MOST_FILES = 5


@public
@csrf_exempt
@open311("GET", "HEAD", "POST")
def service_request_updates(request: HttpRequest, *, extension: str) -> HttpResponse:
    rows = [_receive(request)] if request.method == "POST" else _list(request)
    return answer(Many("request_update", rows), root="service_request_updates", extension=extension)


def _list(request: HttpRequest) -> list[dict[str, object]]:
    at, given = now(), request.GET
    asking.jurisdiction(given)
    by = asking.reader(request, at=at)
    skip, limit = asking.page(given)
    dated = given.get("start_date", "").strip() or given.get("end_date", "").strip()
    window = asking.window(given, at=at) if dated else Window(start=at - USUAL_SPAN, end=at)
    return updates(window, by=by, skip=skip, limit=limit)


def _receive(request: HttpRequest) -> dict[str, object]:
    at = now()
    by = asking.writer(request, at=at)
    given = request.POST
    asking.jurisdiction(given)
    new = _new_update(given)
    sent = [upload for name in request.FILES for upload in request.FILES.getlist(name)]
    if len(sent) > MOST_FILES:
        raise Refused(400, _("Up to %(most)d files may be sent with an update.") % {"most": MOST_FILES})
    case_id, update_id = receiving.receive(new, by=by, at=at)
    purpose = Purpose.AFTER if by.teams else Purpose.BEFORE
    for upload in sent:
        files.store(
            upload, about=Subject(kind="case", id=case_id), purpose=purpose, by=by, at=at, case_id=case_id, field=MEDIA
        )
    return {"update_id": update_id, "account_id": None}


def _new_update(given: QueryDict) -> receiving.NewUpdate:
    """Raises Refused with everything that is missing or wrong, or 404 for a number that cannot be one of ours."""
    update_id = clean_line(given.get("update_id", "") or given.get("update_id_ext", ""))
    status = clean_line(given.get("status", "")).lower()
    needed = {
        "service_request_id": clean_line(given.get("service_request_id", "")),
        "update_id": update_id,
        "status": status,
        "updated_datetime": given.get("updated_datetime", "").strip(),
    }
    missing = [_("%(name)s is missing.") % {"name": name} for name, value in needed.items() if not value]
    words = clean_text(given.get("description", ""))
    if len(words) > LONGEST_DESCRIPTION:
        missing.append(_("description must be 4,000 characters or fewer."))
    if len(update_id) > LONGEST_KEY:
        missing.append(_("update_id is too long."))
    media = [url for one in given.getlist(MEDIA) if (url := clean_line(one)) and is_web_address(url)][:MOST_MEDIA]
    if missing:
        raise Refused(400, *missing)
    reference = parse_reference(needed["service_request_id"])
    if reference is None:
        raise Refused(404, _("service_request_id was not found."))
    return receiving.NewUpdate(
        reference=reference,
        update_id=update_id,
        status=status if status in KNOWN else UNCHANGED,
        words="\n\n".join(part for part in (words, *media) if part),
        sent_at=asking.moment(needed["updated_datetime"], name="updated_datetime"),
        given=Given(
            name=clean_line(f"{given.get('first_name', '')} {given.get('last_name', '')}").removesuffix(" -")[:200],
            email=clean_line(given.get("email", ""))[:254],
            phone=clean_line(given.get("phone", ""))[:40],
        ),
        wants_mail=given.get("email_alerts_requested", "").strip().upper() == "TRUE",
    )
