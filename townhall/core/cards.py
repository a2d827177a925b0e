"""Card numbers, which must never be kept (PCI DSS): words that hold one are refused before they are saved."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from django.utils.translation import gettext_lazy as _

from townhall.core.errors import BadInput

SHORTEST, LONGEST = 13, 19  # digits of a card number
# Enough digits in a row, with at most one space, dash or dot between two of them.
_RUNS: Final = re.compile(r"\d(?:[ .\-]?\d){12,}")
_ISSUERS: Final = "23456"  # what card numbers begin with
REFUSAL: Final = _(
    "Do not write down card numbers. Take this one out, and ask the customer to pay online, by phone or at a counter."
)

LEFT_OUT: Final = _("[a card number was here]")


def has_card_number(text: str) -> bool:
    """Whether something in `text` is as long as a card number, begins as one and has its check digit (Luhn)."""
    return any(_is_card(number) for run in _RUNS.findall(text) for number in _numbers(run))


def refuse_card_numbers(**fields: str) -> None:
    """Raises BadInput under the name of each field that holds a card number."""
    problems = {name: REFUSAL for name, text in fields.items() if has_card_number(text)}
    if problems:
        raise BadInput(problems)


def without_card_numbers(text: str) -> str:
    """Words that another system took down: what must not be kept is left out, the rest is."""
    return _RUNS.sub(lambda run: str(LEFT_OUT) if any(_is_card(one) for one in _numbers(run[0])) else run[0], text)


def _numbers(run: str) -> Iterator[str]:
    """What of a run of digits may be one number: neighbouring groups of it, as a card number may stand beside a date or a phone number."""
    groups = re.split(r"[ .\-]", run)
    for start in range(len(groups)):
        number = ""
        for group in groups[start:]:
            number += group
            if len(number) > LONGEST:
                break
            if len(number) >= SHORTEST:
                yield number


def _is_card(number: str) -> bool:
    if number[0] not in _ISSUERS or len(set(number)) == 1:
        return False
    digits = [int(one) for one in number]
    doubled = [digit * 2 - 9 if digit > 4 else digit * 2 for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
