"""API keys: who may knock at the machines' door, how often, and how that is known."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from unittest import mock

import pytest
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test import Client, override_settings
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from townhall.accounts import key_operations, keys
from townhall.accounts.models import ApiKey, Role
from townhall.accounts.queries import actor_for
from townhall.accounts.tests.makers import make_key, make_team, make_user
from townhall.accounts.web import actor
from townhall.core.access import api_key
from townhall.core.actors import SYSTEM, ActorKind
from townhall.core.errors import NotAllowed, WrongState
from townhall.ledger.models import Entry

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _fresh_keys() -> Iterator[None]:
    keys.forget()
    keys._buckets.clear()
    yield
    keys.forget()


@csrf_exempt
def _view(request: HttpRequest) -> HttpResponse:
    by = actor(request)
    return JsonResponse({"kind": by.kind, "id": by.id})


def _own_format(request: HttpRequest, refusal: keys.KeyRefused) -> HttpResponse:
    return HttpResponse(f"<error>{refusal.code}</error>", status=403, content_type="text/xml")


@csrf_exempt
def _other_view(request: HttpRequest) -> HttpResponse:
    return _view(request)


urlpatterns = [
    path("api", api_key("cases.write")(_view)),
    path("xml", api_key("cases.write", refuse=_own_format)(_other_view)),
]


@pytest.mark.django_db
@override_settings(ROOT_URLCONF=__name__)
def test_a_key_opens_what_its_scope_covers_and_the_actor_is_the_key(client: Client) -> None:
    key = make_key("cases.write")
    keys.forget()

    for answer in (
        client.get("/api", headers={"Authorization": f"Bearer {key}"}),
        client.get("/api", headers={"X-Api-Key": key}),
        client.get("/api", {"api_key": key}),
        client.post("/api", {"api_key": key}),
    ):
        assert answer.json() == {"kind": "connector", "id": str(ApiKey.objects.get().pk)}


@pytest.mark.django_db
@override_settings(ROOT_URLCONF=__name__)
def test_without_the_right_key_the_door_stays_shut_and_says_why(client: Client) -> None:
    other = make_key("cases.read")
    keys.forget()

    none = client.get("/api")
    unknown = client.get("/api", {"api_key": "th_nothing\0"})
    scope = client.get("/api", {"api_key": other})
    own = client.get("/xml")

    assert [(answer.status_code, answer.json()["code"]) for answer in (none, unknown, scope)] == [
        (401, "key_missing"),
        (401, "key_unknown"),
        (403, "scope_missing"),
    ]
    assert (own.status_code, own.content) == (403, b"<error>key_missing</error>")


@pytest.mark.django_db
def test_a_key_is_checked_without_a_query_once_keys_are_known() -> None:
    key = make_key("a")
    keys.forget()
    keys.check(key, scope="a", at=AT)

    with mock.patch("townhall.accounts.keys.fetch_all") as read, mock.patch("townhall.accounts.keys.execute") as write:
        for _time in range(100):
            keys.check(key, scope="a", at=AT)
        with pytest.raises(keys.KeyUnknown):
            keys.check("unknown", scope="a", at=AT)

    read.assert_not_called()
    write.assert_not_called()


@pytest.mark.django_db
def test_a_key_used_too_often_waits_for_its_bucket_to_fill() -> None:
    key = make_key("a", rate_per_minute=60)
    keys.forget()
    with mock.patch("townhall.accounts.keys.time.monotonic", return_value=1_000.0):
        for _time in range(60):
            keys.check(key, scope="a", at=AT)
        with pytest.raises(keys.TooFast):
            keys.check(key, scope="a", at=AT)
    with mock.patch("townhall.accounts.keys.time.monotonic", return_value=1_002.0):
        for _time in range(2):
            keys.check(key, scope="a", at=AT)
        with pytest.raises(keys.TooFast):
            keys.check(key, scope="a", at=AT)
    with mock.patch(
        "townhall.accounts.keys.time.monotonic", return_value=1_010.0
    ):  # the keys were read again meanwhile
        for _time in range(8):
            keys.check(key, scope="a", at=AT)
        with pytest.raises(keys.TooFast):
            keys.check(key, scope="a", at=AT)


@pytest.mark.capability("GOVN-03")
@pytest.mark.django_db
def test_use_is_written_down_to_a_quarter_of_an_hour() -> None:
    key = make_key("a")
    keys.forget()
    for minutes in (0, 1, 14, 16, 20, 40):
        keys.check(key, scope="a", at=AT + timedelta(minutes=minutes))

    assert ApiKey.objects.get().last_used_at == AT + timedelta(minutes=40)
    entries = Entry.objects.filter(verb="api_key.used").order_by("at")
    assert [entry.at for entry in entries] == [AT + timedelta(minutes=minutes) for minutes in (0, 16, 40)]
    assert {entry.actor_kind for entry in entries} == {ActorKind.CONNECTOR}


@pytest.mark.django_db(transaction=True)
def test_a_revoked_key_stops_at_once_here() -> None:
    made, key = key_operations.create_key(name="Works", scopes=["a"], by=SYSTEM, at=AT, team_id=make_team().pk)
    assert keys.check(key, scope="a", at=AT).teams == frozenset({made.team_id})

    key_operations.revoke_key(made.pk, by=SYSTEM, at=AT)

    with pytest.raises(keys.KeyUnknown):
        keys.check(key, scope="a", at=AT)
    with pytest.raises(WrongState):
        key_operations.revoke_key(made.pk, by=SYSTEM, at=AT)


@pytest.mark.django_db
def test_only_the_hash_is_kept_and_only_administrators_make_keys() -> None:
    administrator = actor_for(make_user(roles=(Role.ADMINISTRATOR,)), AT)
    made, key = key_operations.create_key(name="Open311", scopes=["b", "a", "a"], by=administrator, at=AT)

    assert key not in str(list(ApiKey.objects.values()))
    assert (made.prefix, made.scopes, str(made.created_by_id)) == (key[:8], ["a", "b"], administrator.id)
    with pytest.raises(NotAllowed):
        key_operations.create_key(name="X", scopes=[], by=actor_for(make_user(roles=(Role.OFFICER,)), AT), at=AT)
