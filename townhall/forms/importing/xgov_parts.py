"""Pages' components of the XGov and DEFRA builders, as parts of our pages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from townhall.forms.definition import (
    Bullets,
    Content,
    Details,
    Inset,
    Paragraph,
    Part,
)
from townhall.forms.definition import Warning as WarningText
from townhall.forms.importing import html, xgov_components
from townhall.forms.importing.made import Source
from townhall.forms.importing.xgov_base import Base, Extras
from townhall.forms.questions import Checkboxes, Choice, Group, LogicRule, Money, Question, Radios, Select, Text
from townhall.forms.typed import clean_line, clean_text

_REPEATING = re.compile(r"^repeating|repeatpage", re.IGNORECASE)


class Parts(Base):
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
        if isinstance(given, Mapping):
            left["content"] = dict(given)
        elif html.NO_EQUAL.search(raw) or kind in ("contextcomponent", "hiddenfield"):
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
    ) -> tuple[str, tuple[Choice, ...], Extras]:
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
        title = self._taken(source, "title")
        raw = self._plain(title)
        label = self._said(title, f"questions.{code}.label")
        if raw and html.has_html(raw) and not html.is_simple(raw):
            return label[:200], [html.to_markdown(raw)]
        return label, []

    def _hint(self, source: Source, code: str, before: list[str]) -> str:
        hint = self._taken(source, "hint")
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
