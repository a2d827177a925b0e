"""Why two records may be one customer, or are two people of one household: in codes that are kept, and in words that are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from townhall.customers.matching.columns import Kind, clean
from townhall.customers.matching.likeness import COMPARISONS, SAME, SWAPPED
from townhall.customers.merging.said import COLUMNS, Row

CLOSE = 1  # a short form, one letter or digit apart
A_GENERATION = 12  # years

NAMES: Mapping[str, StrOrPromise] = {
    "forename": gettext_lazy("First name"),
    "surname": gettext_lazy("Last name"),
    "name": gettext_lazy("Name"),
    "born": gettext_lazy("Date of birth"),
    "house": gettext_lazy("House number"),
    "street": gettext_lazy("Street"),
    "postcode": gettext_lazy("Postcode"),
    "email": gettext_lazy("Email"),
    "phone": gettext_lazy("Phone"),
}
SAYS: Mapping[str, StrOrPromise] = {
    "the same": gettext_lazy("the same"),
    "one letter apart": gettext_lazy("one letter apart"),
    "very like": gettext_lazy("very like"),
    "something alike": gettext_lazy("something alike"),
    "different": gettext_lazy("different"),
    "nearly the same": gettext_lazy("nearly the same"),
    "like": gettext_lazy("like"),
    "a short form, or one letter apart": gettext_lazy("a short form, or one letter apart"),
    "forename and surname changed places": gettext_lazy("first and last name changed places"),
    "one digit apart, or day and month changed places": gettext_lazy(
        "one digit apart, or day and month changed places"
    ),
    "two digits apart": gettext_lazy("two digits apart"),
    "part of it": gettext_lazy("part of it"),
    "the same digits": gettext_lazy("the same digits"),
    "one digit apart": gettext_lazy("one digit apart"),
    "two letters apart": gettext_lazy("two letters apart"),
    "the same district": gettext_lazy("the same district"),
}
APART: Mapping[str, StrOrPromise] = {
    "twins": gettext_lazy("Born on one day with one last name, but with different first names: they may be twins."),
    "household": gettext_lazy("Different first names: they may live together, or share an email address or phone."),
    "generations": gettext_lazy("One name, but born many years apart: they may be parent and child."),
}


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One thing that was compared. `weight`: bits for it, or against it when below 0."""

    of: str
    says: str
    weight: float


def in_words(kind: str, evidence: Sequence[Sequence[object]]) -> list[Reason]:
    """From [column, level, bits] each, as a proposal keeps it; what most speaks for it first."""
    reasons = []
    for column, level, bits in evidence:
        assert isinstance(column, str)
        assert isinstance(level, int)
        assert isinstance(bits, int | float)
        said = COMPARISONS[COLUMNS[kind][column]].says[level]
        reasons.append(Reason(of=str(NAMES[column]), says=str(SAYS[said]), weight=float(bits)))
    return sorted(reasons, key=lambda one: -one.weight)


def apart(kind: str, levels: Mapping[str, int], one: Row, other: Row) -> str:
    """The code of APART why two people are not proposed as one, however much else agrees; "" when nothing says so."""
    if kind != "person":
        return ""
    first = levels["forename"]
    if first != SWAPPED and first > CLOSE and not _is_part(one["forename"], other["forename"]):
        is_one_day = levels["born"] == SAME and 0 <= levels["surname"] <= CLOSE
        if is_one_day and first > CLOSE:
            return "twins"
        if first > CLOSE + 1:
            return "household"
    years = [clean(Kind.BORN, row["born"])[:4] for row in (one, other)]
    if levels["born"] > CLOSE + 1 and all(years) and abs(int(years[0]) - int(years[1])) >= A_GENERATION:
        return "generations"
    return ""


def _is_part(one: str, other: str) -> bool:
    """An initial, or one of several first names."""
    ours, theirs = (clean(Kind.FORENAME, text).split() for text in (one, other))
    if not ours or not theirs:
        return True
    shared = set(ours) & set(theirs)
    initials = min(len(ours[0]), len(theirs[0])) == 1 and ours[0][0] == theirs[0][0]
    return bool(shared) or initials


def is_sure(kind: str, levels: Mapping[str, int]) -> bool:
    """Whether enough different things agree to merge without asking: the name, the birth date, and one way to reach them."""
    if kind != "person":
        return False
    named = 0 <= levels["forename"] <= CLOSE and 0 <= levels["surname"] <= CLOSE and levels["born"] == SAME
    at_home = levels["postcode"] == SAME and 0 <= levels["house"] <= CLOSE
    return named and (at_home or levels["email"] == SAME or levels["phone"] == SAME)
