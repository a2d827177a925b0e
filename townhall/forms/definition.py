"""A form as data: pages of questions and words in order, the ways between them, named conditions and lists.

It is kept as plain JSON in `forms_formdefinition.definition`, goes to YAML and back without loss (`reading`), and runs by `engine`.
What `problems` says of it keeps it from being published.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from msgspec import Struct

from townhall.forms.questions import Asked, Choice, LogicRule, Question

CHECK = "check"  # where a route may lead besides a page: the answers are checked
RESERVED = frozenset(
    {CHECK, "start", "send", "sent", "save", "saved", "resume", "again", "copy-of-answers"}
)  # no page may be called so


class Words(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="type"):
    """What every part has that asks nothing. Texts are Markdown."""

    code: str = ""
    shown_when: LogicRule | None = None
    was: str = ""


class Paragraph(Words, frozen=True, tag="paragraph"):
    text: str


class Details(Words, frozen=True, tag="details"):
    """Folded away behind its title."""

    title: str
    text: str = ""


class Inset(Words, frozen=True, tag="inset"):
    text: str


class Warning(Words, frozen=True, tag="warning"):  # noqa: A001 - the design system's word
    text: str


class Bullets(Words, frozen=True, tag="bullets"):
    """A list to read: its own lines, or the names of one of the form's lists."""

    title: str = ""
    lines: tuple[str, ...] = ()
    list: str = ""
    is_numbered: bool = False


Content: TypeAlias = Paragraph | Details | Inset | Warning | Bullets
Part: TypeAlias = Content | Question


class Route(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One way on from a page. Of several, the first that holds is taken."""

    to: str  # a page's code, or CHECK
    when: LogicRule | None = None


class Stop(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """This form is not for them: what to do instead. The page is the end of the way."""

    text: str = ""  # Markdown
    link: str = ""
    link_text: str = ""


class FormPage(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One page. With no title the label of its only question is the heading."""

    code: str
    parts: tuple[Part, ...] = ()
    title: str = ""
    text: str = ""  # Markdown before the parts
    section: str = ""
    shown_when: LogicRule | None = None
    next: tuple[Route, ...] = ()  # when none holds, the page after this one; after the last, CHECK
    stop: Stop | None = None
    repeat: str = ""  # this page is asked for each item of that repeat
    button: str = ""  # instead of "Continue"
    was: str = ""

    @property
    def questions(self) -> tuple[Question, ...]:
        return tuple(part for part in self.parts if isinstance(part, Asked))


class Condition(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A condition with a name. Rules use it as {"condition": CODE}. Without a rule it was not understood, and never holds."""

    code: str
    words: str
    rule: LogicRule | None = None
    was: str = ""


class ChoiceList(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    code: str
    choices: tuple[Choice, ...]
    title: str = ""
    was: str = ""


class Section(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    code: str
    title: str
    was: str = ""


class Repeat(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Pages that follow one another and are asked for each of several things, such as children.

    Answer: a list of dicts under `code`. `count` names the number question that says how many; without it people add one after
    another, and the answer to "add another?" is kept under `more_code`.
    """

    code: str
    title: str  # heading of the list of them
    item: str  # one of them, such as "child"
    minimum: int = 1
    maximum: int = 20
    count: str = ""
    different: str = ""  # a question that each of them answers differently

    @property
    def more_code(self) -> str:
        return f"{self.code}__more"


class Fee(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is to be paid at the end: `pence` when the condition holds, times the number answered to `times`."""

    code: str
    words: str
    pence: int
    when: LogicRule | None = None
    times: str = ""


class Form(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A whole form, as kept in `forms_formdefinition.definition`."""

    code: str
    title: str
    pages: tuple[FormPage, ...]
    text: str = ""  # Markdown of the start page
    start: tuple[str, ...] = ()  # pages where it may begin; by default the first
    sections: tuple[Section, ...] = ()
    conditions: tuple[Condition, ...] = ()
    lists: tuple[ChoiceList, ...] = ()
    repeats: tuple[Repeat, ...] = ()
    fees: tuple[Fee, ...] = ()
    check: FormPage | None = None  # title and words of the page where the answers are checked; its code is CHECK
    declaration: str = ""  # Markdown, agreed to by sending
    after: str = ""  # Markdown: what happens next
    service: str = ""  # code in the catalogue
    help: str = ""  # Markdown: whom to ask
    privacy: str = ""  # address of the privacy notice
    texts: dict[
        str, dict[str, str]
    ] = {}  # per language, such as "cy": path (`languages`) → words; English where missing
    imported: dict[str, Any] = {}  # what another builder's form had that has no equal here, as it was

    def questions(self) -> tuple[Question, ...]:
        return tuple(question for page in self.pages for question in page.questions)

    def page(self, code: str) -> FormPage | None:
        return next((page for page in self.pages if page.code == code), None)
