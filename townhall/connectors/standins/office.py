"""What a stand-in answers at once when it is asked, and what it does while somebody waits (contracts)."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from townhall.connectors.standins import accounts
from townhall.connectors.standins.accounts import Accounts
from townhall.connectors.standins.book import Book, Event, Job
from townhall.connectors.standins.diary import Diary, Taken
from townhall.connectors.standins.interpreters import Busy, Interpreters
from townhall.core.time import now

Answer = tuple[int, dict[str, Any]]
_NONE: Answer = (404, {"error": "no such thing"})


class Office:
    """One system's accounts and diary. `cards`: the library's, as far as anybody asked for them."""

    def __init__(self, code: str, book: Book) -> None:
        self.code = code
        self.book = book
        self.accounts = Accounts(code)
        self.diary = Diary()
        self.interpreters = Interpreters()
        self.cards: list[str] = []

    def look(self, parts: list[str], query: dict[str, list[str]]) -> Answer | None:
        """None: not for the office."""
        match self.code, [unquote(part) for part in parts]:
            case _, ["accounts", kind, number]:
                return _found(self.accounts.shown(kind, number))
            case "library", ["cards", number]:
                return self._card(number)
            case "library", ["loans"]:
                return 200, self._due(query)
            case "library", ["fines"]:
                every = [{"card": one, "pence": self._fines(one)} for one in self.cards]
                return 200, {"fines": [one for one in every if one["pence"]], "after": ""}
            case "interpreters", ["calls", call_id] if call_id in self.interpreters.calls:
                return 200, self.interpreters.shown(call_id)
            case "waste", ["premises", uprn, "collections"]:
                return _found(accounts.collections(uprn))
            case "permits", ["premises", uprn, "permits"]:
                return 200, accounts.permits(uprn)
            case "housing", ["slots"]:
                return 200, {"slots": self.diary.free(_one(query, "trade"), accounts.day_of(_one(query, "from")))}
            case "housing", ["bookings", booking_id] if booking_id in self.diary.bookings:
                return 200, self.diary.shown(booking_id)
        return None

    def take(self, parts: list[str], key: str, content: dict[str, Any]) -> Answer | None:
        """None: not for the office."""
        try:
            match self.code, parts:
                case "housing", ["holds"]:
                    return 201, self.diary.hold(str(content.get("slot")), key)
                case "housing", ["bookings"]:
                    about = {name: value for name, value in content.items() if name not in ("hold", "replaces")}
                    hold, replaces = str(content.get("hold")), str(content.get("replaces", ""))
                    return 201, self.diary.book(hold, about, replaces=replaces, key=key)
                case "housing", ["bookings", booking_id, "release"]:
                    return _found(self.diary.release(booking_id))
                case "interpreters", _:
                    return self._interpret(parts, key, content)
                case "electoral", ["electors", "find"]:
                    return 200, accounts.elector(str(content.get("uprn", "")), str(content.get("name", "")))
        except (Taken, Busy) as error:
            return 409, {"error": str(error)}
        return None

    def _interpret(self, parts: list[str], key: str, content: dict[str, Any]) -> Answer | None:
        match parts:
            case ["calls"]:
                return 201, self.interpreters.start(
                    str(content.get("language", "")), str(content.get("third", "")), key
                )
            case ["calls", call_id, "end"]:
                return _found(self.interpreters.end(call_id))
            case ["interpreters"]:
                return 201, self.interpreters.book(content, key)
            case ["interpreters", booking_id, "cancel"]:
                return _found(self.interpreters.cancel(booking_id))
        return None

    def took(self, job: Job) -> tuple[str, dict[str, Any]] | None:
        """What follows at once from a delivery that it took; None: nothing, or a clerk has to look."""
        answers = job.content.get("answers") or {}
        number = str(job.content.get("account") or answers.get("account", ""))
        pence = _whole(job.content.get("pence") or answers.get("weekly"))
        match job.kind:
            case "account.paid":
                self.accounts.pay(number, pence)
                return "It is on the account.", {}
            case "direct_debit.set_up" if not number.startswith("00"):
                self.accounts.set_up_debit(number)
                return "The Direct Debit is set up.", {"direct_debit": {"account": number}}
        return None

    def completed(self, job: Job) -> None:
        """A clerk agreed."""
        answers = job.content.get("answers") or {}
        if job.kind == "rent.arrangement":
            self.accounts.arrange(str(answers.get("account", "")), _whole(answers.get("weekly")))

    def visit(self, booking_id: str, *, status: str = "", move: bool = False) -> Answer:
        """A planner or the trade did something with a visit; Townhall is told."""
        known = self.diary.bookings.get(booking_id)
        if known is None:
            return _NONE
        shown = self.diary.change(booking_id, status=status, slot=self.diary.next_after(known.slot) if move else "")
        body = {"kind": "housing.visit", "at": now().isoformat(), "visit": shown}
        event = Event(id=f"{booking_id}-{now().timestamp():.6f}", body=body)
        self.book.tell(event)
        return 200, shown or {}

    def _card(self, number: str) -> Answer:
        found = accounts.card(number, paid=self.accounts.paid(number))
        if found is not None and number not in self.cards:
            self.cards.append(number)
        return _found(found)

    def _fines(self, number: str) -> int:
        found = accounts.card(number, paid=self.accounts.paid(number))
        return found["fines_pence"] if found else 0

    def _due(self, query: dict[str, list[str]]) -> dict[str, Any]:
        first, last = _one(query, "due_from"), _one(query, "due_until")
        after, limit = _one(query, "after"), int(_one(query, "limit") or 500)
        every = [loan for card in self.cards for loan in accounts.loans(card) if first <= loan["due_on"] <= last]
        rest = sorted((one for one in every if one["id"] > after), key=lambda one: str(one["id"]))
        page = rest[:limit]
        return {"loans": page, "after": page[-1]["id"] if len(rest) > limit else ""}


def _found(shown: dict[str, Any] | None) -> Answer:
    return _NONE if shown is None else (200, shown)


def _one(query: dict[str, list[str]], name: str) -> str:
    return query.get(name, [""])[0]


def _whole(value: object) -> int:
    try:
        return int(str(value))
    except ValueError:
        return 0
