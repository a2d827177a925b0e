"""Components of the XGov and DEFRA form builders, as questions and words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from townhall.core.reckoning import number
from townhall.forms import patterns
from townhall.forms.importing.made import Source
from townhall.forms.questions import (
    Address,
    ApproximateDate,
    Checkboxes,
    Choice,
    Date,
    DateTime,
    Declaration,
    Email,
    LongText,
    Money,
    Number,
    Payment,
    Phone,
    Place,
    Question,
    Radios,
    Select,
    Text,
    Time,
    Upload,
    Website,
    YesNo,
)

CONTENT = frozenset(
    {
        "para", "html", "markdown", "details", "insettext", "inset", "flashcard", "list", "orderedlist", "warningtext", "warning",
        "notificationbanner", "heading", "subheading", "image", "contextcomponent", "hiddenfield",
    }
)  # fmt: skip
GROUP = "multiinputfield"
LONGEST = 4000  # characters of a text without a limit of its own


def kind_of(component: dict[str, Any]) -> str:
    return str(component.get("type") or "").lower()


def is_content(component: dict[str, Any]) -> bool:
    """Whether it asks nothing. A type that is not known is content when it has words and neither a name to answer under nor a title."""
    kind = kind_of(component)
    if kind in CONTENT:
        return True
    return not kind.endswith("field") and not component.get("title") and bool(component.get("content"))


def _whole(value: Any) -> int | None:
    found = number(value)
    return None if found is None else int(found)


def _text(shared: dict[str, Any], options: Source, schema: Source) -> Question:
    given: dict[str, Any] = {}
    if (most := _whole(schema.left.get("max") or schema.left.get("length"))) and most > 0:
        given["max_length"] = most
        schema.take("max")
    if (least := _whole(schema.left.get("min") or schema.left.get("length"))) and least > 0:
        given["min_length"] = least
        schema.take("min")
    schema.take("length")
    pattern = schema.left.get("regex")
    if isinstance(pattern, str) and pattern and patterns.problem_in(pattern) is None:
        given["pattern"] = schema.take("regex")
    if isinstance(options.left.get("autocomplete"), str):
        given["autocomplete"] = options.take("autocomplete")
    given.setdefault("max_length", max(200, given.get("min_length", 0)))
    return Text(**shared, **given)


def _long_text(shared: dict[str, Any], options: Source, schema: Source) -> Question:
    given: dict[str, Any] = {}
    words = _whole(options.left.get("maxWords"))
    if words and words > 0:
        given["max_words"] = words
        options.take("maxWords")
    most = _whole(schema.left.get("max"))
    given["max_length"] = most if most and most > 0 else max(LONGEST, (words or 0) * 12)
    schema.take("max")
    if (least := _whole(schema.left.get("min"))) and least > 0:
        given["min_length"] = min(least, given["max_length"])
        schema.take("min")
    if rows := _whole(options.left.get("rows")):
        given["rows"] = max(2, min(rows, 40))
        options.take("rows")
    return LongText(**shared, **given)


def _number(shared: dict[str, Any], options: Source, schema: Source) -> Question:
    least, most = (number(schema.left.get(key)) for key in ("min", "max"))
    if str(options.left.get("prefix") or "").strip() == "£":
        return Money(
            **shared,
            minimum_pence=None if least is None else round(least * 100),
            maximum_pence=None if most is None else round(most * 100),
        )
    schema.take("min")
    schema.take("max")
    whole = bool(schema.take("integer")) or str(schema.left.get("precision", "")) == "0"
    return Number(
        **shared, minimum=least, maximum=most, whole=whole, prefix=options.text("prefix"), suffix=options.text("suffix")
    )


def _date(shared: dict[str, Any], options: Source, schema: Source) -> Question:
    past, ahead = (_whole(options.take(key)) for key in ("maxDaysInPast", "maxDaysInFuture"))
    return Date(**shared, days_past=past, days_ahead=ahead)


def _upload(shared: dict[str, Any], options: Source, schema: Source) -> Question:
    zone = options.left.get("dropzoneConfig")
    most = _whole(zone.get("maxFiles")) if isinstance(zone, dict) else _whole(schema.take("max"))
    if "minimumRequiredFiles" in options.left:
        shared = {**shared, "required": bool(_whole(options.take("minimumRequiredFiles")))}
    return Upload(**shared, maximum=max(1, min(most or 5, 50)), kinds=("photo", "document"))


def _plain(kind: type[Any], **given: Any) -> Callable[[dict[str, Any], Source, Source], Question]:
    def make(shared: dict[str, Any], options: Source, schema: Source) -> Question:
        question: Question = kind(**shared, **given)
        return question

    return make


_Maker = Callable[[dict[str, Any], Source, Source], Question]
_MAKERS: dict[str, tuple[type[Any], _Maker]] = {
    "textfield": (Text, _text),
    "multilinetextfield": (LongText, _long_text),
    "freetextfield": (LongText, _long_text),
    "numberfield": (Number, _number),
    "datefield": (Date, _date),
    "datepartsfield": (Date, _date),
    "datepartfield": (Date, _date),
    "monthyearfield": (ApproximateDate, _plain(ApproximateDate)),
    "timefield": (Time, _plain(Time)),
    "datetimefield": (DateTime, _plain(DateTime)),
    "datetimepartsfield": (DateTime, _plain(DateTime)),
    "yesnofield": (YesNo, _plain(YesNo)),
    "emailaddressfield": (Email, _plain(Email)),
    "telephonenumberfield": (Phone, _plain(Phone)),
    "websitefield": (Website, _plain(Website)),
    "ukaddressfield": (Address, _plain(Address)),
    "internationaladdressfield": (Address, _plain(Address, abroad=True)),
    "fileuploadfield": (Upload, _upload),
    "clientsidefileuploadfield": (Upload, _upload),
    "s3fileuploadfield": (Upload, _upload),
    "declarationfield": (Declaration, _plain(Declaration)),
    "paymentfield": (Payment, _plain(Payment)),
    "geospatialfield": (Place, _plain(Place)),
}
_CHOOSING: dict[str, type[Radios] | type[Select] | type[Checkboxes]] = {
    "radiosfield": Radios,
    "selectfield": Select,
    "autocompletefield": Select,
    "selectionfield": Select,
    "checkboxesfield": Checkboxes,
}


def question_type(kind: str) -> type[Any] | None:
    """The type that a component becomes; None for one that is not known, which is asked as text."""
    if kind in _CHOOSING:
        return _CHOOSING[kind]
    return _MAKERS[kind][0] if kind in _MAKERS else None


def make_question(
    kind: str,
    shared: dict[str, Any],
    options: Source,
    schema: Source,
    *,
    list_code: str = "",
    choices: tuple[Choice, ...] = (),
) -> Question:
    """The question that a component becomes. A choice without anything to choose from asks for text, and so does a type
    that is not known, unless it has a list."""
    chooser = _CHOOSING.get(kind, None if kind in _MAKERS else Select)
    if chooser is not None and (list_code or choices):
        given: dict[str, Any] = {"choices": choices, "list": "" if choices else list_code}
        if chooser is Select:
            given["search"] = kind == "autocompletefield"
        if chooser is Checkboxes:
            given["minimum"], given["maximum"] = (max(_whole(schema.take(key)) or 0, 0) for key in ("min", "max"))
        question: Question = chooser(**shared, **given)
        return question
    make: _Maker = _MAKERS.get(kind, (Text, _text))[1]
    return make(shared, options, schema)
