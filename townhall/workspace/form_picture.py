"""The ways through a form drawn: a box for each page in a column, arrows at the side where a way leads elsewhere than to the next."""

from __future__ import annotations

from dataclasses import dataclass

from townhall.forms import ways
from townhall.forms.definition import CHECK, Form
from townhall.workspace.form_drafts import heading_of

WIDTH, HEIGHT, GAP = 260, 44, 26  # of a box, and between two, in pixels
LANE, LANES = 14, 12  # how far apart arrows at the side are, and how many there is room for
LONGEST = 34  # letters in a box


@dataclass(frozen=True, kw_only=True)
class Box:
    words: str
    x: int
    y: int
    is_end: bool


@dataclass(frozen=True, kw_only=True)
class Picture:
    """`arrows` are paths of an SVG."""

    boxes: list[Box]
    arrows: list[str]
    width: int
    height: int
    box_width: int = WIDTH
    box_height: int = HEIGHT


def of(form: Form) -> Picture:
    codes = [*(page.code for page in form.pages), CHECK]
    row = {code: number for number, code in enumerate(codes)}
    stops = {page.code for page in form.pages if page.stop is not None}
    boxes = [
        Box(words=_short(heading_of(form, code)), x=10, y=_top(row[code]), is_end=code in stops or code == CHECK)
        for code in codes
    ]
    arrows, lane = [], 0
    for code, targets in ways.leads_to(form).items():
        for to in targets:
            if to not in row:
                continue
            if row[to] == row[code] + 1:
                arrows.append(f"M{10 + WIDTH // 2} {_top(row[code]) + HEIGHT} V{_top(row[to]) - 2}")
            else:
                x = 10 + WIDTH + LANE * (lane % LANES + 1)
                start, end = _top(row[code]) + HEIGHT // 2 + 6, _top(row[to]) + HEIGHT // 2 - 6
                arrows.append(f"M{10 + WIDTH} {start} H{x} V{end} H{12 + WIDTH}")
                lane += 1
    width = 10 + WIDTH + LANE * (min(lane, LANES) + 1) + 10
    return Picture(boxes=boxes, arrows=arrows, width=width, height=_top(len(codes)))


def _top(row: int) -> int:
    return 10 + row * (HEIGHT + GAP)


def _short(words: str) -> str:
    return words if len(words) <= LONGEST else words[: LONGEST - 1].rstrip() + "…"
