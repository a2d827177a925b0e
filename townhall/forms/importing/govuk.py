"""Forms of GOV.UK Forms (JSON): steps, or pages of its first version."""

from __future__ import annotations

from typing import Any

from townhall.forms.definition import CHECK, RESERVED, Condition, Form, FormPage, Paragraph, Part, Repeat, Route, Stop
from townhall.forms.importing.made import Codes, Imported, Kept, NotAForm, Source, kept_as_json
from townhall.forms.questions import (
    Address,
    Checkboxes,
    Choice,
    Date,
    Email,
    LogicRule,
    LongText,
    Number,
    Person,
    Phone,
    Question,
    Radios,
    Select,
    Text,
    Upload,
)
from townhall.forms.typed import clean_line, clean_text

NONE = "none_of_the_above"
NONE_WORDS = "None of the above"
RADIOS_UP_TO = 30
LONGEST = 5000  # characters, as GOV.UK Forms takes them
MOST_ITEMS = 10  # of a question that repeats
_TRUE = ("true", "1", True, 1)
_TEXTS = {"organisation_name": "organisation", "national_insurance_number": "national_insurance"}


def looks_like(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    if isinstance(value.get("steps"), list):
        return True
    pages = value.get("pages")
    return isinstance(pages, list) and any(isinstance(page, dict) and "answer_type" in page for page in pages)


def read(value: Any, *, code: str, title: str = "") -> Imported:
    """The form in GOV.UK Forms' JSON, as parsed. Raises NotAForm."""
    if not looks_like(value):
        raise NotAForm("The file has no list of steps.")
    return _Reader(value, code, title).form()


class _Reader:
    def __init__(self, value: dict[str, Any], code: str, title: str) -> None:
        self.source, self.code, self.title = Source(value), code, title
        self.kept: list[Kept] = []
        self.notes: list[str] = []
        self.cy: dict[str, str] = {}
        self.page_codes, self.question_codes, self.condition_codes = Codes(used=set(RESERVED)), Codes(), Codes()
        self.pages: list[FormPage] = []
        self.exits: list[FormPage] = []
        self.conditions: list[Condition] = []
        self.repeats: list[Repeat] = []
        self.codes: dict[str, str] = {}  # id of a step → code of its page
        self.asked: dict[str, Question] = {}  # id of a step → its question
        self.own_pages: list[str] = []  # codes in the order of the steps
        self._has_exits = False

    def form(self) -> Imported:
        steps = self.source.dicts("steps") or self.source.dicts("pages")
        made = [self._page(Source(step), place) for place, step in enumerate(steps)]
        self.pages = [self._routed(page, step) for page, step in zip(made, steps, strict=True)]
        start = self.codes.get(str(self.source.take("start_page")), "")
        help_parts = [self.source.text(key) for key in ("support_email", "support_phone")]
        address, words = self.source.text("support_url"), self.source.text("support_url_text")
        help_parts.append(f"[{words or address}]({address})" if address else words)
        after = [clean_text(self.source.text("what_happens_next_markdown"))]
        if payment := self.source.text("payment_url"):
            after.append(f"[{payment}]({payment})")
            self.notes.append("payment_url: the link to pay stands in what happens next.")
        declaration = [self.source.text(key) for key in ("declaration_markdown", "declaration_text")]
        title = self._words(self.source, "name", "title") or self.title or self.code
        privacy = self.source.text("privacy_policy_url")
        rest = self.source.rest()
        if rest:
            self.kept.append(Kept(where="form", what=rest))
        form = Form(
            code=self.code,
            title=title,
            pages=(*self.pages, *self.exits),
            start=(start,) if start and self.pages and self.pages[0].code != start else (),
            conditions=tuple(self.conditions),
            repeats=tuple(self.repeats),
            declaration=clean_text("\n\n".join(text for text in declaration if text)),
            after="\n\n".join(text for text in after if text),
            help="\n\n".join(text for text in help_parts if text),
            privacy=privacy,
            texts={"cy": self.cy} if self.cy else {},
            imported={"from": "govuk", "kept": kept_as_json(self.kept), "notes": list(self.notes)},
        )
        return Imported(form=form, kind="govuk", kept=tuple(self.kept), notes=tuple(self.notes))

    def _words(self, source: Source, key: str, path: str) -> str:
        """One line; Welsh, where it is given beside, goes into the form's texts."""
        welsh = source.text(f"{key}_cy")
        if welsh and path:
            self.cy[path] = clean_line(welsh)
        return clean_line(source.text(key))

    # Pages

    def _page(self, source: Source, place: int) -> FormPage:
        step = source.text("id") or str(place + 1)
        kind = source.text("type")
        data = source.inner("data") if isinstance(source.left.get("data"), dict) else source
        settings = data.inner("answer_settings")
        text = self._text_of(data)
        code = self.page_codes.slug(text[:60])
        self.codes.setdefault(step, code)
        self.own_pages.append(code)
        parts: list[Part] = []
        heading = self._words(data, "page_heading", f"pages.{code}.title")
        guidance = clean_text(data.text("guidance_markdown"))
        if guidance:
            parts.append(Paragraph(text=guidance))
        question = self._question(data, settings, text, step)
        parts += question
        repeat = self._repeat(data, code, text)
        if kind not in ("", "question_page", "question", "repeatable"):
            self.notes.append(f"step {step}: the type {kind!r} is not known; it is a page with a question.")
            source.left["type"] = kind
        for key in ("position", "next_step_id", "next_page", "routing_conditions"):
            source.take(key)
        rest = (
            source.rest(answer_settings=settings)
            if data is source
            else source.rest(data=data, answer_settings=settings)
        )
        if rest:
            self.kept.append(Kept(where=f"step {step}", what=rest))
        title = heading if heading and heading != text else ""
        return FormPage(code=code, title=title, parts=tuple(parts), repeat=repeat, was=step)

    @staticmethod
    def _text_of(data: Source) -> str:
        return clean_line(str(data.left.get("question_text") or "")) or "Question"

    def _repeat(self, data: Source, code: str, text: str) -> str:
        if data.take("is_repeatable") not in _TRUE:
            return ""
        made = Repeat(
            code=self.page_codes.slug(f"{code}-answers"), title=text, item="answer", minimum=1, maximum=MOST_ITEMS
        )
        self.repeats.append(made)
        return made.code

    # Questions

    def _question(self, data: Source, settings: Source, text: str, step: str) -> list[Question]:
        kind = data.text("answer_type")
        code = self.question_codes.code(text.lower()[:50], instead="question")
        optional = data.take("is_optional") in _TRUE
        shared: dict[str, Any] = {
            "code": code,
            "label": self._words(data, "question_text", f"questions.{code}.label") or text,
            "hint": self._words(data, "hint_text", f"questions.{code}.hint"),
            "required": not optional,
            "was": step,
        }
        if kind == "selection":
            found = self._selection({**shared, "required": True}, settings, is_none=optional)
        else:
            found = [self._plain(kind, shared, settings, step)]
        self.asked.setdefault(step, found[0])
        return found

    def _selection(self, shared: dict[str, Any], settings: Source, *, is_none: bool) -> list[Question]:
        """In GOV.UK Forms an optional selection offers "None of the above"."""
        choices: list[Choice] = []
        used: set[str] = set()
        for place, option in enumerate(settings.dicts("selection_options")):
            name = clean_line(str(option.get("name") or ""))
            key = clean_line(str(option.get("value") or name)) or f"choice_{place + 1}"
            while key in used:
                key += " (again)"
            used.add(key)
            choices.append(Choice(key=key, name=name or key))
        one = settings.take("only_one_option") in _TRUE
        asked = settings.inner("none_of_the_above_question")
        if is_none or asked.left:
            choices.append(Choice(key=NONE, name=NONE_WORDS, alone=not one))
        kind = Checkboxes if not one else Radios if len(choices) <= RADIOS_UP_TO else Select
        question: Question = (
            kind(**shared, choices=tuple(choices)) if choices else LongText(**shared, max_length=LONGEST)
        )
        found: list[Question] = [question]
        if asked.left and asked.left.get("question_text"):
            label = clean_line(asked.text("question_text"))
            code = self.question_codes.code(f"{shared['code']}_other", instead="question")
            variable = {"var": shared["code"]}
            rule: LogicRule = {"==": [variable, NONE]} if one else {"in": [NONE, variable]}
            required = asked.take("is_optional") not in _TRUE
            found.append(
                Text(code=code, label=label, required=required, shown_when=rule, was=f"{shared['was']} {NONE}")
            )
        return found

    def _plain(self, kind: str, shared: dict[str, Any], settings: Source, step: str) -> Question:
        how = settings.left.get("input_type")
        match kind:
            case "text":
                settings.take("input_type")
                return LongText(**shared, max_length=LONGEST) if how == "long_text" else Text(**shared, max_length=499)
            case "organisation_name":
                return Text(**shared, max_length=499, kind="organisation", autocomplete="organization")
            case "national_insurance_number":
                return Text(**shared, kind="national_insurance")
            case "number":
                return Number(**shared)
            case "email" | "phone_number":
                return Email(**shared) if kind == "email" else Phone(**shared)
            case "file":
                return Upload(**shared, maximum=1, kinds=("photo", "document"))
            case "date":
                settings.take("input_type")
                return Date(**shared, when="past" if how == "date_of_birth" else "any")
            case "address":
                settings.take("input_type")
                abroad = isinstance(how, dict) and how.get("international_address") in _TRUE
                return Address(**shared, abroad=abroad)
            case "name":
                return _name(shared, settings)
        self.notes.append(f"step {step}: the type {kind!r} is not known; it is asked as text.")
        settings.left["answer_type"] = kind
        return Text(**shared, max_length=499)

    # Ways

    def _routed(self, page: FormPage, step: dict[str, Any]) -> FormPage:
        routes: list[Route] = []
        given = step.get("routing_conditions")
        for number, foreign in enumerate(given if isinstance(given, list) else []):
            if isinstance(foreign, dict):
                routes.append(self._route(page, str(step.get("id") or ""), Source(foreign), number))
        routes.sort(key=lambda route: route.when is None)
        after = str(step.get("next_step_id") or step.get("next_page") or "")
        if after in self.codes:
            routes.append(Route(to=self.codes[after]))
        elif "next_step_id" in step or "next_page" in step:
            routes.append(Route(to=CHECK))
        following = self._following(page.code)
        if len(routes) == 1 and routes[0].when is None and routes[0].to == following:
            routes = []
        return FormPage(
            code=page.code, title=page.title, parts=page.parts, repeat=page.repeat, was=page.was, next=tuple(routes)
        )

    def _following(self, code: str) -> str:
        codes = self.own_pages
        place = codes.index(code) + 1
        return codes[place] if place < len(codes) else ("" if self._has_exits else CHECK)

    def _route(self, page: FormPage, step: str, source: Source, number: int) -> Route:
        name = source.text("id") or f"{step}.{number + 1}"
        value = source.take("answer_value")
        checked = str(source.take("check_page_id") or source.take("check_step_id") or step)
        source.take("routing_page_id")
        source.take("routing_step_id")
        target = self._target(page, source)
        when = self._condition(name, checked, value) if value not in (None, "") else None
        if rest := source.rest():
            self.kept.append(Kept(where=f"step {step}, route {name}", what=rest))
        return Route(to=target, when=when)

    def _target(self, page: FormPage, source: Source) -> str:
        heading, words = clean_line(source.text("exit_page_heading")), clean_text(source.text("exit_page_markdown"))
        goto = str(source.take("goto_page_id") or source.take("goto_step_id") or "")
        if heading or words:
            code = self.page_codes.slug(heading[:60] or f"{page.code}-exit")
            self.exits.append(FormPage(code=code, title=heading, stop=Stop(text=words or heading)))
            self._has_exits = True
            return code
        if source.take("skip_to_end") in _TRUE:
            return CHECK
        if goto in self.codes:
            return self.codes[goto]
        self.notes.append(
            f"page {page.code}: a route leads to {goto!r}, which is not there; it goes to the check of answers."
        )
        return CHECK

    def _condition(self, name: str, checked: str, value: Any) -> LogicRule:
        question = self.asked.get(checked)
        key = clean_line(str(value))
        code = self.condition_codes.code(f"condition_{name}", instead="condition")
        if question is None:
            self.notes.append(
                f"condition {name}: it asks for the step {checked!r}, which is not there, so it never holds."
            )
            self.conditions.append(Condition(code=code, words=f"The answer is {key}", rule=None, was=name))
            return {"condition": code}
        variable = {"var": question.code}
        rule: LogicRule = {"in": [key, variable]} if isinstance(question, Checkboxes) else {"==": [variable, key]}
        words = f"“{question.label}” is “{NONE_WORDS if key == NONE else key}”"
        self.conditions.append(Condition(code=code, words=words, rule=rule, was=name))
        return {"condition": code}


def _name(shared: dict[str, Any], settings: Source) -> Question:
    how = settings.take("input_type")
    title = settings.take("title_needed") in _TRUE
    if how == "first_and_last_name":
        return Person(**shared, parts="first_last", title=title)
    if how == "first_middle_and_last_name":
        return Person(**shared, parts="first_middle_last", title=title)
    return Person(**shared, title=title)
