"""What reading a form of the XGov and DEFRA builders keeps in mind: words, sections, lists and conditions by their foreign names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from townhall.forms.definition import (
    RESERVED,
    ChoiceList,
    Condition,
    FormPage,
    Repeat,
    Section,
)
from townhall.forms.importing import html
from townhall.forms.importing.expressions import NotUnderstood
from townhall.forms.importing.made import Codes, Kept, Source
from townhall.forms.importing.xgov_conditions import Conditions
from townhall.forms.questions import Choice, LogicRule, Question
from townhall.forms.typed import clean_line, clean_text

Extras = list[tuple[str, list[dict[str, Any]]]]  # (key of a choice, components that are asked with it)


class Base:
    def __init__(self, value: dict[str, Any], code: str, title: str) -> None:
        self.source = Source(value)
        self.code, self.title = code, title
        self.kept: list[Kept] = []
        self.notes: list[str] = []
        self.texts: dict[str, dict[str, str]] = {}
        self.page_codes, self.question_codes = Codes(used=set(RESERVED)), Codes()
        self.pages_by_path: dict[str, str] = {}
        self.questions: dict[str, Question] = {}  # by our code
        self.named: dict[tuple[str, str], str] = {}  # (section, foreign name) → our code
        self.lists: dict[str, ChoiceList] = {}  # by foreign name and id
        self.extras: dict[str, Extras] = {}  # by our code of the list
        self.items: dict[str, str] = {}  # id of a list's item → key
        self.condition_codes: dict[str, str] = {}
        self.extra_conditions: list[Condition] = []
        self.repeats: list[Repeat] = []
        self.stops: list[FormPage] = []
        self.check: FormPage | None = None
        self.pending: list[tuple[str, str]] = []  # conditions that are used and not there: our code, their words
        self.done: list[str] = []  # codes of the pages read so far
        self.section_of_repeat: dict[str, str] = {}
        self.last_repeat = ""
        self.sections: dict[str, str] = {}  # by foreign name and id
        self.codes_of_conditions = Codes()
        self.own_codes: list[str] = []  # of the conditions, in their order
        self.is_check: list[bool] = []  # of the pages, in their order
        self.own_pages: list[str] = []

    # Words

    def _said(self, value: Any, path: str) -> str:
        """One line in English; in other languages it goes into the form's texts."""
        if isinstance(value, Mapping):
            for language, words in value.items():
                if (
                    language != "en"
                    and isinstance(words, str)
                    and re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", str(language))
                ):
                    self.texts.setdefault(str(language), {})[path] = html.to_line(words)
            value = value.get("en") or next((words for words in value.values() if isinstance(words, str)), "")
        return clean_line(html.to_line(str(value))) if isinstance(value, str | int | float) else ""

    @staticmethod
    def _taken(source: Source, key: str) -> Any:
        """Words that may be in several languages: an object with more than one text is kept as it was, too."""
        value = source.take(key)
        if isinstance(value, Mapping) and len(value) > 1:
            source.left[key] = value
        return value

    @staticmethod
    def _plain(value: Any) -> str:
        if isinstance(value, Mapping):
            value = value.get("en") or next((words for words in value.values() if isinstance(words, str)), "")
        return clean_text(str(value)) if isinstance(value, str | int | float) else ""

    def _keep(self, where: str, rest: dict[str, Any]) -> None:
        if rest:
            self.kept.append(Kept(where=where, what=rest))

    # Sections and lists

    def _sections(self) -> tuple[Section, ...]:
        codes, found = Codes(), []
        for foreign in self.source.dicts("sections"):
            source = Source(foreign)
            name = source.text("name") or source.text("id")
            code = codes.code(name, instead="section")
            self.sections.setdefault(name, code)
            if isinstance(foreign.get("id"), str):
                self.sections.setdefault(foreign["id"], code)
            title = self._said(source.take("title"), f"sections.{code}")
            found.append(Section(code=code, title=title or name or code, was=name))
            self._keep(f"section {name}", source.rest())
        for page in self.source.left.get("pages") or []:
            used = page.get("section") if isinstance(page, dict) else None
            if isinstance(used, str) and used and used not in self.sections:
                self.sections[used] = codes.code(used, instead="section")
                found.append(Section(code=self.sections[used], title=used, was=used))
        return tuple(found)

    def _read_lists(self) -> None:
        codes = Codes()
        for foreign in self.source.dicts("lists"):
            source = Source(foreign)
            name = source.text("name")
            code = codes.code(name or str(foreign.get("id") or ""), instead="list")
            title = self._said(source.take("title"), f"lists.{code}")
            source.take("type")
            choices, extras = self._choices(source.dicts("items"), f"lists.{code}", where=f"list {name}")
            made = ChoiceList(code=code, title=title, choices=choices, was=name)
            for key in (name, str(foreign.get("id") or "")):
                if key and key not in self.lists:
                    self.lists[key] = made
            self.lists.setdefault(f"\0{code}", made)  # one without a name, or with a name given twice, is kept too
            if extras:
                self.extras[code] = extras
            self._keep(f"list {name or code}", source.rest())

    def _choices(self, items: list[dict[str, Any]], path: str, *, where: str) -> tuple[tuple[Choice, ...], Extras]:
        """The choices, and the components that are asked with one of them."""
        choices: list[Choice] = []
        used: set[str] = set()
        extras: Extras = []
        for number_, foreign in enumerate(items):
            source = Source(foreign)
            value = source.take("value")
            words = source.take("text") or source.take("label") or source.take("title") or source.take("display")
            key = (
                clean_line(str(value).lower() if isinstance(value, bool) else str(value))
                if value not in (None, "")
                else ""
            )
            key = key or clean_line(self._plain(words)) or f"choice_{number_ + 1}"
            first, count = key, 2
            while key in used:
                key, count = f"{first} ({count})", count + 1
            if key != first:
                self.notes.append(f"{where}: the value {first!r} was there twice and is {key!r} the second time.")
            used.add(key)
            if isinstance(foreign.get("id"), str):
                self.items[foreign["id"]] = key
            hint = source.take("description") or source.take("hint")
            hint = hint.get("text") if isinstance(hint, dict) else hint
            inner = source.inner("conditional")
            components = [*inner.dicts("components"), *source.dicts("children")]
            if components:
                extras.append((key, components))
            choices.append(
                Choice(
                    key=key,
                    name=self._said(words, f"{path}.{key}") or key,
                    hint=self._said(hint, f"{path}.{key}.hint"),
                    shown_when=self._used_condition(source.take("condition")),
                )
            )
            self._keep(f"{where}, choice {key}", source.rest(conditional=inner))
        return tuple(choices), extras

    # Conditions

    def _name_conditions(self, foreign: list[dict[str, Any]]) -> None:
        codes = self.codes_of_conditions
        for one in foreign:
            name = str(one.get("name") or one.get("id") or one.get("displayName") or "")
            code = codes.code(name, instead="condition")
            self.own_codes.append(code)
            for key in (name, str(one.get("id") or "")):
                if key:
                    self.condition_codes.setdefault(key, code)

    def _conditions(self, foreign: list[dict[str, Any]]) -> Iterator[Condition]:
        reader = self._rules()
        for one, code in zip(foreign, self.own_codes, strict=True):
            source = Source(one)
            name = source.text("name") or source.text("id")
            source.take("id")
            words = self._said(source.take("displayName"), f"conditions.{code}") or name or code
            value = one.get(
                "value", {key: one[key] for key in ("conditions", "items", "coordinator") if key in one} or None
            )
            rule: LogicRule | None = None
            try:
                rule = reader.rule(value)
                for key in ("value", "conditions", "items", "coordinator"):
                    source.take(key)
            except NotUnderstood as error:
                self.notes.append(f"condition {words}: {error} It never holds, and is kept as it was.")
            self.notes += [
                f"condition {words}: it asks for {name!r}, which no question answers." for name in reader.unknown
            ]
            reader.unknown.clear()
            self._keep(f"condition {name or code}", source.rest())
            yield Condition(code=code, words=words, rule=rule, was=name)

    def _rules(self) -> Conditions:
        return Conditions(
            find=self._question_named, named=self.condition_codes.get, by_code=self.questions, items=self.items
        )

    def _question_named(self, name: str) -> Question | None:
        """By "section.name", by name in any section, or by the component's id."""
        section, _dot, last = name.rpartition(".")
        code = self.named.get((section, last)) or self.named.get(("", name))
        if code is None:
            code = next((own for (_section, foreign), own in self.named.items() if foreign in (last, name)), None)
        return self.questions.get(code) if code else None

    def _used_condition(self, name: Any) -> LogicRule | None:
        """A rule that uses a condition by name. A text that is no name is read as a condition itself, once all questions are known."""
        if isinstance(name, Mapping):
            name = name.get("name") or name.get("conditionName")
        if not isinstance(name, str) or not name.strip():
            return None
        code = self.condition_codes.get(name)
        if code is None:
            code = self.codes_of_conditions.code(name, instead="condition")
            self.condition_codes[name] = code
            self.pending.append((code, name))
        return {"condition": code}

    def _settle_pending(self) -> None:
        reader = self._rules()
        for code, text in self.pending:
            rule: LogicRule | None = None
            try:
                rule = reader.rule(text) if re.search(r"[=<>]| in ", text) else None
            except NotUnderstood:
                rule = None
            if reader.unknown or rule is None:
                rule = None
                self.notes.append(f"condition {text}: it is used and not there, so it never holds.")
                reader.unknown.clear()
            self.extra_conditions.append(Condition(code=code, words=text, rule=rule, was=text))
