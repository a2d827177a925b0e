"""From one row of somebody's file to a case of ours, or to what is wrong with it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from townhall.cases.operations.past import PastCase, problems
from townhall.cases.states import State
from townhall.catalogue.pack import ServicePack
from townhall.core.ids import uuid7
from townhall.core.loading.faults import NOT_TEXT, Fault
from townhall.core.loading.table import Row
from townhall.places.place import Place, Source
from townhall.places.projections import Projection
from townhall.places.whereabouts import whereabouts
from townhall.street.importing.mapping import Map, Means
from townhall.street.importing.services import Services

LONGEST_ID = 200  # characters
_CLOSED, _OPEN = Means(state="closed"), Means(state="awaiting_decision")

_Given = dict[str, str]  # by field of Columns
_Faults = dict[str, str]  # reason by field of Columns


@dataclass(frozen=True, kw_only=True)
class Report:
    """A row that can come in."""

    row: int
    external_id: str
    kind: str
    case: PastCase


class Reader:
    """Reads rows of one file. `at` is now."""

    def __init__(
        self, mapped: Map, headings: dict[str, int], services: Services, projection: Projection, *, at: datetime
    ) -> None:
        self._map, self._services, self._projection, self._at = mapped, services, projection, at
        self._columns = mapped.columns.all()
        self._where = {what: headings[name] for what, name in self._columns.items()}

    def external_id(self, row: Row) -> str:
        """Its number in the source; empty when it has none that can be kept."""
        found = "" if row.problem else row.fields[self._where["id"]].strip()
        return "" if NOT_TEXT.search(found) else found

    def read(self, row: Row) -> Report | list[Fault]:
        """The report, or everything that is wrong with the row (at least one fault)."""
        if row.problem:
            return self._faults(row, {"": row.problem})
        given = {what: row.fields[index].strip() for what, index in self._where.items()}
        faults = {
            what: _("It holds characters that are not text.") for what, text in given.items() if NOT_TEXT.search(text)
        }
        if faults:
            return self._faults(row, faults)
        case = self._case(given, faults)
        if case is None or faults:
            return self._faults(row, faults)
        return Report(row=row.number, external_id=given["id"], kind=given.get("type", ""), case=case)

    def _case(self, given: _Given, faults: _Faults) -> PastCase | None:
        """None, or one that is not to be used, when `faults` has something in it afterwards."""
        if not 0 < len(given["id"]) <= LONGEST_ID:
            faults["id"] = _("It is too long.") if given["id"] else _("It is empty.")
        opened, closed = self._time(given, "opened", faults), self._time(given, "closed", faults)
        if opened is None:
            faults.setdefault("opened", _("It is empty."))
        means = self._means(given, faults, is_over=closed is not None)
        word = given.get("channel", "")
        channel = self._map.channels.get(word, self._map.default_channel) or ""
        pack = self._services.of(given.get("type", ""))
        place = self._place(given, pack, faults)
        if opened is None or faults:
            return None
        case = PastCase(
            id=uuid7(),
            pack=pack,
            place=place,
            opened_at=opened,
            state=State(means.state),
            ended_at=closed,
            outcome_code=(means.outcome or pack.outcomes[0].code) if means.state == "closed" else "",
            outcome_text=given.get("outcome_text", ""),
            decline_reason=means.reason,
            referred_to=means.body,
            description=self._description(given),
            channel=channel,
            external_ref=given["id"],
            is_public=self._map.public,
        )
        faults.update(problems(case, at=self._at))
        return case

    def _time(self, given: _Given, what: str, faults: _Faults) -> datetime | None:
        text = given.get(what, "")
        if not text:
            return None
        try:
            return self._map.moment(text)
        except ValueError:
            faults[what] = _("It is not a date and time as the map says.")
            return None

    def _means(self, given: _Given, faults: _Faults, *, is_over: bool) -> Means:
        """What its state is here. Without a column for it, a closing date decides."""
        otherwise = _CLOSED if is_over else _OPEN
        if "state" not in given:
            return otherwise
        found = self._map.states.get(given["state"], self._map.default_state)
        if found is None:
            faults["state"] = _("The map does not say what this state means.")
        return found or otherwise

    def _description(self, given: _Given) -> str:
        parts: list[str] = []
        for number, _name in enumerate(self._map.columns.description, start=1):
            text = given[f"description {number}"]
            if text and text not in parts:
                parts.append(text)
        return ". ".join(parts)

    def _place(self, given: _Given, pack: ServicePack, faults: _Faults) -> Place:
        """By degrees or metres, and words; by words alone when both are empty."""
        spot: tuple[int, int] | None = None
        degrees: tuple[float, float] | None = None
        if given.get("lat") or given.get("lng"):
            degrees = self._pair(given, "lat", "lng", faults)
            spot = self._projection.to_grid(*degrees) if degrees else None
        elif given.get("easting") or given.get("northing"):
            metres = self._pair(given, "easting", "northing", faults)
            degrees = self._projection.to_wgs84(*metres) if metres else None
            spot = (round(metres[0]), round(metres[1])) if metres else None
        else:
            return Place(source=Source.IMPORT, address=given.get("address", ""))
        if spot is None or degrees is None:
            if not faults.keys() & {"lat", "lng", "easting", "northing"}:
                faults["lat" if "lat" in given else "easting"] = _("The place is beyond the council's projection.")
            return Place(source=Source.IMPORT)
        return Place(
            source=Source.IMPORT,
            easting=spot[0],
            northing=spot[1],
            lat=degrees[0],
            lng=degrees[1],
            address=given.get("address", ""),
            ward_code=whereabouts(*spot, service_code=pack.code).ward_code,
        )

    def _pair(self, given: _Given, one: str, other: str, faults: _Faults) -> tuple[float, float] | None:
        numbers = []
        for what in (one, other):
            try:
                number = float(given[what])
            except ValueError:
                number = math.nan
            if not math.isfinite(number):
                faults[what] = _("It is not a number.")
            numbers.append(number)
        return None if faults.keys() & {one, other} else (numbers[0], numbers[1])

    def _faults(self, row: Row, faults: _Faults) -> list[Fault]:
        external_id = self.external_id(row)
        return [
            Fault(row=row.number, external_id=external_id, column=self._columns.get(what, what), reason=reason)
            for what, reason in faults.items()
        ]
