"""Accounts that the stand-ins keep: made up from the number itself, so that one number always stands alike, until something is paid."""

from __future__ import annotations

import threading
import zlib
from datetime import date, timedelta
from typing import Any

from townhall.core.time import council_date, now

KINDS = {"revenues": ("council_tax",), "housing": ("rent", "leasehold"), "benefits": ("benefit",)}
_BILLS = (131_240, 153_113, 174_987, 196_860)
_RENTS = (9_875, 10_430, 11_240, 12_655)
_TITLES = ("The Salt Road", "Birds of the Estuary", "Bread for Beginners", "A Short History of Bridges", "Night Ferry")
_STREETS = ("Wharf House", "Tern Court", "Sailmakers' Row", "Beacon Point")
_PARTS = (
    ("Cleaning and lighting", 41),
    ("Lift", 17),
    ("Insurance of the building", 23),
    ("Grounds", 12),
    ("Managing", 7),
)


class Accounts:
    """Safe to use from many threads. A number that begins with 00 is nobody's."""

    def __init__(self, code: str) -> None:
        self.code = code
        self._lock = threading.RLock()
        self._paid: dict[str, list[tuple[date, int]]] = {}
        self._debits: set[str] = set()
        self._plans: dict[str, tuple[int, date]] = {}

    def pay(self, number: str, pence: int) -> None:
        with self._lock:
            self._paid.setdefault(_key(number), []).insert(0, (_today(), pence))

    def set_up_debit(self, number: str) -> None:
        with self._lock:
            self._debits.add(_key(number))

    def arrange(self, number: str, pence: int) -> None:
        with self._lock:
            self._plans[_key(number)] = (pence, _today())

    def paid(self, number: str) -> int:
        with self._lock:
            return sum(pence for _on, pence in self._paid.get(_key(number), ()))

    def shown(self, kind: str, number: str) -> dict[str, Any] | None:
        """As the API gives it; None for a number that nobody has."""
        key = _key(number)
        if kind not in KINDS.get(self.code, ()) or len(key) < 5 or key.startswith("00"):
            return None
        with self._lock:
            paid = list(self._paid.get(key, ()))
            common = {"number": number, "by_direct_debit": key in self._debits}
            plan = self._plans.get(key)
        match kind:
            case "council_tax":
                return {**common, **_council_tax(_chance(key), sum(pence for _on, pence in paid))}
            case "rent":
                return {**common, **_rent(_chance(key), paid, plan)}
            case "benefit":
                return {"number": number, **_benefit(_chance(key))}
        return {"number": number, **_leasehold(_chance(key), sum(pence for _on, pence in paid))}


def _council_tax(chance: int, paid: int) -> dict[str, Any]:
    bill = _BILLS[chance % 4]
    today = _today()
    begins = date(today.year if today.month >= 4 else today.year - 1, 4, 1)
    dates = [_month(begins, number) for number in range(10)]
    each = bill // 10
    left = paid
    rows: list[dict[str, Any]] = []
    for number, on in enumerate(dates):
        pence = bill - each * 9 if number == 0 else each
        is_past = on < today
        is_covered = not is_past and left >= pence
        left -= pence if is_covered else 0
        rows.append({"on": on.isoformat(), "pence": pence, "is_paid": is_past or is_covered})
    balance = sum(row["pence"] for row in rows if row["on"] >= today.isoformat()) - paid
    return {
        "balance_pence": balance,
        "year": f"{begins.year} to {begins.year + 1}",
        "band": "ABCD"[chance % 4],
        "instalments": rows,
    }


