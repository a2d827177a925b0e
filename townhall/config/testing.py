"""What the tests stand on: loaded by pytest with `-p`, before Django reads its settings.

With DATABASE_URL the tests run there, as the role it names. Without, on the embedded server under `.townhall/`, as the owner.
"""

from __future__ import annotations

import gc
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import psycopg
import pytest

from townhall.config import logs, testing_db

ROOT = Path(__file__).resolve().parents[2]
_server: Any = None


def _start_server() -> None:
    """Set the DATABASE_ variables, unless they are given. The workers of pytest-xdist find them set by their parent."""
    global _server  # noqa: PLW0603
    if "DATABASE_URL" in os.environ:
        return
    from townhall.config import postgres

    _server = postgres.start(ROOT / ".townhall" / _folder())
    quick = "&options=-c%20synchronous_commit%3Doff"  # nothing of a test has to survive a power cut
    os.environ["DATABASE_URL"] = os.environ["DATABASE_OWNER_URL"] = _server.owner_url + quick
    os.environ["TOWNHALL_TEST_APP_URL"] = _server.app_url


def _folder() -> str:
    """`test`, or a folder of its own for the PostgreSQL that TOWNHALL_PG_BIN names."""
    given = os.environ.get("TOWNHALL_PG_BIN")
    if not given:
        return "test"
    version = subprocess.run([Path(given) / "postgres", "--version"], capture_output=True, text=True, check=True)
    return f"test-{version.stdout.split()[2]}"


_start_server()
os.environ.setdefault("TOWNHALL_TEST_TEMPLATE", testing_db.template_name())
logs.configure(cache=False)
# How long an example takes says more about the machine than about us.
hypothesis.settings.register_profile("townhall", parent=hypothesis.settings(), deadline=None)
hypothesis.settings.load_profile("townhall")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Before the workers of pytest-xdist start."""
    testing_db.empty_quickly()
    if "PYTEST_XDIST_WORKER" not in os.environ and not session.config.option.collectonly:
        try:
            testing_db.make_template(os.environ["TOWNHALL_TEST_TEMPLATE"])
        except subprocess.CalledProcessError:
            pytest.exit("The migrations do not run; what stopped them is above.", returncode=3)


def pytest_collection_finish() -> None:
    """All that was imported stays: nobody has to look through it for garbage again and again."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    if _server is not None:
        _server.stop()


@pytest.fixture(scope="session")
def _app_rights(django_db_setup: None, django_db_blocker: Any) -> str:
    """Give the application role its rights in the test database; its address there."""
    from django.db import connection

    from townhall.config.rights import grant_rights

    url = os.environ.get("TOWNHALL_TEST_APP_URL")
    if url is None:
        pytest.skip("TOWNHALL_TEST_APP_URL names no application role on the given DATABASE_URL")
    with django_db_blocker.unblock():
        name = connection.settings_dict["NAME"]
        here = psycopg.conninfo.make_conninfo(os.environ["DATABASE_URL"], dbname=name)
    app_here = psycopg.conninfo.make_conninfo(url, dbname=name)
    with psycopg.connect(here) as owner:
        grant_rights(owner, app_role=str(psycopg.conninfo.conninfo_to_dict(url)["user"]))
    return app_here


@pytest.fixture
def app_role_connection(_app_rights: str) -> Iterator[psycopg.Connection[Any]]:
    """The test database as the application sees it: no tables to make, nothing of the ledger to change.

    It sees only what is committed, so a test that shows it rows is marked `django_db(transaction=True)`. Rolled back at the end.
    """
    connection = psycopg.connect(_app_rights)
    try:
        yield connection
    finally:
        connection.rollback()
        connection.close()


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """Each test reads its own reference data, not what another test's rows left in memory."""
    from townhall.accounts import guessing
    from townhall.core.refreshing import forget_all

    forget_all()
    guessing.forget()
