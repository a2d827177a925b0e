from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection

from townhall.catalogue import operations, queries
from townhall.catalogue.models import ServiceVersion
from townhall.catalogue.tests.makers import MONDAY, PRIYA, make_pack, write_folder
from townhall.core.errors import WrongState

pytestmark = pytest.mark.django_db(transaction=True)


def eight_at_once(action: Callable[[int], object]) -> list[object]:
    """What each of eight threads got, a result or its exception."""
    start = threading.Barrier(8)
    results: list[object] = []

    def run(number: int) -> None:
        try:
            start.wait()
            results.append(action(number))
        except Exception as error:  # noqa: BLE001 - what came of it is the result
            results.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_eight_loaders_at_once_load_once(tmp_path: Path) -> None:
    write_folder(tmp_path, make_pack("one"), make_pack("two"))

    results = eight_at_once(lambda _number: operations.load_packs(tmp_path, by=PRIYA, at=MONDAY))

    assert sorted(map(str, results)) == ["['one', 'two']", *["[]"] * 7]
    assert ServiceVersion.objects.count() == 2


def test_of_eight_editors_of_one_version_one_wins(tmp_path: Path) -> None:
    write_folder(tmp_path, make_pack("one"))
    operations.load_packs(tmp_path, by=PRIYA, at=MONDAY)

    results = eight_at_once(
        lambda number: operations.edit("one", {"name": f"Swan {number}"}, version=1, by=PRIYA, at=MONDAY)
    )

    assert sum(isinstance(result, WrongState) for result in results) == 7
    queries.forget()
    assert queries.entry("one").version == 2
