"""The test database: copied from one that has every migration, and emptied after a test that commits."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import django
import psycopg
from django.db import connections
from django.test import TransactionTestCase
from psycopg import sql

ROOT = Path(__file__).resolve().parents[2]
KEPT = 3  # databases with other migrations: other branches, and what is being written just now
PREFIX = "migrated_"


def template_name() -> str:
    """Named by all that migrations are made of, so that a changed one makes another."""
    digest = hashlib.sha256(django.__version__.encode())
    for pattern in ("*/migrations/*.py", "*/models.py", "*/models/*.py"):
        for path in sorted((ROOT / "townhall").glob(pattern)):
            digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return PREFIX + digest.hexdigest()[:16]


def make_template(name: str) -> None:
    """Migrate a database of this name, unless there is one. Whoever else makes it meanwhile, one of them is kept.

    Raises CalledProcessError, after what the migrations said.
    """
    url = os.environ["DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as owner:
        if name in _templates(owner):
            return
        making = f"making_{name}_{os.getpid()}"
        owner.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(making)))
        try:
            _migrate(urlunsplit(urlsplit(url)._replace(path=f"/{making}")))
            if name not in _templates(owner):
                owner.execute(
                    sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(making), sql.Identifier(name))
                )
        finally:
            owner.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(making)))
        for old in _templates(owner)[:-KEPT]:
            owner.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(old)))


def _templates(owner: psycopg.Connection[Any]) -> list[str]:
    """The oldest first."""
    found = owner.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s) ORDER BY oid", [PREFIX])
    return [name for (name,) in found]


def _migrate(url: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "django", "migrate", "--verbosity=0"],
        env={**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "townhall.config.settings"},
        cwd=ROOT,
        check=True,
    )


# Django's own way truncates every table and names every permission anew, which takes two processors half a second.
# What is never emptied came with the migrations. The ledger's rows go only with their table, which its owner may empty.
_EMPTY = """
DO $$
DECLARE written regclass;
BEGIN
    FOR written IN
        SELECT c.oid FROM pg_class c
        WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND pg_relation_size(c.oid) > 0
        AND c.relname NOT IN ('django_migrations', 'django_content_type', 'auth_permission')
    LOOP
        IF EXISTS (SELECT FROM pg_trigger WHERE tgrelid = written AND tgname = 'only_added_to') THEN
            EXECUTE format('TRUNCATE %s', written);
        ELSE
            EXECUTE format('DELETE FROM %s', written);
        END IF;
    END LOOP;
END $$
"""


def _empty_tables(case: Any) -> None:
    for alias in case._databases_names(include_mirrors=False):
        with connections[alias].cursor() as cursor:
            cursor.execute(_EMPTY)


def empty_quickly() -> None:
    """After every test that commits, empty only the tables that were written to."""
    TransactionTestCase._fixture_teardown = _empty_tables  # type: ignore[attr-defined]
