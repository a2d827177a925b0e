"""What is known already is filled in: from the account, from the session, and from earlier answers of the same form (FORM-03)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from townhall.forms.definition import Form
from townhall.forms.questions import Address, Contact, Person, Place, Question

# Where an answer may come from, and the shape that whoever fills it in gives. Besides these, "answers.CODE" is an earlier answer.
SOURCES: Mapping[str, str] = {
    "customer.name": "text, or a dict of title, first, middle and last",
    "customer.email": "text",
    "customer.phone": "text",
    "customer.address": "a dict of uprn and line, or line1, line2, town, postcode",
    "customer.contact": "a dict of name, email, phone",
    "customer.born_on": "ISO date",
    "customer.council_tax_reference": "text",
    "customer.rent_reference": "text",
    "customer.language": "text",
    "session.address": "a dict of uprn and line",
    "session.postcode": "text",
    "session.place": "a dict as a place question answers",
}


def prefilled(form: Form, known: Mapping[str, Any], answers: Mapping[str, Any]) -> dict[str, Any]:
    """Raw answers for the questions that have none yet and whose source is known: to put into the draft, where people may change them.

    known: source → value, as in SOURCES. An answer already there is never replaced, not even an empty one.
    """
    found: dict[str, Any] = {}
    for page in form.pages:
        if page.repeat:
            continue
        for question in page.questions:
            if not question.prefill or question.code in answers or question.code in found:
                continue
            value = _value(question.prefill, known, {**found, **answers})
            if value not in (None, "", [], {}):
                fitted = _fit(question, value)
                if fitted not in (None, "", {}):
                    found[question.code] = fitted
    return found


def _value(source: str, known: Mapping[str, Any], answers: Mapping[str, Any]) -> Any:
    if not source.startswith("answers."):
        return known.get(source)
    value: Any = answers
    for part in source.removeprefix("answers.").split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _fit(question: Question, value: Any) -> Any:
    """The value as this type of question takes it, or None when it cannot."""
    if isinstance(question, Person):
        return _name(question, value)
    if isinstance(question, Place) and isinstance(value, Mapping) and value.get("uprn"):
        return {"how": "address", "uprn": str(value["uprn"]), "line": str(value.get("line", ""))}
    if isinstance(question, Address | Contact | Place):
        return dict(value) if isinstance(value, Mapping) else None
    if isinstance(value, Mapping):
        words = (value.get(part) for part in ("name", "title", "first", "middle", "last", "line"))
        return " ".join(str(word) for word in words if word)
    return value


def _name(question: Person, value: Any) -> Any:
    if isinstance(value, Mapping) and (question.parts == "full") == bool(value.get("name")):
        return dict(value)
    words = (
        " ".join(str(value[part]) for part in ("first", "middle", "last") if value.get(part))
        if isinstance(value, Mapping)
        else str(value)
    )
    if question.parts == "full":
        return {"name": words} if words else None
    first, _space, last = words.partition(" ")
    return {"first": first, "last": last} if last else None


def at_start(form: Form, known: Mapping[str, Any]) -> dict[str, Any]:
    """What to begin a draft with: what is known from outside. Earlier answers are looked at when their page is opened."""
    later = {one.code for one in form.questions() if one.prefill.startswith("answers.")}
    return {code: value for code, value in prefilled(form, known, {}).items() if code not in later}
