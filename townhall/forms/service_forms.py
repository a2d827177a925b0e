"""The questions of a service pack, whose attributes are described as Open311 does."""

from __future__ import annotations

from typing import Any

from townhall.catalogue.pack import Attribute, ServicePack
from townhall.forms.questions import (
    Checkboxes,
    Choice,
    Date,
    LongText,
    Number,
    Question,
    Radios,
    Select,
    Text,
    YesNo,
)

RADIOS_UP_TO = 12  # more than this is a list to choose from
DESCRIPTION = "description"
_YES_NO = {"yes", "no"}


def service_questions(pack: ServicePack) -> tuple[Question, ...]:
    """The pack's own questions, in order."""
    return tuple(question_of(attribute) for attribute in pack.attributes)


def description_question() -> LongText:
    return LongText(
        code=DESCRIPTION,
        label="Is there anything else we should know? (optional)",
        hint="Do not include names or phone numbers",
        max_length=4000,
    )


def question_of(attribute: Attribute) -> Question:
    """The question that a pack's attribute asks."""
    shared: dict[str, Any] = {
        "code": attribute.code,
        "label": attribute.label,
        "hint": attribute.hint,
        "why": attribute.why,
        "required": attribute.required,
        "shown_when": attribute.shown_when,
        "error": attribute.error,
        "public": attribute.public,
    }
    length: dict[str, Any] = {"max_length": attribute.max_length} if attribute.max_length else {}
    match attribute.datatype:
        case "string":
            return Text(**shared, **length)
        case "text":
            return LongText(**shared, **length)
        case "number":
            return Number(**shared, minimum=attribute.minimum, maximum=attribute.maximum)
        case "datetime":
            return Date(**shared)
    choices = tuple(Choice(key=value.key, name=value.name, hint=value.hint) for value in attribute.values)
    if attribute.datatype == "multivaluelist":
        return Checkboxes(**shared, choices=choices)
    if {choice.key for choice in choices} == _YES_NO and all(not choice.hint for choice in choices):
        return YesNo(**shared)
    return Radios(**shared, choices=choices) if len(choices) <= RADIOS_UP_TO else Select(**shared, choices=choices)
