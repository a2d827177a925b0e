"""What a second pair of eyes would ask before a reply goes out. It warns; only a card number stops a reply altogether."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from townhall.core.references import parse_reference, references_in

_ADDRESS = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
_SAYS_ATTACHED = re.compile(r"\b(attach(ed|ment|ments|ing)?|enclos(ed|ing|ure))\b", re.IGNORECASE)
_NOTHING_ATTACHED = re.compile(
    r"\b(your|you|was|were|not|no|nothing|could you|please)\b[^.?!\n]{0,40}\battach", re.IGNORECASE
)
_QUESTION = re.compile(r"[^.?!\n]*\?")
_WORD = re.compile(r"[^\W\d_]{3,}")
_GREETING = re.compile(
    r"^\s*(?:dear|hello|hi|good (?:morning|afternoon))\s+(?:mr|mrs|ms|miss|mx|dr)?\.?\s*"
    r"([^\W\d_][\w'’-]+(?:\s+[^\W\d_][\w'’-]+)?)\s*[,!\n]",
    re.IGNORECASE,
)
_ANYBODY: Final = frozenset({"sir", "madam", "customer", "resident", "all", "there", "again", "both", "everyone"})
# Words of a question that say nothing of what is asked.
_LITTLE = """
the and for you your our are was were will would could can may have has had this that what when where which who why how much many
please tell know about with from they them there does did not any get got one two also still but its been being into than then
need want like let say said some just more
"""
_SMALL: Final = frozenset(_LITTLE.split())
SHOWN = 80


@dataclass(frozen=True, kw_only=True)
class Finding:
    """`code` for the record, `words` for whoever writes."""

    code: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The mail that is answered, and what belongs to it."""

    words: str
    sender: str
    name: str
    references: Collection[str]  # those that its sender knows
    own_addresses: Collection[str]


def findings(reply: str, asked: Asked, *, files: int = 0) -> list[Finding]:
    """Everything there is to say, the gravest first."""
    return [*_others(reply, asked), *_questions(reply, asked), *_attachment(reply, files), *_name(reply, asked)]


def _others(reply: str, asked: Asked) -> Iterator[Finding]:
    known = {parse_reference(one) for one in asked.references}
    strange = [one.upper() for one in references_in(reply) if parse_reference(one) not in known]
    if strange:
        yield Finding(
            code="other_reference",
            words=_("%(reference)s is not a case of this customer.") % {"reference": ", ".join(dict.fromkeys(strange))},
        )
    may = {asked.sender, *asked.own_addresses}
    domains = {one.rpartition("@")[2] for one in asked.own_addresses}
    foreign = [
        one
        for one in _ADDRESS.findall(reply)
        if one.casefold() not in may and one.casefold().rpartition("@")[2] not in domains
    ]
    if foreign:
        yield Finding(
            code="other_address",
            words=_("%(address)s is neither the customer's address nor one of ours.") % {"address": foreign[0]},
        )


def _questions(reply: str, asked: Asked) -> Iterator[Finding]:
    answered = _stems(reply)
    for question in _QUESTION.findall(asked.words)[:20]:
        about = _stems(question)
        if about and not about & answered:
            yield Finding(
                code="question",
                words=_("They asked: “%(question)s”. Nothing in the reply speaks of it.")
                % {"question": " ".join(question.split())[-SHOWN:]},
            )


def _stems(text: str) -> set[str]:
    """The first letters of each word that says something, so that "collected" speaks of "collection"."""
    return {one.casefold()[:5] for one in _WORD.findall(text) if one.casefold() not in _SMALL}


def _attachment(reply: str, files: int) -> Iterator[Finding]:
    if files == 0 and _SAYS_ATTACHED.search(_NOTHING_ATTACHED.sub("", reply)):
        yield Finding(code="attachment", words=_("The reply speaks of an attachment, and there is none."))


def _name(reply: str, asked: Asked) -> Iterator[Finding]:
    greeted = _GREETING.match(reply)
    if greeted is None or not asked.name:
        return
    names = {one.casefold() for one in greeted[1].split()}
    if not names & _ANYBODY and not names & {one.casefold() for one in re.findall(r"[\w'’-]+", asked.name)}:
        yield Finding(
            code="name",
            words=_("The reply greets %(name)s, and %(sender)s wrote.") % {"name": greeted[1], "sender": asked.name},
        )
