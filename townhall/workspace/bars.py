"""A picture of bars, drawn by the server. The same figures stand in a table beside it, so the picture needs no words."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from markupsafe import Markup

WIDTH, HEIGHT, FOOT = 720, 220, 24


def bars(figures: Sequence[tuple[str, int]], *, label: str) -> Markup:
    """`figures`: what stands under each bar, and its height in any unit. Negative counts as nothing."""
    most = max((value for _name, value in figures), default=0)
    if most <= 0:
        return Markup("")
    step = WIDTH / len(figures)
    drawn = []
    for number, (name, value) in enumerate(figures):
        height = max(value, 0) / most * (HEIGHT - FOOT - 4)
        left, top = number * step + step * 0.1, HEIGHT - FOOT - height
        drawn.append(f'<rect x="{left:.1f}" y="{top:.1f}" width="{step * 0.8:.1f}" height="{height:.1f}"/>')
        if number % max(1, len(figures) // 8) == 0:
            drawn.append(
                f'<text x="{number * step + step / 2:.1f}" y="{HEIGHT - 6}" text-anchor="middle">{escape(name)}</text>'
            )
    return Markup(  # noqa: S704 - the names are escaped, and the figures are ours
        f'<svg class="ws-bars" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(label)}">{"".join(drawn)}</svg>'
    )
