"""Forms of the XGov and DEFRA digital form builders (JSON, versions 0 to 2)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from townhall.core.reckoning import number
from townhall.forms.definition import (
    CHECK,
    RESERVED,
    Bullets,
    ChoiceList,
    Condition,
    Content,
    Details,
    Fee,
    Form,
    FormPage,
    Inset,
    Paragraph,
    Part,
    Repeat,
    Route,
    Section,
    Stop,
)
from townhall.forms.definition import Warning as WarningText
from townhall.forms.importing import html, xgov_components
from townhall.forms.importing.expressions import NotUnderstood
from townhall.forms.importing.made import Codes, Imported, Kept, NotAForm, Source, kept_as_json
from townhall.forms.importing.xgov_conditions import Conditions
from townhall.forms.questions import Checkboxes, Choice, Group, LogicRule, Money, Question, Radios, Select, Text
from townhall.forms.typed import clean_line, clean_text

_SUMMARY = re.compile(r"summary|confirm(?!ation)|CheckAnswers|CheckYourAnswers", re.IGNORECASE)
_CHOOSERS = frozenset({"radiosfield", "selectfield", "autocompletefield", "checkboxesfield"})
_REPEATING = re.compile(r"^repeating|repeatpage", re.IGNORECASE)


def looks_like(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("pages"), list) and "steps" not in value


def read(value: Any, *, code: str, title: str = "") -> Imported:
    """The form in a builder's JSON, as parsed. Raises NotAForm."""
    if not looks_like(value):
        raise NotAForm("The file has no list of pages.")
    return _Reader(value, code, title).form()


