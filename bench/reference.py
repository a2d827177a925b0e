"""The frozen scripts in bench/reference, run by pgbench with eight clients against the same server in the same run."""

from __future__ import annotations

import os
import re
import subprocess
import time
from pathlib import Path

from bench.council import Council
from bench.scenarios import SAMPLE
from townhall.config.postgres_home import home_of

FOLDER = Path(__file__).with_name("reference")
CLIENTS = 8
_PAGES = f"""
    INSERT INTO bench_reference.page
    SELECT row_number() OVER (), s.* FROM (
        SELECT c.id, c.customer_id, c.reference, (SELECT f.email FROM cases_follower f WHERE f.case_id = c.id LIMIT 1),
               c.easting, c.northing
        FROM cases_case c TABLESAMPLE SYSTEM (2) REPEATABLE (1) WHERE c.customer_id IS NOT NULL ORDER BY md5(c.id::text) LIMIT {SAMPLE}) s
"""


def prepare(council: Council) -> None:
    """Fresh tables for the script that writes, and the keys of the pages that the others read."""
    with council.connect("townhall_admin") as admin:
        admin.execute((FOLDER / "schema.sql").read_bytes())
        admin.execute(_PAGES.encode())
        admin.execute("ANALYZE bench_reference.page")


def run(council: Council, name: str, *, seconds: float) -> float:
    """Transactions a second."""
    done = subprocess.run(
        [
            home_of(council.folder).programs / "pgbench",
            *("-h", council.socket_folder, "-U", "townhall_admin", "-n", "-M", "prepared"),
            *("-c", str(CLIENTS), "-j", "1", "-T", str(round(seconds))),
            *("-D", f"pages={SAMPLE}", "-D", f"base={time.time_ns() // 1_000_000 * 100_000}", "-D", "i=0"),
            *("-f", FOLDER / f"{name}.sql", "townhall"),
        ],
        env=os.environ | {"PGPASSWORD": council.password("townhall_admin")},
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    assert found is not None
    return float(found[1])
