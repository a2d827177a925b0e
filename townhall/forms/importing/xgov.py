"""Forms of the XGov and DEFRA digital form builders (JSON, versions 0 to 2)."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from townhall.core.reckoning import number
from townhall.forms.definition import (
    CHECK,
    RESERVED,
    Condition,
    Fee,
    Form,
    FormPage,
    Repeat,
    Route,
    Stop,
)
from townhall.forms.importing import html
from townhall.forms.importing.made import Codes, Imported, Kept, NotAForm, Source, kept_as_json
from townhall.forms.importing.xgov_parts import Parts
from townhall.forms.questions import LogicRule

_SUMMARY = re.compile(r"summary|confirm(?!ation)|CheckAnswers|CheckYourAnswers", re.IGNORECASE)


def looks_like(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("pages"), list) and "steps" not in value


def read(value: Any, *, code: str, title: str = "") -> Imported:
    """The form in a builder's JSON, as parsed. Raises NotAForm."""
    if not looks_like(value):
        raise NotAForm("The file has no list of pages.")
    return _Reader(value, code, title).form()


class _Reader(Parts):
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

    # Pages

    def _name_pages(self, pages: list[tuple[Source, dict[str, Any]]]) -> None:
        summaries = 0
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
        title = self._said(self._taken(source, "title"), f"pages.{code}.title")
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