class _Reader:
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
        self.extras: dict[
            str, list[tuple[str, list[dict[str, Any]]]]
        ] = {}  # list → (key, components asked with that choice)
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

    # The whole

    def form(self) -> Imported:
        sections = self._sections()
        foreign = self.source.dicts("conditions")
        self._name_conditions(foreign)
        self._read_lists()
        pages = [(Source(page), page) for page in self.source.dicts("pages")]
        self._name_pages(pages)
        made = [self._page(source, page) for source, page in pages]
        self._route(made, pages)
        conditions = [*self._conditions(foreign), *self.extra_conditions]
        ordered = self._ordered([page for page in made if page is not None])
        form = Form(
            code=self.code,
            title=self._said(self.source.take("name"), "title") or self.title or self.code,
            pages=(*ordered, *self.stops),
            check=self.check,
            start=self._start(ordered),
            sections=sections,
            conditions=tuple(conditions),
            lists=tuple({one.code: one for one in self.lists.values()}.values()),
            repeats=tuple(self.repeats),
            fees=self._fees(),
            declaration=html.to_markdown(self._plain(self.source.take("declaration"))),
            after=self._after(),
            texts=self.texts,
        )
        rest = self.source.rest()
        if rest:
            self.kept.append(Kept(where="form", what=rest))
        imported = {"from": "xgov", "kept": kept_as_json(self.kept), "notes": list(self.notes)}
        form = msgspec.structs.replace(_tidy(form), imported=imported)
        return Imported(form=form, kind="xgov", kept=tuple(self.kept), notes=tuple(self.notes))

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
        self.sections: dict[str, str] = {}
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

    def _choices(
        self, items: list[dict[str, Any]], path: str, *, where: str
    ) -> tuple[tuple[Choice, ...], list[tuple[str, list[dict[str, Any]]]]]:
        """The choices, and the components that are asked with one of them."""
        choices: list[Choice] = []
        used: set[str] = set()
        extras: list[tuple[str, list[dict[str, Any]]]] = []
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
        codes = Codes()
        self.codes_of_conditions = codes
        self.own_codes = []
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

    # Pages

    def _name_pages(self, pages: list[tuple[Source, dict[str, Any]]]) -> None:
        summaries = 0
        self.is_check: list[bool] = []
        self.own_pages: list[str] = []
        for _source, page in pages:
            path = str(page.get("path") or "")
            is_check = _is_summary(page) and not summaries
            summaries += is_check
            self.is_check.append(is_check)
            code = (
                CHECK if is_check else self.page_codes.slug(path or self._plain(page.get("title")), reserved=RESERVED)
            )
            self.own_pages.append(code)
            for key in dict.fromkeys((path, _path(path))):
                self.pages_by_path.setdefault(key, code)

    def _page(self, source: Source, page: dict[str, Any]) -> FormPage | None:
        place = len(self.done)
        code = self.own_pages[place]
        self.done.append(code)
        path = source.text("path")
        where = f"page {path or code}"
        section = str(source.take("section") or "") if isinstance(page.get("section"), str) else ""
        if isinstance(page.get("section"), dict):
            section = str(page["section"].get("name") or "")
        title = self._said(source.take("title"), f"pages.{code}.title")
        options = source.inner("options")
        parts = self._parts(source.dicts("components"), page, code=code, section=section, where=where)
        made = FormPage(
            code=code,
            parts=tuple(parts),
            title=title,
            section=self.sections.get(section, ""),
            shown_when=self._used_condition(source.take("condition")),
            button=self._said(source.take("continueButtonText"), f"pages.{code}.button"),
            repeat=self._repeat(source, page, code, title),
            was=path,
        )
        if len(made.questions) == 1 and made.title == made.questions[0].label:
            made = msgspec.structs.replace(made, title="")
        source.take("next")
        self._keep(where, source.rest(options=options))
        if code == CHECK:
            self.check = made
            return None
        return made

    def _repeat(self, source: Source, page: dict[str, Any], code: str, title: str) -> str:
        """The repeat that a page belongs to: asked as often as a number says, or one after another."""
        counted = source.text("repeatField")
        if counted:
            section = str(page.get("section") or "")
            held = next(
                (
                    one
                    for one in self.repeats
                    if one.count == counted and self.section_of_repeat.get(one.code) == section
                ),
                None,
            )
            if held is not None and self.last_repeat == held.code:
                return held.code
            made = Repeat(
                code=self.page_codes.slug(f"{code}-items"),
                title=title or code,
                item=_item_word(title),
                minimum=0,
                count=counted,
            )
            self.repeats.append(made)
            self.section_of_repeat[made.code] = section
            self.last_repeat = made.code
            return made.code
        self.last_repeat = ""
        if not isinstance(page.get("repeat"), dict):
            return ""
        given = source.inner("repeat")
        options, schema = given.inner("options"), given.inner("schema")
        words = self._said(options.take("title"), "")
        least, most = (int(number(schema.take(key)) or 0) for key in ("min", "max"))
        made = Repeat(
            code=self.page_codes.slug(options.text("name") or f"{code}-items"),
            title=title or words or code,
            item=words or _item_word(title),
            minimum=max(1, min(least, 100)),
            maximum=max(1, min(most or 20, 100)),
        )
        self.repeats.append(made)
        self._keep(f"page {page.get('path')}, repeat", given.rest(options=options, schema=schema))
        return made.code

    # Components

    def _parts(
        self, components: list[dict[str, Any]], page: dict[str, Any], *, code: str, section: str, where: str
    ) -> list[Part]:
        parts: list[Part] = []
        repeating = bool(_REPEATING.search(str(page.get("controller") or ""))) and not page.get("repeat")
        has_group = any(xgov_components.kind_of(one) == xgov_components.GROUP for one in components)
        asked: set[str] = set()
        for component in components:
            if xgov_components.is_content(component):
                parts.append(self._content(component, code, len(parts), where))
            elif xgov_components.kind_of(component) == xgov_components.GROUP:
                parts += self._group(component, section, asked, where)
            else:
                made = self._question(component, section, asked, where)
                if repeating and not has_group:
                    group_code = self.question_codes.code(f"{made[-1].code}_items", instead="group")
                    inner = made[-1]
                    assert not isinstance(inner, Paragraph)
                    made[-1] = Group(
                        code=group_code, label=inner.label, questions=(inner,), required=inner.required, was=inner.was
                    )
                    self._remember(made[-1], section, str(component.get("name") or ""))
                    has_group = True
                parts += made
        return parts

    def _content(self, component: dict[str, Any], page: str, place: int, where: str) -> Content:
        source = Source(component)
        kind = xgov_components.kind_of(component)
        source.take("type")
        options = source.inner("options")
        name = source.text("name") or source.text("id")
        given = source.take("content") or source.take("text") or options.take("content") or ""
        raw = self._plain(given)
        if isinstance(given, Mapping):
            for language, words in given.items():
                if language != "en" and isinstance(words, str):
                    self.texts.setdefault(str(language), {})[f"pages.{page}.parts.{place}.text"] = html.to_markdown(
                        words
                    )
        text = clean_text(raw) if kind == "markdown" else html.to_markdown(raw)
        title = self._said(source.take("title"), f"pages.{page}.parts.{place}.title")
        shared: dict[str, Any] = {"was": name, "shown_when": self._used_condition(options.take("condition"))}
        left = source.rest(options=options)
        if html.NO_EQUAL.search(raw) or kind in ("contextcomponent", "hiddenfield"):
            left["content"] = raw
        self._keep(f"component {name or kind} on {where}", left)
        if kind in ("list", "flashcard", "orderedlist") and self.lists.get(str(component.get("list") or "")):
            source.take("list")
            made = self.lists[str(component["list"])]
            return Bullets(title=title, list=made.code, is_numbered=kind == "orderedlist", **shared)
        if kind == "details":
            return Details(title=title or "More about this", text=text, **shared)
        text = f"**{title}**\n\n{text}".strip() if title and title not in text else text
        if kind in ("insettext", "inset", "notificationbanner"):
            return Inset(text=text, **shared)
        return (
            WarningText(text=text, **shared) if kind in ("warningtext", "warning") else Paragraph(text=text, **shared)
        )

    def _code_for(self, section: str, name: str, kind: type[Any], asked: set[str], *, shares: bool = True) -> str:
        """The code of a component: the same for the same name in the same section, as its answer is the same one there."""
        known = self.named.get((section, name)) if name and shares else None
        if known and known not in asked and type(self.questions[known]) is kind:
            return known
        return self.question_codes.code(name, instead="question")

    def _question(
        self, component: dict[str, Any], section: str, asked: set[str], where: str, *, in_group: bool = False
    ) -> list[Any]:
        """The question, with a paragraph before it when its words are more than a label and a hint can hold."""
        source = Source(component)
        kind = xgov_components.kind_of(component)
        source.take("type")
        options, schema = source.inner("options"), source.inner("schema")
        name = source.text("name")
        list_code, choices, extras = self._choosing(source, options, component)
        expected = xgov_components.question_type(kind) or (Select if list_code or choices else Text)
        if str(options.left.get("prefix") or "").strip() == "£" and kind == "numberfield":
            expected = Money
        if expected in (Radios, Select, Checkboxes) and not (list_code or choices):
            expected = Text
        code = self._code_for(section, name, expected, asked, shares=not in_group)
        asked.add(code)
        label, before = self._label(source, code)
        shared = {
            "code": code,
            "label": label or name or code,
            "hint": self._hint(source, code, before),
            "required": self._required(options, component),
            "shown_when": self._used_condition(options.take("condition")),
            "error": self._said(options.take("customValidationMessage"), f"questions.{code}.error"),
            "was": name or str(component.get("id") or ""),
        }
        question = xgov_components.make_question(
            kind, shared, options, schema, list_code=list_code, choices=self._alone(kind, options, list_code, choices)
        )
        if xgov_components.question_type(kind) is None:
            self.notes.append(
                f"component {name} on {where}: the type {component.get('type')!r} is not known; it is asked as text."
            )
            self._keep(f"component {name} on {where}, type", {"type": component.get("type")})
        if isinstance(question, Text) and xgov_components.question_type(kind) in (Radios, Select, Checkboxes):
            self.notes.append(f"component {name} on {where}: it has no list to choose from; it is asked as text.")
        content = html.to_markdown(self._plain(source.take("content")))
        if content:
            before.insert(0, content)
        self._keep(f"component {name or code} on {where}", source.rest(options=options, schema=schema))
        if not in_group:
            self._remember(question, section, name, str(component.get("id") or ""))
        made: list[Any] = [Paragraph(text=text) for text in before]
        made.append(question)
        for key, inner in extras:
            variable = {"var": question.code}
            rule: LogicRule = {"in": [key, variable]} if isinstance(question, Checkboxes) else {"==": [variable, key]}
            made += self._extra(inner, rule, section, asked, where)
        return made

    def _remember(self, question: Question, section: str, *names: str) -> None:
        self.questions[question.code] = question
        for name in names:
            if name:
                self.named.setdefault((section, name), question.code)

    def _choosing(
        self, source: Source, options: Source, component: dict[str, Any]
    ) -> tuple[str, tuple[Choice, ...], list[tuple[str, list[dict[str, Any]]]]]:
        name = source.left.get("list") or options.left.get("list")
        values = component.get("values")
        if isinstance(values, dict):
            name = name or values.get("list")
        held = self.lists.get(str(name)) if name else None
        if held is not None:
            for one in (source, options):
                if one.left.get("list") == name:
                    one.take("list")
            return held.code, (), self.extras.get(held.code, [])
        if isinstance(values, dict) and isinstance(values.get("items"), list):
            source.take("values")
            choices, extras = self._choices(
                [item for item in values["items"] if isinstance(item, dict)],
                f"questions.{source.left.get('name')}.choices",
                where=f"component {component.get('name')}",
            )
            return "", choices, extras
        return "", (), []

    def _alone(self, kind: str, options: Source, list_code: str, choices: tuple[Choice, ...]) -> tuple[Choice, ...]:
        """Checkboxes with one choice that goes with no other: the choices are the question's own then."""
        if kind != "checkboxesfield" or options.left.get("behaviour") != "exclusive":
            return choices
        key = clean_line(str(options.left.get("behaviourItemValue") or ""))
        own = choices or next((one.choices for one in self.lists.values() if one.code == list_code), ())
        if key not in {choice.key for choice in own}:
            return choices
        options.take("behaviour")
        options.take("behaviourItemValue")
        return tuple(msgspec.structs.replace(one, alone=True) if one.key == key else one for one in own)

    def _label(self, source: Source, code: str) -> tuple[str, list[str]]:
        """The label, and what of the title does not fit into one."""
        title = source.take("title")
        raw = self._plain(title)
        label = self._said(title, f"questions.{code}.label")
        if raw and html.has_html(raw) and not html.is_simple(raw):
            return label[:200], [html.to_markdown(raw)]
        return label, []

    def _hint(self, source: Source, code: str, before: list[str]) -> str:
        hint = source.take("hint")
        hint = hint.get("html") or hint.get("text") or hint if isinstance(hint, dict) else hint
        raw = self._plain(hint)
        if raw and ((html.has_html(raw) and not html.is_simple(raw)) or "\n\n" in raw):
            before.append(html.to_markdown(raw))
            return ""
        return self._said(hint, f"questions.{code}.hint")

    @staticmethod
    def _required(options: Source, component: dict[str, Any]) -> bool:
        given = options.take("required", component.get("required"))
        return given not in (False, "false", 0)

    def _extra(
        self, components: list[dict[str, Any]], rule: LogicRule, section: str, asked: set[str], where: str
    ) -> list[Any]:
        """What is asked with one choice: shown when it is chosen."""
        found = []
        for component in components:
            if xgov_components.is_content(component):
                found.append(self._content(component, "", 0, where))
            else:
                found += self._question(component, section, asked, where)
        return [one if one.shown_when else msgspec.structs.replace(one, shown_when=rule) for one in found]

    def _group(self, component: dict[str, Any], section: str, asked: set[str], where: str) -> list[Any]:
        source = Source(component)
        source.take("type")
        options = source.inner("options")
        name = source.text("name")
        code = self._code_for(section, name, Group, asked)
        asked.add(code)
        label, before = self._label(source, code)
        hint = self._hint(source, code, before)
        inner: set[str] = set()
        questions: list[Question] = []
        for child in source.dicts("children"):
            made = self._question(child, section, inner, f"{where}, in {name}", in_group=True)
            before += [one.text for one in made if isinstance(one, Paragraph)]
            questions += [one for one in made if not isinstance(one, Paragraph)]
        if not questions:
            questions = [Text(code=self.question_codes.code(f"{name}_item", instead="question"), label=label or name)]
        made_group = Group(
            code=code,
            label=label or name or code,
            hint=hint,
            questions=tuple(questions),
            required=self._required(options, component),
            shown_when=self._used_condition(options.take("condition")),
            maximum=50,
            was=name,
        )
        self._keep(f"component {name or code} on {where}", source.rest(options=options))
        self._remember(made_group, section, name)
        return [*(Paragraph(text=text) for text in before), made_group]

    # Ways

    def _route(self, made: list[FormPage | None], pages: list[tuple[Source, dict[str, Any]]]) -> None:
        self._count_repeats()
        has_links = any(isinstance(page.get("next"), list) and page["next"] for _source, page in pages)
        for place, (page, (_source, foreign)) in enumerate(zip(made, pages, strict=True)):
            routes = self._routes(foreign)
            if page is None:
                self._route_check(routes)
                continue
            changed: dict[str, Any] = {"next": routes}
            if not routes and has_links:
                if page.questions or page.repeat or not page.parts or _is_summary(foreign):
                    changed["next"] = (Route(to=CHECK),)
                else:
                    changed["stop"] = Stop()
            elif not routes:
                after = next((one for one in made[place + 1 :] if one is not None), None)
                changed["next"] = (Route(to=after.code if after else CHECK),)
            made[place] = msgspec.structs.replace(page, **changed)
        self._settle_pending()

    def _route_check(self, routes: tuple[Route, ...]) -> None:
        """What a builder shows after the check of answers is told in `after`; its ways are kept with the check."""
        if self.check is not None and routes:
            self.check = msgspec.structs.replace(self.check, next=routes)
            self.notes.append(
                "the page of the check leads on to other pages: they are kept, and nothing leads to them here."
            )

    def _count_repeats(self) -> None:
        """A repeat counts by the question that the foreign name means; without it people add one after another."""
        for place, repeat in enumerate(self.repeats):
            if repeat.count:
                question = self._question_named(repeat.count)
                code = question.code if question is not None else ""
                if not code:
                    self.notes.append(
                        f"repeat {repeat.title}: no question answers {repeat.count!r}; people add one after another."
                    )
                    self._keep(f"repeat {repeat.title}", {"repeatField": repeat.count})
                self.repeats[place] = msgspec.structs.replace(repeat, count=code, minimum=0 if code else 1)

    def _routes(self, foreign: dict[str, Any]) -> tuple[Route, ...]:
        """Links with a condition come first, as the builder asks them first; of those without, its last one is taken."""
        given = foreign.get("next")
        links = [{"path": link} if isinstance(link, str) else link for link in given] if isinstance(given, list) else []
        conditional: list[Route] = []
        plain: list[Route] = []
        for link in links:
            if not isinstance(link, dict):
                continue
            source = Source(link)
            when = self._used_condition(source.take("condition")) or self._used_condition(source.take("if"))
            target = self._target(source, foreign)
            if target:
                (plain if when is None else conditional).append(Route(to=target, when=when))
            self._keep(f"page {foreign.get('path')}, link to {link.get('path')}", source.rest())
        return (*conditional, *reversed(plain))

    def _target(self, source: Source, foreign: dict[str, Any]) -> str:
        path, redirect = source.text("path"), source.text("redirect")
        if redirect or re.match(r"https?://", path):
            address = redirect or path
            code = self.page_codes.slug(f"go-{len(self.stops) + 1}")
            self.stops.append(
                FormPage(code=code, title="Go on elsewhere", stop=Stop(link=address, link_text=address), was=address)
            )
            return code
        if not path and not source.left:
            return ""
        code = self.pages_by_path.get(path) or self.pages_by_path.get(_path(path)) or ""
        if not code:
            code = re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-") or "nowhere"
            self.notes.append(f"page {foreign.get('path')}: it leads to {path!r}, which is not there.")
        return code

    def _start(self, pages: list[FormPage]) -> tuple[str, ...]:
        path = str(self.source.take("startPage") or "")
        first = self.pages_by_path.get(path) or self.pages_by_path.get(_path(path)) or ""
        if first == CHECK or not any(page.code == first for page in pages):
            first = pages[0].code if pages else ""
        return (first,) if pages and pages[0].code != first else ()

    def _ordered(self, pages: list[FormPage]) -> list[FormPage]:
        """In the order in which the ways lead to them, the first page first; those that nothing leads to come last."""
        by_code = {page.code: page for page in pages}
        path = str(self.source.left.get("startPage") or "")
        first = self.pages_by_path.get(path) or self.pages_by_path.get(_path(path)) or ""
        waiting = [first if first in by_code else next(iter(by_code), "")]
        found: dict[str, FormPage] = {}
        while waiting:
            code = waiting.pop()
            page = by_code.get(code)
            if page is None or code in found:
                continue
            for one in [other for other in pages if page.repeat and other.repeat == page.repeat] or [page]:
                found.setdefault(one.code, one)
                waiting += [route.to for route in one.next]
        return [*found.values(), *(page for page in pages if page.code not in found)]

    # The end

    def _fees(self) -> tuple[Fee, ...]:
        codes, found = Codes(), []
        for foreign in self.source.dicts("fees"):
            source = Source(foreign)
            words = self._said(source.take("description"), "")
            pence = number(source.take("amount"))
            times = self._question_named(source.text("multiplier"))
            source.take("multiplyBy")
            code = codes.code(words[:40] or "fee", instead="fee")
            found.append(
                Fee(
                    code=code,
                    words=words or "Fee",
                    pence=round(pence or 0),
                    when=self._late_condition(source.take("condition")),
                    times=times.code if times else "",
                )
            )
            self._keep(f"fee {words}", source.rest())
        return tuple(found)

    def _late_condition(self, name: Any) -> LogicRule | None:
        before = len(self.pending)
        rule = self._used_condition(name)
        if len(self.pending) > before:
            self.extra_conditions.append(Condition(code=self.pending[-1][0], words=str(name), was=str(name)))
        return rule

    def _after(self) -> str:
        """What the page after sending says."""
        special = self.source.inner("specialPages")
        page = special.inner("confirmationPage")
        texts = page.inner("customText")
        said = [
            html.to_markdown(self._plain(texts.take(key)))
            for key in list(texts.left)
            if isinstance(texts.left[key], str)
        ]
        for component in page.dicts("components"):
            said.append(html.to_markdown(self._plain(component.get("content") or component.get("title"))))
            self._keep("confirmation page", {"component": component})
        rest = special.rest(confirmationPage=page, customText=texts)
        if rest:
            self.source.left["specialPages"] = rest
        return "\n\n".join(text for text in said if text)


def _is_summary(page: dict[str, Any]) -> bool:
    controller = str(page.get("controller") or "")
    if controller:
        return bool(_SUMMARY.search(controller.rsplit("/", 1)[-1]))
    return str(page.get("path") or "").strip("/") == "summary" and not page.get("components") and not page.get("next")


def _path(path: str) -> str:
    return "/" + path.strip().strip("/").lower()


def _item_word(title: str) -> str:
    return title[:1].lower() + title[1:] if title else "answer"


def _tidy(form: Form) -> Form:
    """Without the routes that only say that the next page is the next page."""
    pages = []
    for page, after in zip(form.pages, (*form.pages[1:], None), strict=False):
        default = after.code if after is not None else CHECK
        simple = len(page.next) == 1 and page.next[0].when is None and page.next[0].to == default
        pages.append(msgspec.structs.replace(page, next=()) if simple else page)
    return msgspec.structs.replace(form, pages=tuple(pages))
