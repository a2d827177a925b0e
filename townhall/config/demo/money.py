"""What Aldermere's people owe and have paid: bills, permits, penalty notices with pictures, and some weeks of payments by phone."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO
from random import Random

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from townhall.core.actors import SYSTEM
from townhall.core.money import Pence
from townhall.core.subjects import Subject
from townhall.core.time import council_date
from townhall.customers import operations as customers
from townhall.customers.operations import NewCustomer
from townhall.files import operations as files
from townhall.payments import operations as payments
from townhall.payments.models import ChargeKind, Method
from townhall.payments.operations import Owed
from townhall.payments.protocol import Found
from townhall.payments.states import PaymentState
from townhall.penalties import operations as penalties
from townhall.penalties.models import PenaltyNotice
from townhall.penalties.operations import NewNotice

BILL, NOTICE, MARK = "70001234", "AL10000001", "ZZ12 ABC"  # to try out
DUE_SOON = "70001236"  # within five days
PAYER = "Nadia Examplewood"
_BILLS = (  # kind, reference, what for, pence
    ("council-tax", BILL, "Council tax, this month's instalment", 14_520),
    ("council-tax", "70001235", "Council tax, this month's instalment", 17_310),
    ("council-tax", "70001236", "Council tax, this month's instalment", 12_105),
    ("rent", "R4410021", "Rent for this week", 11_240),
    ("rent", "R4410022", "Rent for this week", 9_875),
    ("parking-permit", "PP220114", "Resident's parking permit, zone H, one year", 8_500),
    ("garden-waste", "GW50071", "Garden waste collection, one bin, one year", 5_800),
    ("library-charge", "L9900412", "Books brought back late", 340),
    ("licence-fee", "LIC30077", "Licence for a street stall, one month", 12_000),
    ("business-rates", "88000310", "Business rates, this month's instalment", 64_250),
)
_NOTICES = (  # number, mark, code, what happened, where
    (NOTICE, MARK, "01", "Parked in a restricted street during prescribed hours", "High Street"),
    ("AL10000002", "ZZ34 DEF", "12", "Parked in a residents' place without a permit", "Harbour Row"),
    ("AL10000003", "ZZ56 GHI", "47", "Stopped on a restricted bus stop", "Station Road"),
    ("AL10000004", "ZZ78 JKL", "40", "Parked in a disabled person's place without a badge", "Market Street"),
)
_PAID_BY_PHONE = 60


def load_money(*, at: datetime, random: Random) -> None:
    """Once, into a fresh demo; through the operations, so that every figure has its ledger entry."""
    today = council_date(at)
    payer = customers.create(NewCustomer(name=PAYER), by=SYSTEM, at=at)
    for number, (kind, reference, words, pence) in enumerate(_BILLS):
        payments.owe(
            Owed(
                kind=kind,
                reference=reference,
                description=words,
                amount_pence=Pence(pence),
                due_on=today + timedelta(days=5 if reference == DUE_SOON else 14),
                customer_id=payer.pk if number == 0 else None,
                payer_name=PAYER if number == 0 else "",
                source="demo",
                key=reference,
            ),
            by=SYSTEM,
            at=at - timedelta(days=3),
        )
    for notice in _NOTICES:
        _notice(*notice, at=at - timedelta(days=2))
    for kind in ("penalty-notice", "parking-permit"):
        payments.open_counter("main-centre", kind, live_on=today - timedelta(days=30), by=SYSTEM, at=at)
    _past(at=at, random=random)


def _notice(number: str, mark: str, code: str, words: str, street: str, *, at: datetime) -> None:
    today = council_date(at)
    notice = penalties.issue(
        NewNotice(
            number=number,
            mark=mark,
            contravention_code=code,
            contravention=words,
            place=street,
            seen_at=at,
            amount_pence=Pence(7_000),
            discount_pence=Pence(3_500),
            discount_until=today + timedelta(days=14),
            due_on=today + timedelta(days=28),
        ),
        by=SYSTEM,
        at=at,
    )
    for picture in (1, 2):
        _picture(notice, picture, at=at)


def _picture(notice: PenaltyNotice, number: int, *, at: datetime) -> None:
    """A drawn car with its number plate."""
    picture = Image.new("RGB", (640, 420), (190, 205, 215))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 300, 640, 420), fill=(95, 95, 100))
    draw.line((0, 390, 640, 390), fill=(250, 205, 60), width=8)
    left = 70 * number
    draw.rounded_rectangle((left, 190, left + 380, 320), radius=30, fill=(150, 40, 50))
    draw.polygon([(left + 70, 195), (left + 120, 120), (left + 270, 120), (left + 320, 195)], fill=(120, 30, 40))
    for wheel in (left + 90, left + 290):
        draw.ellipse((wheel - 38, 285, wheel + 38, 361), fill=(20, 20, 20))
    draw.rectangle((left + 130, 250, left + 260, 285), fill=(250, 220, 90))
    draw.text((left + 145, 260), notice.mark, fill=(0, 0, 0), font_size=20)
    kept = BytesIO()
    picture.save(kept, "PNG")
    upload = SimpleUploadedFile(f"notice-{number}.png", kept.getvalue(), content_type="image/png")
    about = Subject(kind="penalty", id=notice.pk)
    files.store(upload, about=about, purpose="evidence", by=SYSTEM, at=at)


def _past(*, at: datetime, random: Random) -> None:
    """Payments of the last eight weeks by the automated phone line, which needs no other system."""
    kinds = list(ChargeKind.objects.order_by("order").values_list("code", flat=True))
    moments = sorted(at - timedelta(minutes=random.randint(60, 56 * 24 * 60)) for _ in range(_PAID_BY_PHONE))
    for number, moment in enumerate(moments):
        charge = payments.owe(
            Owed(
                kind=random.choice(kinds[1:]),
                reference=f"P{number:06d}",
                description="Paid by phone",
                amount_pence=Pence(random.randint(10, 400) * 50),
                source="demo",
                key=f"past-{number}",
            ),
            by=SYSTEM,
            at=moment,
        )
        payment = payments.start(charge.pk, method=Method.PHONE, by=SYSTEM, at=moment)
        came = PaymentState.SUCCESS if random.random() < 0.9 else PaymentState.FAILED
        found = Found(
            provider_id=payment.provider_id,
            reference=charge.reference,
            state=came,
            code="" if came is PaymentState.SUCCESS else "P0010",
            amount_pence=payment.amount_pence,
        )
        payments.record(payment.pk, found, by=SYSTEM, at=moment + timedelta(minutes=3))
