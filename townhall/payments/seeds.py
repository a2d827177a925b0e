"""The kinds of charge that every council starts with. Loading them again makes no doubles and keeps its changes."""

from __future__ import annotations

from typing import Final

from townhall.payments.models import ChargeKind

# code, name, where the payer finds the reference, service of the catalogue, whether it comes first at counters
_KINDS: Final = (
    ("penalty-notice", "Penalty notice", "The number of the notice, such as AL12345678", "penalty-notices", True),
    ("parking-permit", "Parking permit", "At the top of the renewal letter", "parking-permits", True),
    ("council-tax", "Council tax", "The account number on the bill", "council-tax", False),
    ("rent", "Council rent", "The rent account number on the rent statement", "housing-rents", False),
    ("business-rates", "Business rates", "The account number on the bill", "business-rates", False),
    (
        "garden-waste",
        "Garden waste collection",
        "On the renewal letter or the sticker of the bin",
        "garden-waste",
        False,
    ),
    ("library-charge", "Library fine or charge", "The number on the library card", "libraries", False),
    ("licence-fee", "Licence fee", "On the letter about the licence", "licensing", False),
    ("planning-fee", "Planning application fee", "The application number", "planning", False),
    ("fixed-penalty", "Fixed penalty for litter, fly-tipping or dog fouling", "On the notice", "enforcement", False),
    ("invoice", "Another invoice of the council", "The invoice number", "finance", False),
)


def seed_reference_data() -> None:
    ChargeKind.objects.bulk_create(
        (
            ChargeKind(
                code=code, name=name, reference_hint=hint, service_code=service, order=order, first_at_counters=first
            )
            for order, (code, name, hint, service, first) in enumerate(_KINDS)
        ),
        ignore_conflicts=True,
    )
