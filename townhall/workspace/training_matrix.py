"""The skills matrix: each person of a team against each module, in words that a colour only repeats."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from townhall.workforce import people
from townhall.workforce.models import Module, Pass
from townhall.workforce.people import Person
from townhall.workforce.states import PassState

SOON = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class Cell:
    """kind: good, soon, lapsed, missing (needed and never passed) or none."""

    kind: str
    expires_on: date | None = None
    is_cross: bool = False  # passed, though no post of theirs asks for it


@dataclass(frozen=True, kw_only=True)
class Line:
    person: Person
    cells: Sequence[Cell]
    may_own_complaints: bool


@dataclass(frozen=True, kw_only=True)
class Matrix:
    modules: Sequence[Module]
    lines: Sequence[Line]

    def share(self, place: int) -> int | None:
        """Of those who need the module, how many percent have it in date; None when nobody does."""
        needed = [line.cells[place] for line in self.lines if not line.cells[place].is_cross]
        counted = [cell for cell in needed if cell.kind != "none"]
        good = sum(cell.kind in ("good", "soon") for cell in counted)
        return round(100 * good / len(counted)) if counted else None


def matrix(*, on: date, teams: frozenset[UUID] | None = None, members: bool = False) -> Matrix:
    """People of these teams, or everybody, or Members alone. Three queries."""
    everybody = people.everybody(on=on)
    shown = everybody if teams is None else people.of_teams(everybody, teams)
    if members:
        shown = [one for one in everybody if one.is_member]
    modules = list(Module.objects.filter(is_active=True).order_by("name"))
    counts = (PassState.HELD, PassState.LAPSED)
    rows = Pass.objects.filter(user__in=[one.id for one in shown], state__in=counts, passed_on__lte=on)
    held = {(row.user_id, row.module_id): row.expires_on for row in rows}
    return Matrix(modules=modules, lines=[_line(one, modules, held, on) for one in shown])


def _line(one: Person, modules: Sequence[Module], held: dict[tuple[UUID, str], date | None], on: date) -> Line:
    cells = [_cell(one, module, held, on) for module in modules]
    about = [cell for cell, module in zip(cells, modules, strict=True) if module.for_complaints]
    return Line(
        person=one,
        cells=cells,
        may_own_complaints=not about or any(cell.kind in ("good", "soon") for cell in about),
    )


def _cell(one: Person, module: Module, held: dict[tuple[UUID, str], date | None], on: date) -> Cell:
    is_needed = bool(one.roles & set(module.roles))
    if (one.id, module.code) not in held:
        return Cell(kind="missing" if is_needed else "none")
    expires_on = held[one.id, module.code]
    if expires_on is not None and expires_on < on:
        return Cell(kind="lapsed", expires_on=expires_on, is_cross=not is_needed)
    soon = expires_on is not None and expires_on <= on + SOON
    return Cell(kind="soon" if soon else "good", expires_on=expires_on, is_cross=not is_needed)


def table(found: Matrix) -> Iterator[list[str]]:
    """As rows of a spreadsheet."""
    yield [_("Person"), _("Teams"), *(module.name for module in found.modules), _("May own complaints")]
    for line in found.lines:
        teams = ", ".join(name for _id, name in line.person.teams)
        complaints = _("Yes") if line.may_own_complaints else _("No")
        yield [line.person.name, teams, *(words(cell) for cell in line.cells), complaints]


def words(cell: Cell) -> str:
    until = cell.expires_on.isoformat() if cell.expires_on else ""
    match cell.kind:
        case "good":
            return _("In date until %(day)s") % {"day": until} if until else _("In date")
        case "soon":
            return _("Ends soon, %(day)s") % {"day": until}
        case "lapsed":
            return _("Lapsed %(day)s") % {"day": until}
        case "missing":
            return _("Needed, not passed")
        case _other:
            return ""
