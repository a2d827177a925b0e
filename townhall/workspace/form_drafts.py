"""What the pages of the form builder say of a form: what stands where, what is missing, who worked on it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _

from townhall.accounts.models import User
from townhall.forms import linter, queries
from townhall.forms.definition import CHECK, Form, FormPage, Part, Repeat, Words
from townhall.forms.in_words import rule_words
from townhall.forms.models import Submission
from townhall.forms.problems import problems, unexplained
from townhall.forms.queries import Version
from townhall.forms.questions import Asked, Group
from townhall.workspace.form_fields import kind_words

_NAMED = re.compile(r"\(([A-Za-z0-9_-]+)\)|'([A-Za-z0-9_-]+)'")


@dataclass(frozen=True, kw_only=True)
class PartLine:
    """A part of a page as the builder lists it."""

    place: str
    kind: str
    words: str
    shown_when: str  # in words, "" for always
    is_question: bool
    is_required: bool
    is_group: bool = False
    inner: list[PartLine] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class WayLine:
    number: int
    to: str  # heading of the page it leads to
    when: str  # in words, "" for always


@dataclass(frozen=True, kw_only=True)
class PageLine:
    """A page as the builder lists it."""

    page: FormPage
    heading: str
    shown_when: str
    parts: list[PartLine]
    ways: list[WayLine]
    remarks: list[str]
    repeat: Repeat | None = None  # asked for each item of it


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What keeps a form from being published, and where it is mended."""

    text: str
    href: str


def page_lines(form: Form) -> list[PageLine]:
    remarks = [found for found in linter.lint(form) if found.rule not in ("F00", "F01")]
    return [_page_line(form, page, remarks) for page in form.pages]


def heading_of(form: Form, code: str) -> str:
    """What a page is called where it is led to."""
    if code == CHECK:
        return _("Check your answers")
    page = form.page(code)
    return (linter.heading_of(page) or page.code) if page else code


def _page_line(form: Form, page: FormPage, remarks: list[linter.Finding]) -> PageLine:
    codes = {page.code, *(question.code for question in page.questions)}
    return PageLine(
        page=page,
        heading=heading_of(form, page.code),
        shown_when=rule_words(page.shown_when, form) if page.shown_when else "",
        parts=[part_line(form, part, str(number)) for number, part in enumerate(page.parts)],
        ways=[
            WayLine(number=number, to=heading_of(form, way.to), when=rule_words(way.when, form) if way.when else "")
            for number, way in enumerate(page.next)
        ],
        remarks=[found.message for found in remarks if found.where in codes],
        repeat=next((one for one in form.repeats if one.code == page.repeat), None),
    )


def part_line(form: Form, part: Part, place: str) -> PartLine:
    is_question = isinstance(part, Asked)
    words = part.label if isinstance(part, Asked) else getattr(part, "title", "") or getattr(part, "text", "")
    return PartLine(
        place=place,
        kind=kind_words(part),
        words=(words or _("No words yet"))[:140],
        shown_when=rule_words(part.shown_when, form) if part.shown_when else "",
        is_question=is_question,
        is_required=isinstance(part, Asked) and part.required,
        is_group=isinstance(part, Group),
        inner=[part_line(form, one, f"{place}.{number}") for number, one in enumerate(part.questions)]
        if isinstance(part, Group)
        else [],
    )


def faults(form: Form) -> list[Fault]:
    """Everything that keeps it from being published, each with the page where it is mended."""
    return faults_of(form, [*problems(form), *unexplained(form)])


def faults_of(form: Form, sentences: Iterable[str]) -> list[Fault]:
    """These sentences about the form, each with the page where it is mended."""
    places = dict(_places(form))
    return [Fault(text=one, href=_href(form, one, places)) for one in sentences]


def _places(form: Form) -> Iterator[tuple[str, str]]:
    """Where each repeat, condition, page and question is changed, by code; of the same code the later is told."""
    for repeat in form.repeats:
        yield repeat.code, reverse("workspace:form-repeat", args=[form.code, repeat.code])
    for condition in form.conditions:
        yield condition.code, reverse("workspace:form-condition-rule", args=[form.code, condition.code])
    for page in form.pages:
        yield page.code, reverse("workspace:form-page", args=[form.code, page.code])
    for page in form.pages:
        for number, part in enumerate(page.parts):
            if isinstance(part, Words):
                continue
            yield part.code, reverse("workspace:form-part", args=[form.code, page.code, str(number)])
            for inner, one in enumerate(part.questions if isinstance(part, Group) else ()):
                yield one.code, reverse("workspace:form-part", args=[form.code, page.code, f"{number}.{inner}"])


def _href(form: Form, sentence: str, places: dict[str, str]) -> str:
    codes = [one or two for one, two in _NAMED.findall(sentence)]
    found = next((places[code] for code in codes if code in places), "")
    return found or reverse("workspace:form-about", args=[form.code])


def names_of(versions: Iterable[Version]) -> dict[str, str]:
    """Who saved each version, by their id."""
    ids = {UUID(one.by_id) for one in versions if one.by_kind == "staff"}
    return {str(key): name for key, name in User.objects.filter(pk__in=ids).values_list("pk", "name")}


def sent_counts() -> dict[str, int]:
    """How often each form was sent in, tests not counted. One query."""
    rows = Submission.objects.filter(is_test=False).exclude(form_code__startswith="service/")
    return dict(rows.values_list("form_code").annotate(Count("id")))


def reserved_codes() -> set[str]:
    """Codes that no new form may have: those of others, and what addresses of the builder are called."""
    return {"new", "upload"} | {line.code for line in queries.forms()}


@dataclass(frozen=True, kw_only=True)
class WayRow:
    """One way from a page to another, in words."""

    page: str
    when: str  # "" for always
    to: str


def ways_in_words(form: Form) -> list[WayRow]:
    """Every way through the form, in the order of the pages."""
    rows: list[WayRow] = []
    codes = [page.code for page in form.pages]
    for number, page in enumerate(form.pages):
        name = heading_of(form, page.code)
        if page.stop is not None:
            rows.append(WayRow(page=name, when="", to=_("It ends here")))
            continue
        for way in page.next:
            when = rule_words(way.when, form) if way.when else ""
            rows.append(WayRow(page=name, when=when, to=heading_of(form, way.to)))
        if not page.next or page.next[-1].when is not None:
            after = codes[number + 1] if number + 1 < len(codes) else CHECK
            when = _("none of these holds") if page.next else ""
            rows.append(WayRow(page=name, when=when, to=heading_of(form, after)))
    return rows


def tests_of(code: str) -> list[Submission]:
    """What was sent to try the form out, the newest first; at most 20."""
    return list(Submission.objects.filter(form_code=code, is_test=True).order_by("-received_at")[:20])
