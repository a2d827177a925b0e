"""The channels, reasons and kinds of avoidable contact that every council starts with. What it has changed since stays."""

from __future__ import annotations

from django.utils.translation import gettext as _

from townhall.contacts.models import AvoidableReason, Channel, Reason


def seed_reference_data() -> None:
    """Add what is missing. Safe at every start."""
    Channel.objects.bulk_create(
        [Channel(code=code, name=name, order=order) for order, (code, name) in enumerate(_channels())],
        ignore_conflicts=True,
    )
    Reason.objects.bulk_create(
        [Reason(code=code, name=name, order=order) for order, (code, name) in enumerate(_reasons())],
        ignore_conflicts=True,
    )
    AvoidableReason.objects.bulk_create(
        [
            AvoidableReason(code=code, name=name, examples=list(examples), order=order)
            for order, (code, name, *examples) in enumerate(_avoidable())
        ],
        ignore_conflicts=True,
    )


def _channels() -> list[tuple[str, str]]:
    return [
        ("phone", _("Phone, with an adviser")),
        ("phone_automated", _("Phone, automated")),
        ("counter", _("Face to face")),
        ("email", _("Email")),
        ("web", _("Web form")),
        ("account", _("Account")),
        ("text", _("Text message")),
        ("kiosk", _("Kiosk")),
        ("telepresence", _("Telepresence")),
        ("bsl_vrs", _("Sign-language video")),
        ("relay_text", _("Text relay")),
        ("letter", _("Letter")),
        ("fax", _("Fax")),
        ("social", _("Social media")),
        ("visit", _("Site or home visit")),
        ("councillor", _("Through a councillor")),
        ("api", _("Another system")),
    ]


def _reasons() -> list[tuple[str, str]]:
    return [
        ("report", _("Report a problem")),
        ("request", _("Ask for a service")),
        ("progress", _("Ask for progress")),
        ("information", _("Ask for information")),
        ("change", _("Tell us about a change")),
        ("payment", _("Pay or ask about a payment")),
        ("dissatisfied", _("Not happy with something")),
        ("other", _("Something else")),
    ]


def _avoidable() -> list[tuple[str, str, str, str]]:
    """Code, name and two worked examples each."""
    return [
        (
            "progress_chasing",
            _("Asking for progress"),
            _("The date we gave has passed and nobody wrote"),
            _("They never had a date"),
        ),
        (
            "unnecessary_clarification",
            _("Our letter, form or page was unclear"),
            _("They did not know which part of the form to fill in"),
            _("The letter did not say what to do next"),
        ),
        (
            "poor_signposting_or_transfer",
            _("Wrong number or team"),
            _("The page gave the number of another service"),
            _("They were put through twice"),
        ),
        (
            "repeat_notification",
            _("Telling us the same change twice"),
            _("They had told another team of the new address"),
            _("They had sent the same form last week"),
        ),
        (
            "repeat_after_premature_closure",
            _("An earlier request was closed too soon"),
            _("We said that it was cleared and it was not"),
            _("The repair failed within days"),
        ),
        (
            "information_should_be_online",
            _("It should be on the website"),
            _("The opening hours were not there"),
            _("The page about permits has no prices"),
        ),
        (
            "council_error",
            _("We made a mistake"),
            _("The bill was for the wrong house"),
            _("The wrong bin was delivered"),
        ),
        (
            "self_service_failed",
            _("The online form or account did not work"),
            _("The form stopped with an error"),
            _("They could not sign in"),
        ),
        (
            "missed_appointment_or_callback",
            _("We missed an appointment or a call back"),
            _("Nobody came on the day"),
            _("We said that we would phone and did not"),
        ),
    ]
