"""Nobody makes us write to strangers, or fills the queues, faster than people do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from townhall.accounts import guessing
from townhall.cases.models import Follower
from townhall.cases.operations.telling import sign_follower
from townhall.core.references import ALPHABET, parse_reference
from townhall.notifications.models import Message
from townhall.portal.tests.makers import a_photo, go_to_check, make_report
from townhall.portal.views import limits

pytestmark = pytest.mark.usefixtures("borough")
OUTSIDE = "198.51.100.7"
BASE = "/report/fly-tipping"


@pytest.fixture
def at_most(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, int], None]:
    def set_to(name: str, most: int) -> None:
        monkeypatch.setattr(limits, name, replace(getattr(limits, name), most=most))

    return set_to


def outside(address: str = OUTSIDE) -> Client:
    return Client(REMOTE_ADDR=address)


def follow(reference: str, email: str, client: Client) -> Any:
    return client.post(f"/r/{reference}/followers", {"email": email})


def test_one_place_cannot_have_us_write_to_strangers_without_end(at_most: Callable[[str, int], None]) -> None:
    at_most("FOLLOWS", 3)
    made = make_report()
    answers = [follow(made.reference, f"stranger{number}@example.org", outside()) for number in range(5)]

    assert [answer.status_code for answer in answers] == [302, 302, 302, 429, 429]
    assert int(answers[-1]["Retry-After"]) > 0
    assert Message.objects.filter(template="case/following").count() == 3
    assert follow(made.reference, "other@example.org", outside("198.51.100.8")).status_code == 302


def test_one_mailbox_is_not_filled_from_many_places() -> None:
    answers = []
    for number in range(limits.MAILBOX.most + 2):
        made = make_report(key=f"k{number}")
        answers.append(follow(made.reference, "Victim@example.org", outside(f"198.51.100.{number}")).status_code)

    assert answers.count(302) == limits.MAILBOX.most
    assert Follower.objects.filter(email__iexact="victim@example.org").count() == limits.MAILBOX.most


def test_the_journey_is_held_up_too(at_most: Callable[[str, int], None]) -> None:
    at_most("REPORTS", 1)
    at_most("PHOTOS", 1)
    for expected in (302, 429):
        client = outside()
        go_to_check(client)
        assert client.post(f"{BASE}/check").status_code == expected
    for expected in (302, 429):
        assert client.post(f"{BASE}/photos", {"photos": a_photo()}).status_code == expected
    at_most("FOLLOWS", 1)
    made = make_report(key="k9")
    paths = [f"/r/{made.reference}/followers", f"{BASE}/nearby/{made.reference}/followers"]
    statuses = [client.post(path, {"email": "a@example.org"}).status_code for path in paths]
    assert statuses == [302, 429]


def test_look_ups_have_an_end(at_most: Callable[[str, int], None]) -> None:
    at_most("LOOK_UPS", 2)
    assert [outside().get(f"{BASE}/where?q=mill").status_code for _number in range(3)] == [200, 200, 429]


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "10.1.2.3", "192.168.0.9", "::ffff:10.0.0.1", "fd00::1", ""])
def test_our_own_network_is_not_counted(at_most: Callable[[str, int], None], address: str) -> None:
    at_most("FOLLOWS", 1)
    made = make_report()
    statuses = {follow(made.reference, f"n{number}@example.org", outside(address)).status_code for number in range(3)}
    assert statuses == {302}


def test_a_home_with_many_ipv6_addresses_is_one_place(at_most: Callable[[str, int], None]) -> None:
    at_most("FOLLOWS", 1)
    made = make_report()
    addresses = ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1")
    statuses = [
        follow(made.reference, f"n{at}@example.org", outside(one)).status_code for at, one in enumerate(addresses)
    ]
    assert statuses == [302, 429, 302]


def test_news_of_an_address_is_held_up_too(at_most: Callable[[str, int], None]) -> None:
    at_most("FOLLOWS", 1)
    statuses = []
    for number in range(2):
        client = outside()
        go_to_check(client)
        statuses.append(client.post(f"{BASE}/tell-me", {"email": f"stranger{number}@example.org"}).status_code)
    assert statuses == [302, 429]


def unknown(number: int) -> str:
    """A reference that nobody has, with the right check character."""
    return next(
        one for letter in ALPHABET if (one := parse_reference(f"ZZZZZ{number + 1:02}".replace("0", "A") + letter))
    )


def test_who_guesses_references_has_to_wait_and_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guessing, "REFERENCES", replace(guessing.REFERENCES, most=3))
    made = make_report()
    pages = ["/r/{}", "/r/{}/received", "/follow?reference={}", "/open311/v2/requests/{}.json"]
    library = outside()
    for _number in range(10):
        assert library.get(f"/r/{made.reference}").status_code == 200  # what is found is not counted
        assert library.get("/r/TH-1111-1112").status_code == 404  # nor what cannot be a reference

    first = [library.get(page.format(unknown(number))) for number, page in enumerate(pages[:3])]
    then = [library.get(page.format(unknown(9))) for page in pages]
    found = [library.get(page.format(made.reference)) for page in pages]

    assert [answer.status_code for answer in first] == [404, 404, 200]
    assert {answer.status_code for answer in [*then, *found]} == {429}
    assert all(int(answer["Retry-After"]) > 0 for answer in [*then, *found])
    assert outside("198.51.100.8").get(f"/r/{made.reference}").status_code == 200
    assert Client().get(f"/r/{unknown(9)}").status_code == 404  # our own network is not counted
    token = sign_follower(Follower.objects.get(case_id=made.case_id).pk)
    assert library.get(f"/r/{made.reference}?me={token}").status_code == 200  # a personal link is no guess


def test_many_numbers_asked_for_at_once_count_as_many_guesses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guessing, "REFERENCES", replace(guessing.REFERENCES, most=3))
    wanted = ",".join(unknown(number) for number in range(4))

    assert outside().get(f"/open311/v2/requests.json?service_request_id={wanted}").status_code == 429
