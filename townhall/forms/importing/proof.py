"""What a foreign form has, counted from its JSON alone, and what of it cannot be found in the form made of it.

Nothing here uses the importers: this reads the foreign JSON in its own, simple way, and looks for each thing in the made form.
"""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from townhall.forms.definition import CHECK, Form, FormPage
from townhall.forms.engine.flow import conditions_in
from townhall.forms.questions import Choice
from townhall.forms.reading import to_builtins

_TAG = re.compile(r"</?[A-Za-z][^>]*>|<!--.*?-->", re.DOTALL)
_SILENT = re.compile(r"<(script|style|template|noscript|title|head)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_HREF = re.compile(r"""<a\b[^>]*?\bhref\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)


@dataclass
class Count:
    """What is there, and the names of what was lost."""

    files: int = 0
    others: int = 0  # files that hold no form
    pages: int = 0
    components: int = 0
    conditions: int = 0
    lists: int = 0
    links: int = 0
    lost: list[str] = field(default_factory=list)

    def line(self) -> str:
        return (
            f"files={self.files} pages={self.pages} components={self.components} conditions={self.conditions} "
            f"lists={self.lists} links={self.links} lost={len(self.lost)}"
        )

    def add(self, other: Count) -> None:
        for name in ("files", "others", "pages", "components", "conditions", "lists", "links"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.lost += other.lost


def compare(source: dict[str, Any], form: Form) -> Count:
    """The things in the source, each looked for in the form."""
    return _govuk(source, form) if "steps" in source or _has_answer_types(source) else _xgov(source, form)


def _has_answer_types(source: dict[str, Any]) -> bool:
    return any("answer_type" in page for page in _dicts(source.get("pages")))


def _dicts(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        value = list(value.values())
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _words(value: Any) -> Counter[str]:
    """The words that a reader sees in a text, or in every text of an object."""
    if isinstance(value, dict):
        return sum((_words(item) for item in value.values()), Counter())
    if isinstance(value, list | tuple):
        return sum((_words(item) for item in value), Counter())
    if value is None or isinstance(value, bool):
        return Counter()
    seen = html.unescape(_TAG.sub(" ", _SILENT.sub(" ", str(value)))).replace("\\", "").replace("\0", "")
    return Counter(re.findall(r"\w+", seen.casefold().replace("_", " ")))


def _missing(value: Any, *held: Counter[str]) -> Counter[str]:
    """The words of a value that are in none of what is held. A tag inside a word may part it or not."""
    everything = sum(held, Counter())
    apart = _words(value) - everything
    if not apart:
        return apart
    return _words(json.loads(_TAG.sub("", json.dumps(value, ensure_ascii=False)))) - everything and apart


def _parts_of(page: FormPage) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = to_builtins(Form(code="x", title="x", pages=(page,)))["pages"][0].get("parts", [])
    return found


class _Made:
    """The made form, ready to be looked through."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.pages = [*form.pages, *([form.check] if form.check else [])]
        self.by_was: dict[str, list[FormPage]] = {}
        for page in self.pages:
            self.by_was.setdefault(page.was, []).append(page)
        self.all = _words(to_builtins(form))
        self.conditions: dict[str, list[Any]] = {}
        for condition in form.conditions:
            self.conditions.setdefault(condition.was, []).append(condition)
        codes = [page.code for page in form.pages]
        self.following = dict(zip(codes, [*codes[1:], CHECK], strict=False))
        self.kept = {str(one.get("where")) for one in form.imported.get("kept", []) if isinstance(one, dict)}
        self.kept_words = _words(form.imported)

    def text_of(self, page: FormPage) -> Counter[str]:
        return _words(to_builtins(Form(code="x", title="x", pages=(page,)))["pages"][0])

    def leads(self, page: FormPage) -> list[tuple[str, str]]:
        """(page's code, foreign name of the condition or "") of every way on."""
        names = {condition.code: condition.was for condition in self.form.conditions}
        found = [
            (route.to, " ".join(names.get(code, code) for code in conditions_in(route.when)) if route.when else "")
            for route in page.next
        ]
        return found or [(self.following.get(page.code, CHECK), "")]

    def choices(self, part: dict[str, Any]) -> list[dict[str, Any]]:
        named: dict[str, tuple[Choice, ...]] = {one.code: one.choices for one in self.form.lists}
        own = part.get("choices") or []
        return own or [{"key": one.key, "name": one.name} for one in named.get(str(part.get("list") or ""), ())]


# XGov and DEFRA


def _xgov(source: dict[str, Any], form: Form) -> Count:
    pages, lists = _dicts(source.get("pages")), _dicts(source.get("lists"))
    conditions = _dicts(source.get("conditions"))
    count = Count(
        files=1,
        pages=len(pages),
        components=sum(len(_dicts(page.get("components"))) for page in pages),
        conditions=len(conditions),
        lists=len(lists),
        links=sum(len(_links(page)) for page in pages),
    )
    made = _Made(form)
    taken: set[int] = set()
    held: list[tuple[dict[str, Any], FormPage]] = []
    for page in pages:
        path, title = _clean(page.get("path")), _english(page.get("title"))
        free = [one for one in made.by_was.get(path, []) if id(one) not in taken]
        found = next((one for one in free if not _missing(title, made.text_of(one))), next(iter(free), None))
        if found is None:
            count.lost.append(f"page {path}")
            count.lost += [f"component {one.get('name')} on {path}" for one in _dicts(page.get("components"))]
            continue
        taken.add(id(found))
        held.append((page, found))
        if _missing(title, made.text_of(found)):
            count.lost.append(f"title of page {path}")
    for page, found_page in held:
        count.lost += _lost_components(page, found_page, made, source)
        count.lost += _lost_links(page, found_page, made)
    count.lost += _lost_conditions(conditions, made)
    count.lost += _lost_lists(lists, made)
    count.lost += _lost_leaves(source, made)
    return count


def _clean(value: Any) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _english(value: Any) -> Any:
    if isinstance(value, dict):
        return value.get("en") or next((words for words in value.values() if isinstance(words, str)), "")
    return value


def _links(page: dict[str, Any]) -> list[dict[str, Any]]:
    given = page.get("next")
    if not isinstance(given, list):
        return []
    links = [link if isinstance(link, dict) else {"path": link} for link in given if isinstance(link, dict | str)]
    return [link for link in links if _clean(link.get("path")) or _clean(link.get("redirect"))]


def _lost_components(page: dict[str, Any], found: FormPage, made: _Made, source: dict[str, Any]) -> Iterator[str]:
    parts = _parts_of(found)
    everything = made.text_of(found)
    taken: set[int] = set()
    for component in _dicts(page.get("components")):
        name = _clean(component.get("name")) or _clean(component.get("id"))
        where = f"component {name or component.get('type')} on {page.get('path')}"
        words = [_english(component.get(key)) for key in ("title", "hint")]
        place = next((n for n, part in enumerate(parts) if n not in taken and _is_it(part, name, component)), None)
        if place is None:
            yield where
            continue
        taken.add(place)
        gone = _missing(words, everything)
        gone += _missing(_english(component.get("content")), everything, made.kept_words)
        if gone:
            yield f"words of {where}: {', '.join(list(gone)[:5])}"
        yield from (
            f"address {address} of {where}"
            for address in _addresses(component)
            if _words(address) - everything - made.kept_words
        )
        yield from _lost_inside(component, parts[place], made, source, where)


def _is_it(part: dict[str, Any], name: str, component: dict[str, Any]) -> bool:
    if name:
        return part.get("was") == name
    return not part.get("was") and not _missing(_english(component.get("content")), _words(part))


def _addresses(component: dict[str, Any]) -> list[str]:
    text = str(_english(component.get("content")) or "") + str(_english(component.get("hint")) or "")
    return [html.unescape(one or other) for one, other in _HREF.findall(text)]


def _lost_inside(
    component: dict[str, Any], part: dict[str, Any], made: _Made, source: dict[str, Any], where: str
) -> Iterator[str]:
    """The list that a component offers, and the components inside it."""
    options = component.get("options")
    name = component.get("list") or (options.get("list") if isinstance(options, dict) else None)
    foreign = next(
        (one for one in _dicts(source.get("lists")) if name and name in (one.get("name"), one.get("id"))), None
    )
    values = component.get("values")
    items = _dicts(foreign.get("items")) if foreign else _dicts(values.get("items")) if isinstance(values, dict) else []
    inner = part.get("questions") or []
    holder = inner[0] if inner and not component.get("children") else part
    offered = made.choices(holder)
    lines = holder.get("list") and part.get("type") == "bullets"
    if items and not lines and len(offered) < len(items):
        yield f"choices of {where}"
    for child in _dicts(component.get("children")):
        if not any(
            one.get("was") == child.get("name") and not _missing(_english(child.get("title")), _words(one))
            for one in inner
        ):
            yield f"component {child.get('name')} in {where}"


def _lost_links(page: dict[str, Any], found: FormPage, made: _Made) -> Iterator[str]:
    leads = made.leads(found)
    for link in _links(page):
        path = _clean(link.get("path"))
        condition = link.get("condition") or link.get("if") or ""
        condition = _clean(condition.get("name") if isinstance(condition, dict) else condition)
        targets = {one.code for key in (path, _loose(path)) for one in made.by_was.get(key, [])}
        targets |= {one.code for one in made.pages if _loose(one.was) == _loose(path)}
        nowhere = re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-") or "nowhere"
        address = _clean(link.get("redirect")) or path
        wanted = targets or {nowhere, *(one.code for one in made.pages if one.stop and one.stop.link == address)}
        if not any(to in wanted and (not condition or condition == named) for to, named in leads):
            yield f"link from {page.get('path')} to {path}" + (f" when {condition}" if condition else "")


def _loose(path: str) -> str:
    return "/" + path.strip().strip("/").lower()


def _lost_conditions(conditions: list[dict[str, Any]], made: _Made) -> Iterator[str]:
    seen: Counter[str] = Counter()
    for condition in conditions:
        name = _clean(condition.get("name")) or _clean(condition.get("id"))
        held = made.conditions.get(name, [])
        place = seen[name]
        seen[name] += 1
        if place >= len(held):
            yield f"condition {name}"
            continue
        words = condition.get("displayName")
        if words and _missing(_english(words), _words(held[place].words)):
            yield f"words of condition {name}"
        if (
            held[place].rule is None
            and not any(one.startswith("condition ") for one in made.kept)
            and condition.get("value")
        ):
            yield f"rule of condition {name}"
        if held[place].rule is not None:
            held_values = set(_leaves(held[place].rule))
            known = {"true": "yes", "false": "no"}
            for wanted in _values_in(condition.get("value")):
                if not {wanted, known.get(wanted, wanted)} & held_values:
                    yield f"value in condition {name}"


def _values_in(value: Any) -> Iterator[str]:
    """The texts that an object compares with; no numbers, which may be pence."""
    for part in _dicts(value.get("conditions")) if isinstance(value, dict) else []:
        if "conditions" in part:
            yield from _values_in(part)
        given = part.get("value")
        wanted = given.get("value") if isinstance(given, dict) else None
        if isinstance(wanted, str) and not re.fullmatch(r"-?[\d.]+", wanted):
            yield " ".join(wanted.split())


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _leaves(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _leaves(item)
    elif isinstance(value, str):
        yield " ".join(value.split())


def _lost_lists(lists: list[dict[str, Any]], made: _Made) -> Iterator[str]:
    seen: Counter[str] = Counter()
    for foreign in lists:
        name = _clean(foreign.get("name"))
        held = [one for one in made.form.lists if one.was == name]
        place = seen[name]
        seen[name] += 1
        if place >= len(held):
            yield f"list {name}"
            continue
        items = _dicts(foreign.get("items"))
        if len(items) != len(held[place].choices):
            yield f"items of list {name}"
            continue
        for item, choice in zip(items, held[place].choices, strict=True):
            words = [_english(item.get(key)) for key in ("text", "label", "description")]
            if _missing(words, _words([choice.name, choice.hint, choice.key]), made.kept_words):
                yield f"item {item.get('text')} of list {name}"


# Read above, or settings whose meaning is in a question's type and not in words.
_TAKEN = frozenset(
    {
        "type", "path", "next", "conditions", "condition", "controller", "if", "value", "values", "redirect", "behaviour",
        "behaviourItemValue", "input_type", "only_one_option", "answer_type", "next_step_id", "routing_conditions", "id", "items",
        "list", "section", "prefix", "startPage", "position", "required",
        "is_optional",
    }
)  # fmt: skip


def _lost_leaves(source: dict[str, Any], made: _Made) -> Iterator[str]:
    """Any other text of the form: its words must be somewhere in what was made."""
    for key, text in _texts(source):
        if _missing(text, made.all):
            yield f"{key}: {text[:60]}"


def _texts(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, item in value.items():
            if name not in _TAKEN and not re.search(
                r"api_?key|jwt|hmac|shared_?key|secret|password|token", name, re.IGNORECASE
            ):
                yield from _texts(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, key)
    elif isinstance(value, str) and value.strip():
        yield key, value


# GOV.UK Forms


def _govuk(source: dict[str, Any], form: Form) -> Count:
    steps = _dicts(source.get("steps")) or _dicts(source.get("pages"))
    data = [_data_of(step) for step in steps]
    ids = {str(step.get("id") or place + 1) for place, step in enumerate(steps)}
    routes = [(step, route) for step in steps for route in _dicts(step.get("routing_conditions"))]
    after = [(step, str(step.get("next_step_id") or step.get("next_page") or "")) for step in steps]
    links = [(place, one) for place, (_step, one) in enumerate(after) if one]
    lists = [one for one in data if _options(one)]
    count = Count(
        files=1,
        pages=len(steps),
        components=len(steps),
        conditions=len(routes),
        lists=len(lists),
        links=len(links) + len(routes),
    )
    made = _Made(form)
    for place, (step, one) in enumerate(zip(steps, data, strict=True)):
        name = str(step.get("id") or place + 1)
        held = made.by_was.get(name)
        if not held:
            count.lost.append(f"step {name}")
            continue
        question = next((part for part in _parts_of(held[0]) if part.get("was") == name), None)
        if question is None:
            count.lost.append(f"question of step {name}")
            continue
        wanted = [one.get(key) for key in ("question_text", "hint_text", "page_heading", "guidance_markdown")]
        if _missing(wanted, made.text_of(held[0])):
            count.lost.append(f"words of step {name}")
        offered = [str(choice.get("name")) for choice in made.choices(question)]
        if any(" ".join(option.split()) not in offered for option in _options(one)):
            count.lost.append(f"options of step {name}")
    by_id = {page.was: page.code for page in form.pages}
    for place, target in links:
        name = str(steps[place].get("id") or place + 1)
        leads = [to for to, _named in made.leads(made.by_was[name][0])] if name in by_id else []
        if target in ids and by_id.get(target) not in leads:
            count.lost.append(f"link from step {name} to {target}")
    for step, route in routes:
        count.lost += _lost_route(step, route, made, by_id)
    count.lost += _lost_leaves(source, made)
    return count


def _data_of(step: dict[str, Any]) -> dict[str, Any]:
    inner = step.get("data")
    return inner if isinstance(inner, dict) else step


def _options(data: dict[str, Any]) -> list[str]:
    settings = data.get("answer_settings")
    options = _dicts(settings.get("selection_options")) if isinstance(settings, dict) else []
    return [one["name"] for one in options if isinstance(one.get("name"), str) and one["name"].strip()]


def _lost_route(step: dict[str, Any], route: dict[str, Any], made: _Made, by_id: dict[str, str]) -> Iterator[str]:
    name = str(route.get("id"))
    held = made.by_was.get(str(step.get("id")))
    leads = made.leads(held[0]) if held else []
    goto = str(route.get("goto_page_id") or route.get("goto_step_id") or "")
    if route.get("exit_page_heading") or route.get("exit_page_markdown"):
        wanted = {page.code for page in made.pages if page.stop is not None}
        texts = [route.get("exit_page_heading"), route.get("exit_page_markdown")]
        if _missing(texts, made.all):
            yield f"exit page of route {name}"
    else:
        wanted = {by_id.get(goto, CHECK) if goto else CHECK}
    value = route.get("answer_value")
    if not any(to in wanted and (value in (None, "") or named == name or "id" not in route) for to, named in leads):
        yield f"route {name} of step {step.get('id')}"
    if value not in (None, "") and "id" in route and name not in made.conditions:
        yield f"condition {name}"
