"""The map: a short YAML file that says which column of somebody's CSV is what, and what their words mean here."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta

from townhall.catalogue import strict_yaml
from townhall.catalogue.pack import Calendar, Code, Days, Line, Part
from townhall.core.loading.faults import Refused


class Columns(Part, frozen=True):
    """Names of columns in the file's first row. Empty: the file does not say."""

    id: Line
    opened: Line
    type: str = ""  # what kind of report it is
    group: str = ""  # a group of kinds, for services made on the way
    closed: str = ""
    state: str = ""
    lat: str = ""  # WGS84 degrees …
    lng: str = ""
    easting: str = ""  # … or metres in the council's projection
    northing: str = ""
    address: str = ""
    description: tuple[Line, ...] = ()  # joined by full stops
    outcome_text: str = ""
    channel: str = ""

    def all(self) -> dict[str, str]:
        """Column by what it is, those that are given."""
        single = {
            name: value for name in self.__struct_fields__ if isinstance(value := getattr(self, name), str) and value
        }
        return single | {f"description {number}": name for number, name in enumerate(self.description, start=1)}


class Means(Part, frozen=True):
    """What a word for a state means here."""

    state: Literal["awaiting_decision", "accepted", "closed", "declined", "referred", "withdrawn"]
    outcome: str = ""  # closed: a code of the service's outcomes; its first when empty
    reason: str = ""  # declined: a code of the service's reasons
    body: str = ""  # referred: the name of the other organisation


class NewServices(Part, frozen=True):
    """What services made on the way have in common. Teams and posts that do not exist are made as well."""

    group: Line = "Imported reports"
    owner_team: Code = "imported-reports"
    teller: Code = "imported-reports-officer"
    senior_manager: Code = "imported-reports-manager"
    portfolio_holder: Code = "imported-reports-member"
    days: Days = 20
    calendar: Calendar = "COUNCIL_OPEN"
    live: bool = False  # offered to the public; somebody should read it through first


class Map(Part, frozen=True):
    source: Code  # a report's number is unique within it
    name: Line  # of the system or organisation, as shown
    columns: Columns
    timezone: str = "Europe/London"  # of times without one
    dates: str = ""  # as in strptime; ISO 8601 when empty
    encoding: str = "utf-8-sig"
    delimiter: Annotated[str, Meta(min_length=1, max_length=1)] = ","
    services: dict[str, Code] = {}  # by type
    default_service: Code = "other-report"
    states: dict[str, Means] = {}  # by word
    default_state: Means | None = None  # for a word that is not there
    channels: dict[str, Code | None] = {}  # by word; null when nobody got in touch
    default_channel: Code | None = None
    public: bool = True  # shown to everybody, as far as its service shows reports
    new_services: NewServices = NewServices()

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def moment(self, text: str) -> datetime:
        """The moment that a text of the file names, in UTC. Raises ValueError."""
        read = datetime.strptime(text, self.dates) if self.dates else datetime.fromisoformat(text)  # noqa: DTZ007
        try:
            return (read if read.tzinfo else read.replace(tzinfo=self.zone)).astimezone(UTC)
        except OverflowError as error:  # at the ends of the calendar
            raise ValueError(str(error)) from error


def read_map(path: Path) -> Map:
    """Raises Refused with the file, line and what is wrong."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{path}: {error}") from error
    try:
        value, node = strict_yaml.load(text)
    except strict_yaml.YamlError as error:
        raise Refused(f"{path}:{error.line}: {error}") from error
    try:
        found = msgspec.convert(value, Map)
    except msgspec.ValidationError as error:
        message, _at, where = str(error).partition(" - at `")
        line = strict_yaml.line_of(node, where.rstrip("`") or "$")
        raise Refused(f"{path}:{line}: {message}{' at ' + where.rstrip('`') if where else ''}") from error
    _check(found, path)
    return found


def _check(found: Map, path: Path) -> None:
    columns = found.columns
    for one, other in (("lat", "lng"), ("easting", "northing")):
        if bool(getattr(columns, one)) != bool(getattr(columns, other)):
            raise Refused(f"{path}: columns: {one} and {other} go together.")
    if columns.lat and columns.easting:
        raise Refused(f"{path}: columns: give lat and lng, or easting and northing, not both.")
    try:
        found.zone  # noqa: B018 - made to see whether it can be
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise Refused(f"{path}: there is no time zone {found.timezone!r}.") from error
    try:
        "".encode(found.encoding)
    except LookupError as error:
        raise Refused(f"{path}: there is no encoding {found.encoding!r}.") from error
