"""The browsers to test with (ACCT-06): the fewest that stand for 95 of 100 visits, and a few that nobody counts but somebody has."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final

import msgspec
from django.db.models import Sum

from townhall.insight.models import BrowserView
from townhall.insight.visitors import NO_SCRIPT, WIDTHS

COVERED: Final = 0.95
DAYS: Final = 90
_SHAPES: Final = {
    "phone": 2.0,
    "tablet": 1.33,
    "desk": 0.6,
    "console": 0.5625,
    "tv": 0.5625,
    "other": 0.75,
}  # height of width
_USUAL: Final = {"phone": 390, "tablet": 768, "desk": 1280, "console": 1280, "tv": 1280, "other": 768}
_TOUCHED: Final = ("phone", "tablet")


@dataclass(frozen=True, kw_only=True)
class Tested:
    """One browser to walk the site with. share: of visits, 0 where it is in the set for being unusual."""

    device: str
    family: str
    width: int
    height: int
    has_touch: bool
    has_script: bool
    share: float
    why: str


# Whatever the figures say: the smallest screen that pages must fit, and browsers that can do little.
UNUSUAL: Final = (
    Tested(
        device="phone", family="any", width=320, height=568, has_touch=True, has_script=True, share=0,
        why="the narrowest screen that pages are made for",
    ),
    Tested(
        device="tv", family="a television's", width=960, height=540, has_touch=False, has_script=False, share=0,
        why="a television: no script, few lines",
    ),
    Tested(
        device="console", family="a games console's", width=854, height=480, has_touch=False, has_script=True, share=0,
        why="a games console's own browser",
    ),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Share:
    device: str
    family: str
    width: int
    views: int
    share: float


def shares(*, since: date) -> list[Share]:
    """Browsers by device, family and width, the most used first. Where no width was told, the usual one of the device. One query."""
    rows = (
        BrowserView.objects.filter(on__gte=since)
        .exclude(width=NO_SCRIPT)
        .values_list("device", "family", "width")
        .annotate(seen=Sum("views"))
    )
    measured: dict[tuple[str, str, int], int] = defaultdict(int)
    opened: dict[tuple[str, str, int], int] = defaultdict(int)
    for device, family, width, seen in rows:
        if width:
            measured[device, family, WIDTHS.get(width, _USUAL["other"])] += seen
        else:
            opened[device, family, _USUAL.get(device, _USUAL["other"])] += seen
    found = measured or opened
    every = sum(found.values())
    ordered = sorted(found.items(), key=lambda one: (-one[1], one[0]))
    return [
        Share(device=device, family=family, width=width, views=views, share=views / every)
        for (device, family, width), views in ordered
    ]


def without_script(*, since: date) -> int:
    """How many browsers that ran no script showed a page."""
    return BrowserView.objects.filter(on__gte=since, width=NO_SCRIPT).aggregate(seen=Sum("views"))["seen"] or 0


def tested_set(*, since: date) -> list[Tested]:
    """The set to test with. Only the unusual ones where nothing was counted yet."""
    return [*_most_used(shares(since=since)), *UNUSUAL]


def _most_used(found: list[Share]) -> list[Tested]:
    made: list[Tested] = []
    covered = 0.0
    for one in found:
        if covered >= COVERED:
            break
        covered += one.share
        made.append(
            Tested(
                device=one.device,
                family=one.family,
                width=one.width,
                height=round(one.width * _SHAPES.get(one.device, 0.75)),
                has_touch=one.device in _TOUCHED,
                has_script=True,
                share=round(one.share, 4),
                why=f"{one.share:.1%} of visits",
            )
        )
    return made


def as_file(made: list[Tested], *, since: date, until: date) -> str:
    """The set as the journeys read it."""
    content: dict[str, Any] = {
        "since": since.isoformat(),
        "until": until.isoformat(),
        "covers": round(sum(one.share for one in made), 4),
        "browsers": [asdict(one) for one in made],
    }
    return msgspec.json.format(msgspec.json.encode(content), indent=2).decode() + "\n"
