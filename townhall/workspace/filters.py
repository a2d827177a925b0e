"""What somebody chose to see of a queue, as it stands in the page's address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from urllib.parse import urlencode

from townhall.cases.models import OPEN_STATES

CONTRACTOR = "contractor"  # what these teams sent out, which stands in no queue of theirs
WHOSE = ("mine", "unassigned", CONTRACTOR)


@dataclass(frozen=True, kw_only=True)
class Filters:
    """Empty means all. `team` is a team's code."""

    team: str = ""
    state: str = ""
    service: str = ""
    ward: str = ""
    whose: str = ""
    late: bool = False

    def key(self) -> tuple[object, ...]:
        return (self.state, self.service, self.ward, self.whose, self.late)

    @property
    def is_any(self) -> bool:
        return any(self.key())

    def but(self, **changes: object) -> str:
        """The address's query with these filters changed, back on the first page."""
        return replace(self, **changes).query()  # type: ignore[arg-type]

    def query(self, **more: str) -> str:
        chosen = {one.name: getattr(self, one.name) for one in fields(self)}
        parts = {name: "1" if value is True else value for name, value in chosen.items() if value}
        return urlencode({**parts, **more}) or "all=1"


def read(query: Mapping[str, str]) -> Filters:
    """From a query typed by anybody: what makes no sense is left out."""
    state, whose = query.get("state", ""), query.get("whose", "")
    return Filters(
        team=query.get("team", "")[:60],
        state=state if state in OPEN_STATES else "",
        service=query.get("service", "")[:60],
        ward=query.get("ward", "")[:60],
        whose=whose if whose in WHOSE else "",
        late=query.get("late", "") == "1",
    )
