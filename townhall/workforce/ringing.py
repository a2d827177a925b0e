"""What happens when a clock of staff rings."""

from __future__ import annotations

from townhall.clocks.events import ClockRang
from townhall.workforce import champions, guidelines, inductions, training

_ANSWERS = {
    training.CLOCK: training.clock_rang,
    inductions.CLOCK: inductions.clock_rang,
    champions.CLOCK: champions.clock_rang,
    guidelines.CLOCK: guidelines.clock_rang,
}


def clock_rang(event: ClockRang) -> None:
    answer = _ANSWERS.get(event.kind)
    if answer is not None:
        answer(event)
