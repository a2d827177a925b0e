"""What pages show of deals and vouchers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from townhall.core.db import fetch_all
from townhall.core.paging import Page, page_of, read_id
from townhall.core.time import council_date
from townhall.engagement.deals.operations import last_of
from townhall.engagement.states import Deal as State

PAGE = 20
_COLUMNS = """d.id, d.trader_id, d.trader_name, d.title, d.offer, d.terms, d."where", d.most, d.month, d.state, d.reason, d.issued,
    (SELECT count(*) FROM engagement_voucher v WHERE v.deal_id = d.id AND v.redeemed_at IS NOT NULL) AS redeemed,
    EXISTS (SELECT 1 FROM engagement_deal n WHERE n.renews_id = d.id) AS is_renewed"""
_LIST = f"SELECT {_COLUMNS} FROM engagement_deal d WHERE {{where}} AND d.id > %s ORDER BY d.id LIMIT %s"  # noqa: S608 - pieces of ours alone
_SHOWN = _LIST.format(where="d.state = 'approved' AND d.month = %s")
_WAITING = _LIST.format(where="d.state = 'offered'")
_ONE = f"SELECT {_COLUMNS} FROM engagement_deal d WHERE d.id = %s"  # noqa: S608 - pieces of ours alone
_YOURS = f"""SELECT {_COLUMNS} FROM engagement_deal d WHERE d.trader_id = %s AND d.id < %s
    ORDER BY d.id DESC LIMIT %s"""  # noqa: S608 - pieces of ours alone
_OF_MONTH = f"""SELECT {_COLUMNS} FROM engagement_deal d WHERE d.state <> 'offered' AND d.id < %s
    ORDER BY d.id DESC LIMIT %s"""  # noqa: S608 - pieces of ours alone
_VOUCHERS = """SELECT v.id, v.code, v.issued_at, v.redeemed_at, d.id, d.title, d.offer, d.terms, d."where", d.trader_name, d.month
    FROM engagement_voucher v JOIN engagement_deal d ON d.id = v.deal_id WHERE v.customer_id = %s"""
_FIRST, _LAST = UUID(int=0), UUID(int=2**128 - 1)


@dataclass(frozen=True, kw_only=True)
class DealLine:
    id: UUID
    trader_id: UUID
    trader_name: str
    title: str
    offer: str
    terms: str
    where: str
    most: int | None
    month: date
    state: State
    reason: str
    issued: int
    redeemed: int
    is_renewed: bool

    @property
    def left(self) -> int | None:
        """Vouchers; None without a limit."""
        return None if self.most is None else max(self.most - self.issued, 0)

    @property
    def ends_on(self) -> date:
        return last_of(self.month)


@dataclass(frozen=True, kw_only=True)
class VoucherLine:
    id: UUID
    code: str
    issued_at: datetime
    redeemed_at: datetime | None
    deal_id: UUID
    title: str
    offer: str
    terms: str
    where: str
    trader_name: str
    month: date

    @property
    def ends_on(self) -> date:
        return last_of(self.month)


def shown(*, at: datetime, after: str = "", size: int = PAGE) -> Page[DealLine]:
    """What is on this month, a page at a time. One query."""
    rows = fetch_all(_SHOWN, (council_date(at).replace(day=1), read_id(after) or _FIRST, size + 1))
    return _page(rows, size)


def waiting(*, after: str = "", size: int = PAGE) -> Page[DealLine]:
    """What staff have still to read, oldest first."""
    return _page(fetch_all(_WAITING, (read_id(after) or _FIRST, size + 1)), size)


def decided(*, after: str = "", size: int = PAGE) -> Page[DealLine]:
    """What was decided or is over, newest first, with its counts."""
    return _page(fetch_all(_OF_MONTH, (read_id(after) or _LAST, size + 1)), size)


def of_trader(trader_id: UUID, *, after: str = "", size: int = PAGE) -> Page[DealLine]:
    """A trader's own, newest first."""
    return _page(fetch_all(_YOURS, (trader_id, read_id(after) or _LAST, size + 1)), size)


def deal(deal_id: UUID) -> DealLine | None:
    rows = fetch_all(_ONE, (deal_id,))
    return _line(rows[0]) if rows else None


def vouchers_of(customer_id: UUID, *, limit: int = 50) -> list[VoucherLine]:
    """The newest first. One query."""
    rows = fetch_all(f"{_VOUCHERS} ORDER BY v.issued_at DESC LIMIT %s", (customer_id, limit))
    return [_voucher(row) for row in rows]


def voucher(voucher_id: UUID, customer_id: UUID) -> VoucherLine | None:
    """A customer's own; None for anybody else's."""
    rows = fetch_all(f"{_VOUCHERS} AND v.id = %s", (customer_id, voucher_id))
    return _voucher(rows[0]) if rows else None


def voucher_of(deal_id: UUID, customer_id: UUID) -> VoucherLine | None:
    rows = fetch_all(f"{_VOUCHERS} AND v.deal_id = %s", (customer_id, deal_id))
    return _voucher(rows[0]) if rows else None


def _page(rows: Sequence[tuple[Any, ...]], size: int) -> Page[DealLine]:
    return page_of([_line(row) for row in rows], size=size, key=lambda one: (one.id,))


def _line(row: Sequence[Any]) -> DealLine:
    values = dict(zip(DealLine.__dataclass_fields__, row, strict=True))
    return DealLine(**{**values, "state": State(values["state"])})


def _voucher(row: Sequence[Any]) -> VoucherLine:
    return VoucherLine(**dict(zip(VoucherLine.__dataclass_fields__, row, strict=True)))
