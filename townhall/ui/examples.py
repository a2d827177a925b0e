"""What /ui-components shows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django import forms

from townhall.ui.map_features import middle
from townhall.ui.map_view import MapView

TODAY = date(2026, 5, 6)
MORNING = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
STATES = (
    "received",
    "offered",
    "accepted",
    "scheduled",
    "in_progress",
    "waiting_customer",
    "completed",
    "refused",
    "reopened",
    "closed",
)


class ExampleForm(forms.Form):
    name = forms.CharField(
        label="Full name",
        error_messages={"required": "Enter your full name"},
        widget=forms.TextInput(attrs={"autocomplete": "name", "spellcheck": "false"}),
    )
    email = forms.EmailField(
        label="Email address",
        help_text="We will only use this to tell you about your report",
        error_messages={"invalid": "Enter an email address in the right format, like name@example.org"},
    )
    size = forms.ChoiceField(
        label="Size of bin", choices=[("140", "140 litres"), ("240", "240 litres")], widget=forms.RadioSelect
    )


def everything() -> dict[str, Any]:
    form = ExampleForm({"name": "", "email": "sam@example", "size": "240"})
    lat, lng = middle() or (54.6, 1.4)
    return {
        "form": form,
        "today": TODAY,
        "due_dates": [TODAY - timedelta(days=3), TODAY, TODAY + timedelta(days=2), TODAY + timedelta(days=20)],
        "states": STATES,
        "steps": steps(),
        "entries": entries(),
        "view": MapView(lat=lat, lng=lng),
        "nearby": nearby(lat, lng),
    }


def steps() -> list[dict[str, Any]]:
    return [
        {"title": "We received your report", "state": "done", "at": MORNING},
        {"title": "Street cleansing accepted it", "state": "done", "at": MORNING + timedelta(hours=3)},
        {"title": "A crew is booked", "state": "current", "note": "They expect to be there on Friday 8 May."},
        {"title": "Cleared", "state": "next", "on": date(2026, 5, 8)},
    ]


def entries() -> list[dict[str, Any]]:
    return [
        {
            "at": MORNING + timedelta(hours=3),
            "title": "Accepted",
            "by": "Priya Shah, Street cleansing",
            "note": "Two mattresses and a fridge.",
        },
        {"at": MORNING, "title": "Reported on the website", "by": "", "note": ""},
    ]


def nearby(lat: float, lng: float) -> list[dict[str, Any]]:
    return [
        {
            "lat": lat + 0.0003,
            "lng": lng - 0.0006,
            "title": "Street light out",
            "href": "#near-1",
            "note": "reported 3 days ago",
        },
        {
            "lat": lat - 0.0004,
            "lng": lng + 0.0005,
            "title": "Fly-tipping by the pond",
            "href": "#near-2",
            "note": "a crew is booked",
        },
    ]
