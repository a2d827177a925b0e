"""The home of an account shows each tile for whom there is something, and reads none for whom there is nothing."""

from __future__ import annotations

from datetime import date, time, timedelta
from uuid import UUID, uuid4

import pytest

from townhall.admissions.models import Application, Round, Version
from townhall.config import tiles as council_tiles
from townhall.core.time import now
from townhall.customers.accounts.models import Level
from townhall.documents.models import Document
from townhall.forms.models import Draft
from townhall.housing.models import Repair, Visit
from townhall.housing.states import VisitState
from townhall.payments.tests.makers import make_charge
from townhall.permits.models import Permit
from townhall.portal.account import tiles
from townhall.portal.account.tiles import Viewer
from townhall.portal.tests.residents import customer_of, make_account
from townhall.standing import kinds

pytestmark = pytest.mark.django_db
HAD = {"drafts", "repairs", "bills", "documents", "schools", "permits"}


def _something_of_each(customer_id: UUID) -> None:
    at, day = now(), date(2026, 9, 1)
    Draft.objects.create(
        token_hash="t",
        form_code="garden-waste",
        channel="web",
        by_kind="customer",
        customer_id=customer_id,
        started_at=at,
        updated_at=at,
        expires_at=at + timedelta(days=1),
    )
    repair = Repair.objects.create(
        case_id=uuid4(), reference="R-1", customer_id=customer_id, problem="tap", trade="plumber", made_at=at
    )
    Visit.objects.create(
        repair=repair,
        state=VisitState.BOOKED,
        slot="s",
        on=day,
        begins=time(9),
        ends=time(12),
        made_at=at,
        changed_at=at,
    )
    Permit.objects.create(
        number="PP-1",
        case_id=uuid4(),
        customer_id=customer_id,
        holder_name="Sam",
        uprn="100001",
        address="12 Mill Lane",
        zone_code="A",
        months=12,
        place_in_home=1,
        price_pence=5_000,
        asked_at=at,
    )
    _application(customer_id)
    Document.objects.create(
        key="d",
        customer_id=customer_id,
        kind="letter",
        title="A letter",
        subject_kind="case",
        subject_id=uuid4(),
        html="<p>Words</p>",
        by_kind="system",
        made_at=at,
    )
    make_charge(customer_id=customer_id)


def _application(customer_id: UUID) -> None:
    at, case_id = now(), uuid4()
    made = Application.objects.create(
        round=Round.objects.create(code="r", name="Primary", kind="during", opens_on=date(2026, 1, 1)),
        reference="A-1",
        case_id=case_id,
        customer_id=customer_id,
        child_name="Noor",
        child_born=date(2022, 5, 1),
        child_key="noor",
        applicant_name="Sam",
        received_at=at,
        changed_at=at,
    )
    Version.objects.create(
        application=made,
        number=1,
        case_id=case_id,
        is_current=True,
        preferences=[],
        details={},
        made_at_place=Application.At.HOME,
        at=at,
    )


def _shown(customer_id: UUID) -> set[str]:
    kinds = frozenset({"resident", "self"})
    viewer = Viewer(customer_id=customer_id, uprn="", kinds=kinds, level=Level.EMAIL, at=now())
    return {one.tile.code for one in tiles.tiles_for(viewer)}


def test_every_tile_comes_with_its_first_thing_and_for_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(council_tiles, "_title", lambda line: line.form_code)  # no form is published here
    sam, kim = customer_of(make_account()), customer_of(make_account("Kim"))
    assert not _shown(sam) & HAD

    _something_of_each(sam)

    assert _shown(sam) >= HAD
    assert not _shown(kim) & HAD


def test_what_says_that_there_is_nothing_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def tile(code: str, asks: str) -> tiles.Tile:
        def reads(_viewer: Viewer) -> str:
            read.append(code)
            return code

        return tiles.Tile(code=code, title=code, template="", read=reads, asks=asks)

    made = [tile("no", "false"), tile("null", "NULL::text"), tile("empty", "ARRAY[]::text[]"), tile("any", "")]
    monkeypatch.setattr(tiles, "_tiles", {one.code: one for one in made})

    assert _shown(uuid4()) == {"empty", "any"}
    assert sorted(read) == ["any", "empty"]


def test_what_only_the_desk_asks_for_has_no_tile() -> None:
    shown = {tile.code for tile in tiles.registered()}

    assert {"standing-council-tax", "standing-electoral"} <= shown
    assert not shown & {f"standing-{kind.code}" for kind in kinds.every() if kind.at_desk_only}
