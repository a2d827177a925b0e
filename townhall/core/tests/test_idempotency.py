"""The same request twice does the work once, also when both come at once or the first one fails."""

from __future__ import annotations

import threading
from uuid import UUID

import pytest
from django.db import connection, transaction

from townhall.core.actors import PUBLIC, Actor, ActorKind
from townhall.core.errors import KeyReused
from townhall.core.idempotency import first_time, request_hash
from townhall.core.ids import uuid7

OTHER = Actor(kind=ActorKind.CONNECTOR, id="7")


def claim(
    request: object = "a", *, key: str = "k", by: Actor = PUBLIC, operation: str = "open"
) -> tuple[UUID, UUID | None]:
    made = uuid7()
    with transaction.atomic():
        return made, first_time(operation, key=key, by=by, request=request, result=made)


@pytest.mark.django_db
def test_the_second_time_names_what_the_first_made() -> None:
    made, earlier = claim()
    assert earlier is None
    assert claim()[1] == made


@pytest.mark.django_db
def test_a_key_with_another_request_is_refused() -> None:
    claim("a")
    with pytest.raises(KeyReused):
        claim("b")


@pytest.mark.django_db
def test_keys_of_others_and_of_other_operations_are_others() -> None:
    claim()
    assert claim(by=OTHER)[1] is None
    assert claim(operation="close")[1] is None
    assert claim(key="another")[1] is None


@pytest.mark.django_db(transaction=True)
def test_a_first_time_that_failed_leaves_the_key_free() -> None:
    with transaction.atomic():
        first_time("open", key="k", by=PUBLIC, request="a", result=uuid7())
        transaction.set_rollback(True)

    assert claim("b")[1] is None


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_do_the_work_once() -> None:
    gate, outcomes = threading.Barrier(8), list[tuple[UUID, UUID | None]]()

    def ask() -> None:
        gate.wait()
        outcomes.append(claim())
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    [winner] = [made for made, earlier in outcomes if earlier is None]
    assert {earlier for _made, earlier in outcomes if earlier} == {winner}


def test_the_order_of_the_answers_makes_no_other_request() -> None:
    assert request_hash({"a": 1, "b": [1, 2]}) == request_hash({"b": [1, 2], "a": 1})
    assert request_hash({"a": 1, "b": [1, 2]}) != request_hash({"a": 1, "b": [2, 1]})
