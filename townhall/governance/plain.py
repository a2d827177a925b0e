"""What is held, as it is written in a letter: no internal keys, names of columns and values in words, dates as they are read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.db.models import Field
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from townhall.ui.words import long_date, moment

# Only how Townhall works: a letter does not say it.
_INTERNAL: Final = re.compile(
    r"(^|_)(id|ids|key|keys|uuid|uprn|usrn|hash|search_text|actor_kind|subject_kind|by_kind)$"
)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d\S*")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_TAG = re.compile(r"<[^>]*>")
NAMES: Final[Mapping[str, StrOrPromise]] = {
    "at": gettext_lazy("When"),
    "verb": gettext_lazy("What was done"),
    "page": gettext_lazy("What was looked at"),
    "service_code": gettext_lazy("Service"),
    "state": gettext_lazy("How it stands"),
    "value": gettext_lazy("Number or address"),
    "kind": gettext_lazy("Kind"),
    "line": gettext_lazy("Address"),
    "uploaded_by_kind": gettext_lazy("Given by"),
    "ward_code": gettext_lazy("Ward"),
    "body_text": gettext_lazy("Words"),
    "html": gettext_lazy("Words"),
    "since": gettext_lazy("Since"),
    "pence": gettext_lazy("Amount in pence"),
}
_verb_words: list[Callable[[str], str]] = []


def use_verbs(words: Callable[[str], str]) -> None:
    """How what happened is called, by the code of the ledger."""
    _verb_words[:] = [words]


def told(table: str, values: Mapping[str, Any]) -> dict[str, str]:
    """An entry by the words for its columns, in the order of the record."""
    found: dict[str, str] = {}
    for name, value in values.items():
        words = "" if _INTERNAL.search(name) else _value(table, name, value)
        if words:
            title = _name(name)
            found[title] = f"{found[title]}; {words}" if title in found else words
    return found


def _name(name: str) -> str:
    if name in NAMES:
        return str(NAMES[name])
    plain = re.sub(r"_(at|on|code|json)$", "", re.sub(r"^(is|has)_", "", name)).replace("_", " ")
    return plain[:1].upper() + plain[1:]


def _value(table: str, name: str, value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Mapping):
        inner = told("", value)
        return "; ".join(f"{title}: {words}" for title, words in inner.items())
    if isinstance(value, list):
        return ", ".join(words for one in value if (words := _value(table, name, one)))
    if not isinstance(value, str):
        return str(value)
    return _text(table, name, value)


def _text(table: str, name: str, text: str) -> str:
    if _UUID.fullmatch(text):
        return ""
    if name == "verb" and _verb_words:
        return _verb_words[0](text)
    if name == "language":
        return next((str(words) for code, words in settings.LANGUAGES if code.startswith(text[:2])), text)
    if label := _labels(table).get(name, {}).get(text):
        return str(label)
    if name == "html":
        return " ".join(_TAG.sub(" ", text).split())
    try:
        if _MOMENT.fullmatch(text):
            return moment(datetime.fromisoformat(text))
        if _DAY.fullmatch(text):
            return long_date(date.fromisoformat(text))
    except ValueError:
        return text
    return text.replace(".", ": ").replace("_", " ").capitalize() if name in ("page", "reason") else text


@cache
def _labels(table: str) -> Mapping[str, Mapping[str, StrOrPromise]]:
    """By column: the words of its codes."""
    model = next((one for one in apps.get_models() if one._meta.db_table == table), None)
    fields: list[Field[Any, Any]] = list(model._meta.concrete_fields) if model else []
    return {str(one.column): {str(code): label for code, label in one.flatchoices} for one in fields if one.flatchoices}
