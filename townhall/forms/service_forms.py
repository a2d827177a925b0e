"""The questions of a service pack, and how questions and Open311 attributes stand for each other."""

from __future__ import annotations

from typing import Any

from townhall.catalogue.pack import Attribute, Datatype, ServicePack, Value
from townhall.forms.questions import (
    Asked,
    Checkboxes,
    Choice,
    Contact,
    Date,
    Form,
    FormPage,
    LongText,
    Number,
    Place,
    Question,
    Radios,
    Select,
    Text,
    Upload,
    YesNo,
)

RADIOS_UP_TO = 12  # more than this is a list to choose from
DESCRIPTION = "description"
_YES_NO = {"yes", "no"}


def form_code(pack: ServicePack) -> str:
    return f"service/{pack.code}"


def service_questions(pack: ServicePack) -> tuple[Question, ...]:
    """The pack's own questions, in order."""
    return tuple(question_of(attribute) for attribute in pack.attributes)


def service_form(pack: ServicePack) -> Form:
    """The whole report form of a service: where, what, more words, photos, who to tell."""
    place = Place(code="place", label="Where is it?", required=True, needs_address=pack.place.needs_address)
    pages = [
        FormPage(code="place", questions=(place,)),
        FormPage(code="details", title=pack.name, questions=(*service_questions(pack), description_question())),
    ]
    if pack.photos.allowed and pack.photos.maximum:
        upload = Upload(
            code="photos", label="Add photos (optional)", hint=pack.photos.hint, maximum=pack.photos.maximum
        )
        pages.append(FormPage(code="photos", questions=(upload,)))
    contact = Contact(
        code="contact", label="Who should we tell?", required=not pack.anonymous, anonymous=pack.anonymous
    )
    pages.append(FormPage(code="contact", questions=(contact,)))
    return Form(code=form_code(pack), title=pack.name, pages=tuple(pages))


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


def attribute_of(question: Asked) -> Attribute | None:
    """The Open311 attribute of a question; None for photos, contact and place, which Open311 has fields of its own for."""
    datatype = _datatype(question)
    if datatype is None:
        return None
    choices = question.choices if isinstance(question, YesNo | Radios | Select | Checkboxes) else ()
    default = {Text: 200, LongText: 4000}.get(type(question))
    length = question.max_length if isinstance(question, Text | LongText) else None
    return Attribute(
        code=question.code,
        label=question.label,
        datatype=datatype,
        hint=question.hint,
        why=question.why,
        required=question.required,
        values=tuple(Value(key=choice.key, name=choice.name, hint=choice.hint) for choice in choices),
        shown_when=question.shown_when,
        max_length=None if length == default else length,
        minimum=question.minimum if isinstance(question, Number) else None,
        maximum=question.maximum if isinstance(question, Number) else None,
        error=question.error,
        public=question.public,
    )


def _datatype(question: Asked) -> Datatype | None:
    match question:
        case Text():
            return "string"
        case LongText():
            return "text"
        case Number():
            return "number"
        case Date():
            return "datetime"
        case YesNo() | Radios() | Select():
            return "singlevaluelist"
        case Checkboxes():
            return "multivaluelist"
    return None


def answer_words(question: Question, answer: Any) -> str:
    """An answer as read aloud: the names of choices rather than their keys. For check-answers pages and case pages."""
    if isinstance(question, YesNo | Radios | Select | Checkboxes):
        names = {choice.key: choice.name for choice in question.choices}
        given = answer if isinstance(answer, list) else [answer]
        return ", ".join(names.get(one, str(one)) for one in given)
    return "" if answer is None else str(answer)