def _rent(chance: int, paid: list[tuple[date, int]], plan: tuple[int, date] | None) -> dict[str, Any]:
    weekly, today = _RENTS[chance % 4], _today()
    monday = today - timedelta(days=today.weekday())
    owed = weekly * (chance // 4 % 4)  # up to three weeks behind
    balance = owed - sum(pence for _on, pence in paid)
    rows: list[dict[str, Any]] = []
    running = balance
    for on, pence in paid:
        rows.append({"on": on.isoformat(), "words": "Payment", "pence": -pence, "balance_pence": running})
        running += pence
    for weeks in range(8):
        on = monday - timedelta(weeks=weeks)
        rows.append({"on": on.isoformat(), "words": "Rent", "pence": weekly, "balance_pence": running})
        running -= weekly
        if weeks >= chance // 4 % 4:
            on_paid = on - timedelta(days=3)
            rows.append({"on": on_paid.isoformat(), "words": "Payment", "pence": -weekly, "balance_pence": running})
            running += weekly
    return {
        "balance_pence": balance,
        "weekly_pence": weekly,
        "arrears_pence": max(balance, 0),
        "entries": rows,
        "arrangement": {"pence": plan[0], "since": plan[1].isoformat()} if plan else None,
    }


def _leasehold(chance: int, paid: int) -> dict[str, Any]:
    charge, today = 96_000 + chance % 900 * 100, _today()
    parts = [{"words": words, "pence": charge * share // 100} for words, share in _PARTS]
    house = _STREETS[chance % 4]
    return {
        "balance_pence": charge // 2 - paid,
        "year": f"{today.year} to {today.year + 1}",
        "parts": parts,
        "works": [
            {
                "code": f"W{chance % 900 + 100}",
                "title": f"New roof, {house}",
                "stage": "Notice of intention",
                "words": "The roof is at the end of its life. We plan to renew it and to add insulation.",
                "estimate_pence": 340_000,
                "comments_from": (today - timedelta(days=10)).isoformat(),
                "comments_until": (today + timedelta(days=20)).isoformat(),
            }
        ],
    }


def card(number: str, *, paid: int = 0) -> dict[str, Any] | None:
    """A library card: some books, one of them perhaps late with a fine."""
    key = _key(number)
    if len(key) < 5 or key.startswith("00"):
        return None
    chance = _chance(key)
    return {"number": number, "fines_pence": max(chance % 5 * 85 - paid, 0), "loans": loans(number)}


def loans(number: str) -> list[dict[str, Any]]:
    chance = _chance(_key(number))
    made = [
        {
            "id": f"{_key(number)}-{place}",
            "card": number,
            "title": _TITLES[(chance + place) % len(_TITLES)],
            "due_on": (_today() + timedelta(days=chance % 7 + 5 * place - 2)).isoformat(),
            "is_renewable": place != 1,
        }
        for place in range(chance % 3 + 1)
    ]
    return sorted(made, key=lambda one: str(one["due_on"]))


def _benefit(chance: int) -> dict[str, Any]:
    weekly = 4_000 + chance % 60 * 100
    return {
        "state": ("in payment", "in payment", "being assessed")[chance % 3],
        "weekly_pence": weekly,
        "paid_to": ("their rent account", "their landlord", "themselves")[chance % 3],
        "next_on": (_today() + timedelta(days=chance % 14 + 1)).isoformat(),
        "next_pence": weekly * 4,
    }


def collections(uprn: str) -> dict[str, Any] | None:
    """What the waste system says of a home: a home whose number begins with 00 has no rounds."""
    if uprn.startswith("00"):
        return None
    chance, today = _chance(uprn), _today()
    streams = ("refuse", "recycling", "garden")[: 2 + chance % 2]
    results = ("collected", "collected", "bin not out")
    return {
        "next": [
            {"stream": one, "on": (today + timedelta(days=1 + place * 3)).isoformat()}
            for place, one in enumerate(streams)
        ],
        "last": [
            {
                "stream": one,
                "on": (today - timedelta(days=6 - place)).isoformat(),
                "result": results[(chance + place) % 3],
            }
            for place, one in enumerate(streams)
        ],
    }


def permits(uprn: str) -> dict[str, Any]:
    """What the parking system says of a home: one permit or none."""
    chance = _chance(uprn)
    if chance % 2:
        return {"permits": []}
    ends = (_today() + timedelta(days=chance % 300 + 10)).isoformat()
    return {
        "permits": [
            {"number": f"PP-{chance % 10_000:04d}", "zone": "ABC"[chance % 3], "state": "valid", "ends_on": ends}
        ]
    }


def elector(uprn: str, name: str) -> dict[str, Any]:
    chance = _chance(uprn + name.casefold())
    if not uprn or chance % 5 == 0:
        return {"status": "not_registered"}
    return {
        "status": "registered",
        "since": date(_today().year - 1, 12, 1).isoformat(),
        "polling_place": ("Main library", "Harbour school hall", "St Wilfrid's hall")[chance % 3],
    }


def day_of(text: str) -> date:
    """A date as it stands in an address; today when it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return _today()


def _key(number: str) -> str:
    return "".join(letter for letter in number.upper() if letter.isalnum())


def _chance(key: str) -> int:
    return zlib.crc32(key.encode())


def _month(begins: date, number: int) -> date:
    months = begins.month - 1 + number
    return date(begins.year + months // 12, months % 12 + 1, 1)


def _today() -> date:
    return council_date(now())
