"""Every field of every public form with what nobody should type: a clear answer, what was typed kept, and never a fault."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from townhall.cases import operations as cases
from townhall.cases.models import Follower
from townhall.cases.operations.telling import sign_follower
from townhall.core.time import now
from townhall.portal.tests.makers import HOME, go_to_check, make_report
from townhall.portal.tests.test_following import an_officer, finish

pytestmark = pytest.mark.usefixtures("borough")
BASE = "/report/fly-tipping"
BAD = {
    "long": "x" * 6000,
    "empty": "",
    "spaces": "   \n ",
    "wrong": "[object Object]",
    "emoji": "🗑️🚮 𝔘𝔫𝔦",
    "right to left": "שלום مرحبا \u202e dlrow",
    "nul": "a\x00b\x00",
    "surrogate": "\ud800",
    "markup": "<script>alert('1')</script>\"'>{{ 7*7 }}",
    "sql": "'; DROP TABLE cases_case; --",
    "digits": "٣" * 20,
    "number": "1e400",
}
Form = tuple[str, dict[str, str], Callable[[Client], None]]


def _nothing(client: Client) -> None:
    pass


def _placed(client: Client) -> None:
    client.post(f"{BASE}/where", {"q": "12 mill", "choice": f"address:{HOME}"})


LAT, LNG = "51.506200", "-0.122300"
FORMS: dict[str, Form] = {
    "where": (
        f"{BASE}/where",
        {
            "how": "map",
            "choice": "",
            "words": "By the gate",
            "q": "12 mill",
            "place_lat": LAT,
            "place_lng": LNG,
            "place_view": f"{LAT},{LNG},240",
            "place_move": "",
            "place_map.x": "",
            "place_map.y": "",
        },
        _nothing,
    ),
    "words": (f"{BASE}/where", {"how": "words", "words": "Here"}, _nothing),
    "details": (
        f"{BASE}/details",
        {
            "size": "bag",
            "kinds": "garden",
            "bags": "2",
            "since-day": "1",
            "since-month": "2",
            "since-year": "2026",
            "seen": "Nobody",
            "description": "Old",
            "asked": "size",
        },
        _placed,
    ),
    "photos": (f"{BASE}/photos", {"remove": "x", "photos": "x"}, _placed),
    "contact": (
        f"{BASE}/contact",
        {"contact-name": "Sam", "contact-email": "sam@example.org", "contact-phone": "", "contact-prefers": "email"},
        _placed,
    ),
    "check": (f"{BASE}/check", {"anything": "x"}, go_to_check),
}
SEARCHES = {
    "report": ("/report", "q"),
    "services": ("/services", "q"),
    "where": (f"{BASE}/where", "q"),
    "follow": ("/follow", "reference"),
    "reports ward": ("/reports", "ward"),
    "reports service": ("/reports", "service"),
    "reports after": ("/reports", "after"),
    "pins": (f"{BASE}/nearby.json", "lat"),
}
FIELDS = [(name, field) for name, (_path, fields, _before) in FORMS.items() for field in fields]


def _sent(text: str) -> str:
    """As a browser would send it: half a character cannot travel."""
    return text.encode("utf-8", "replace").decode()


@pytest.mark.parametrize(("name", "field"), FIELDS, ids=[f"{name}:{field}" for name, field in FIELDS])
def test_a_form_answers_clearly(client: Client, name: str, field: str) -> None:
    path, good, before = FORMS[name]
    before(client)
    kept = [value for one, value in good.items() if one != field and one in ("seen", "contact-name")]

    for kind, bad in BAD.items():
        answer = client.post(path, {**good, field: _sent(bad)})
        words = answer.content.decode()
        assert answer.status_code in (200, 302, 422), (kind, answer.status_code)
        assert "<script>alert" not in words, kind
        if answer.status_code == 422:
            assert "There is a problem" in words, kind
            assert all(value in words for value in kept), kind


@pytest.mark.parametrize(("path", "field"), SEARCHES.values(), ids=SEARCHES.keys())
def test_a_search_answers_clearly(client: Client, path: str, field: str) -> None:
    for kind, bad in BAD.items():
        answer = client.get(path, {field: _sent(bad)})
        assert answer.status_code in (200, 302, 400), (kind, answer.status_code)
        assert "<script>alert" not in answer.content.decode(), kind


@pytest.mark.parametrize("field", ["email", "not_fixed", "reply", "more", "me", "nearby"])
def test_answering_back_answers_clearly(client: Client, field: str) -> None:
    made = make_report()
    me = sign_follower(Follower.objects.get().pk)
    if field == "not_fixed":
        finish(made.case_id)
    if field == "reply":
        cases.ask_customer(made.case_id, question="Which side?", by=an_officer(), at=now())
    paths = {"email": "followers", "not_fixed": "reopening", "reply": "reply", "more": "more", "me": "more"}
    _placed(client)

    for kind, bad in BAD.items():
        if field == "nearby":
            answer = client.post(f"{BASE}/nearby/{made.reference}/followers", {"email": _sent(bad)})
        else:
            answer = client.post(f"/r/{made.reference}/{paths[field]}", {"me": me, "more": "x", field: _sent(bad)})
        assert answer.status_code in (302, 404, 422), (kind, answer.status_code)
        assert "<script>alert" not in answer.content.decode(), kind


@pytest.mark.parametrize("cookie", ["", "x", "a" * 5000, "é", "'; --"])
def test_a_cookie_that_is_not_ours_begins_again(client: Client, cookie: str) -> None:
    client.cookies["report-fly-tipping"] = cookie

    assert client.get(f"{BASE}/details").status_code in (302, 410)


@pytest.mark.parametrize("reference", ["%00", "x" * 3000, "🗑", "..%2f..", "TH-", "<script>"])
def test_a_reference_that_is_none_is_not_found(client: Client, reference: str) -> None:
    assert client.get(f"/r/{reference}").status_code == 404
    assert client.post(f"/r/{reference}/followers", {"email": "sam@example.org"}).status_code == 404
