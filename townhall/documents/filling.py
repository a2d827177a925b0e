"""Filling a layout: its fields, what it asks the writer for, and approved words.

    Dear {{ name }},

    We looked at {{ service }} at {{ place }}.

    {{ ask: What we found }}
    {{ words: late-bin }}
    {{ own words }}

Whatever stands between the braces is put in as it is: words that hold braces themselves are never read again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from townhall.documents.layout_models import LayoutVersion
from townhall.knowledge import queries as knowledge
from townhall.notifications.html import as_html

FIELDS: Final[Mapping[str, StrOrPromise]] = {
    "name": gettext_lazy("The customer’s name"),
    "address": gettext_lazy("The customer’s address"),
    "today": gettext_lazy("The date of the letter"),
    "council": gettext_lazy("The council’s name"),
    "phone": gettext_lazy("The council’s phone number"),
    "website": gettext_lazy("The council’s website"),
    "reference": gettext_lazy("The case’s reference"),
    "service": gettext_lazy("The service"),
    "place": gettext_lazy("Where the case is"),
    "due date": gettext_lazy("The date that was promised"),
    "team": gettext_lazy("The team that does the work"),
    "writer": gettext_lazy("The name of who writes"),
    "post": gettext_lazy("The post of who writes"),
}
OF_CASES: Final = frozenset({"reference", "service", "place", "due date", "team"})
OWN = "own words"
_FIELD = re.compile(r"\{\{\s*(?:(ask|words)\s*:\s*)?([^{}]{1,120}?)\s*\}\}")
_TITLE = re.compile(r"(?m)^# ")


@dataclass(frozen=True, kw_only=True)
class Filled:
    """missing: what has no words yet, by the name of its field on the page; whatever is shown of it then says so in brackets."""

    heading: str
    text: str  # plain, with simple Markdown
    missing: Mapping[str, str] = field(default_factory=dict)
    replies: tuple[str, ...] = ()

    @property
    def html(self) -> str:
        """Safe, with headings from h2 on."""
        return as_html(_TITLE.sub("## ", self.text))


@dataclass
class _Filling:
    facts: Mapping[str, str]
    typed: Mapping[str, str]
    more: str
    missing: dict[str, str] = field(default_factory=dict)
    replies: list[str] = field(default_factory=list)

    def of(self, found: re.Match[str]) -> str:
        kind, name = found[1] or "", " ".join(found[2].split())
        if kind == "words":
            return self._reply(name)
        if kind == "ask":
            return self._said(ask_name(name), self.typed.get(name, ""), _("Enter: %(what)s") % {"what": name}, name)
        if name == OWN:
            return self.more.strip()
        title = str(FIELDS.get(name, name))
        return self._said(f"fact-{name}".replace(" ", "-"), self.facts.get(name, ""), _missing(name, title), title)

    def _said(self, key: str, words: str, problem: str, title: str) -> str:
        if not words.strip():
            self.missing[key] = problem
            return f"[{title}]"
        return words.strip()

    def _reply(self, code: str) -> str:
        reply = next((one for one in knowledge.replies_for() if one.code == code), None)
        if reply is None:
            self.missing[f"words-{code}"] = _("The approved words “%(code)s” are not in use any more") % {"code": code}
            return f"[{code}]"
        self.replies.append(f"{reply.code} v{reply.version}")
        return reply.text.strip()


def _missing(name: str, title: str) -> str:
    if name in OF_CASES:
        return _("%(what)s is not known: write from the case’s page") % {"what": title}
    return _("%(what)s is not on the record") % {"what": title}


def ask_name(name: str) -> str:
    """The name of the field on the page."""
    return "ask-" + re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def fill(version: LayoutVersion, *, facts: Mapping[str, str], typed: Mapping[str, str], more: str = "") -> Filled:
    """The words of a letter or email: body, signature, line about other formats."""
    filling = _Filling(facts=facts, typed=typed, more=more)
    heading = " ".join(_FIELD.sub(filling.of, version.heading).split())
    parts = (_FIELD.sub(filling.of, part).strip() for part in (version.body, version.signature, version.accessibility))
    text = re.sub(r"\n{3,}", "\n\n", "\n\n".join(part for part in parts if part))
    return Filled(heading=heading, text=text, missing=filling.missing, replies=tuple(filling.replies))


def asked_in(version: LayoutVersion) -> list[str]:
    """What the writer is asked for, in order."""
    every = f"{version.heading}\n{version.body}\n{version.signature}\n{version.accessibility}"
    return list(dict.fromkeys(" ".join(found[2].split()) for found in _FIELD.finditer(every) if found[1] == "ask"))


def takes_own_words(version: LayoutVersion) -> bool:
    return any(not found[1] and found[2].strip() == OWN for found in _FIELD.finditer(version.body))


def faults_in(text: str) -> str:
    """Why a layout with these words cannot be used; "" for none."""
    replies = {one.code for one in knowledge.replies_for()}
    for found in _FIELD.finditer(text):
        kind, name = found[1] or "", " ".join(found[2].split())
        if kind == "words" and name not in replies:
            return _("There is no approved reply “%(name)s”") % {"name": name}
        if not kind and name != OWN and name not in FIELDS:
            return _("There is no field “%(name)s”") % {"name": name}
    left = _FIELD.sub("", text)
    return _("There are braces that belong to no field") if "{{" in left or "}}" in left else ""
