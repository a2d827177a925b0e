"""The services that other systems may report to us, and what each of them asks."""

from __future__ import annotations

from django.utils.translation import gettext as _

from townhall.catalogue import queries as catalogue
from townhall.catalogue.pack import Attribute, ServicePack
from townhall.core.errors import NotFound
from townhall.forms.questions import Question
from townhall.forms.service_forms import service_questions
from townhall.open311.formats import Many

EXTERNAL_ID = "fixmystreet_id"
# Set by the sender's software, never asked of a person (an addition of FixMyStreet's): code, datatype, what it is.
SET_BY_SENDER = (
    ("easting", "number", _("Easting")),
    ("northing", "number", _("Northing")),
    (EXTERNAL_ID, "string", _("The sender's own reference")),
)

_questions: dict[str, tuple[ServicePack, tuple[Question, ...]]] = {}


def offered(code: str) -> ServicePack:
    """A live service that takes reports from other systems. Raises NotFound."""
    try:
        entry = catalogue.entry(code)
    except NotFound:
        entry = None
    if entry is None or not entry.is_live or "api" not in entry.pack.channels:
        raise NotFound(_("service_code was not found."))
    return entry.pack


def questions_of(pack: ServicePack) -> tuple[Question, ...]:
    """The service's questions, made once for each version of it."""
    held = _questions.get(pack.code)
    if held is None or held[0] is not pack:
        held = _questions[pack.code] = (pack, service_questions(pack))
    return held[1]


def service_list() -> Many:
    return Many("service", [_service(pack) for pack in catalogue.services() if "api" in pack.channels])


def _service(pack: ServicePack) -> dict[str, object]:
    return {
        "service_code": pack.code,
        "service_name": pack.name,
        "description": pack.summary.strip(),
        "metadata": True,
        "type": "realtime",
        "keywords": ", ".join(pack.keywords),
        "group": pack.group,
    }


def definition(pack: ServicePack) -> dict[str, object]:
    own = [_attribute(one, order) for order, one in enumerate(pack.attributes, start=1)]
    codes = {one.code for one in pack.attributes}
    extra = [one for one in SET_BY_SENDER if one[0] not in codes]
    automated = [_set_by_sender(*one, order) for order, one in enumerate(extra, start=len(own) + 1)]
    return {"service_code": pack.code, "attributes": Many("attribute", own + automated)}


def _attribute(attribute: Attribute, order: int) -> dict[str, object]:
    found: dict[str, object] = {
        "variable": True,
        "code": attribute.code,
        "datatype": attribute.datatype,
        # Where an answer hangs on an earlier one, only the whole form can say that it is missing.
        "required": attribute.required and attribute.shown_when is None,
        "datatype_description": attribute.hint,
        "order": order,
        "description": attribute.label,
    }
    if attribute.values:
        found["values"] = Many("value", [{"key": one.key, "name": one.name} for one in attribute.values])
    return found


def _set_by_sender(code: str, datatype: str, description: str, order: int) -> dict[str, object]:
    return {
        "variable": True,
        "code": code,
        "datatype": datatype,
        "required": False,
        "datatype_description": "",
        "order": order,
        "description": str(description),
        "automated": "server_set",
    }
