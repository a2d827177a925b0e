"""The embedded PostgreSQL: what it gives, what it survives, and who turns out the light."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from townhall.config import postgres
from townhall.config.postgres_home import LONGEST_SOCKET_PATH, SOCKET_NAME, PostgresError, home_of
from townhall.config.tests.places import open_folder, running


@pytest.fixture(scope="module")
def server() -> Iterator[postgres.Server]:
    with open_folder() as folder, running(folder) as made:
        yield made


@pytest.fixture
def folder() -> Iterator[Path]:
    with open_folder() as made:
        yield made


def pid_of(server: postgres.Server) -> int:
    return int((server.home.cluster / "postmaster.pid").read_text().split()[0])


def start_elsewhere(folder: Path, then: str) -> subprocess.Popen[str]:
    """Another process that starts the server, says its number, and does `then`."""
    code = (
        "import os, sys; from pathlib import Path; from townhall.config import postgres\n"
        "server = postgres.start(Path(sys.argv[1])); print(server.url('townhall_app'), flush=True)\n" + then
    )
    return subprocess.Popen(
        [sys.executable, "-c", code, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def test_the_application_may_not_change_the_shape_of_the_database(server: postgres.Server) -> None:
    with psycopg.connect(server.app_url) as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute("CREATE TABLE mine (id int)")


def test_the_owner_makes_tables_and_test_databases_and_is_no_superuser(server: postgres.Server) -> None:
    with psycopg.connect(server.owner_url, autocommit=True) as owner:
        owner.execute("CREATE TABLE ours (id int)")
        owner.execute("CREATE EXTENSION pg_trgm")
        owner.execute("CREATE DATABASE another")
        row = owner.execute("SELECT rolsuper, rolcreaterole FROM pg_roles WHERE rolname = current_user").fetchone()
    assert row == (False, False)


def test_it_is_kept_safe(server: postgres.Server) -> None:
    with psycopg.connect(server.app_url) as app:
        wanted = {"fsync": "on", "synchronous_commit": "on", "data_checksums": "on", "listen_addresses": ""}
        found = {name: app.execute("SELECT current_setting(%s)", [name]).fetchone() for name in wanted}
    assert found == {name: (value,) for name, value in wanted.items()}
    assert server.home.secrets_file.stat().st_mode & 0o777 == 0o600
    wrong = server.app_url.replace(server.passwords["townhall_app"], "wrong")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to step down")
def test_as_root_it_runs_as_somebody_else(server: postgres.Server) -> None:
    process = psutil.Process(pid_of(server))
    assert process.uids().effective != 0
    assert process.uids().saved != 0
    assert server.home.cluster.stat().st_uid == process.uids().effective
    assert server.home.cluster.stat().st_mode & 0o077 == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has folders that the server's user cannot reach")
@pytest.mark.proof
def test_as_root_the_data_goes_elsewhere_when_the_servers_user_cannot_reach_it(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    data = closed / "data"
    with running(data) as server, psycopg.connect(server.app_url):
        pass
    assert closed.stat().st_mode & 0o777 == 0o700
    assert (data / "postgres").is_symlink()
    elsewhere = (data / "postgres").resolve()
    with running(data) as server:
        assert server.home.folder == elsewhere
    (data / "postgres").rename(folder / "postgres")  # to be tidied away


@pytest.mark.proof
def test_the_last_one_out_stops_the_server(folder: Path) -> None:
    first = start_elsewhere(folder, "sys.stdin.read(); print(server.stop(), flush=True)")
    assert first.stdout is not None
    url = first.stdout.readline().strip()
    second = postgres.start(folder)
    assert second.app_url == url
    said, _ = first.communicate(timeout=60)
    assert said.strip() == "False"  # not stopped: we are still here
    with psycopg.connect(second.app_url) as app:
        app.execute("SELECT 1")
    assert second.stop()
    assert not second.is_running()


@pytest.mark.proof
def test_a_server_told_to_stay_stays(folder: Path) -> None:
    server = postgres.start(folder)
    server.keep(running=True)
    assert not server.stop()
    assert server.is_running()
    again = postgres.start(folder)
    again.keep(running=False)
    assert again.stop()


@pytest.mark.proof
def test_a_server_left_by_a_killed_process_is_taken_over(folder: Path) -> None:
    first = start_elsewhere(folder, "os.kill(os.getpid(), 9)")
    first.communicate(timeout=60)
    assert first.returncode == -signal.SIGKILL
    server = postgres.start(folder)
    assert server.stop()


@pytest.mark.proof
def test_what_was_committed_survives_kill_9_and_the_server_is_back_at_once(folder: Path) -> None:
    with running(folder) as server:
        with psycopg.connect(server.owner_url) as owner:
            owner.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS id")
        with psycopg.connect(server.owner_url, autocommit=True) as busy:
            busy.execute("SET application_name = 'busy'")
            os.kill(pid_of(server), signal.SIGKILL)
            began = time.monotonic()
            while server.is_running():  # the kernel takes a moment
                time.sleep(0.01)
            assert server.ensure_running()
            took = time.monotonic() - began
        assert took < 15
        with psycopg.connect(server.app_url) as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("SELECT count(*) FROM kept")  # nobody gave the application this table
        with psycopg.connect(server.owner_url) as owner:
            assert owner.execute("SELECT count(*) FROM kept").fetchone() == (1000,)


@pytest.mark.proof
def test_a_stale_pid_file_with_somebody_elses_number_does_not_stop_the_start(folder: Path) -> None:
    with running(folder) as server:
        pid_file = server.home.cluster / "postmaster.pid"
        lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]))  # we are alive, and no PostgreSQL
    with running(folder) as server, psycopg.connect(server.app_url) as app:
        app.execute("SELECT 1")


@pytest.mark.proof
def test_a_server_that_cannot_be_seen_from_here_is_left_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As from another container on the same data: its processes are not ours to see, and starting a second one would end it."""
    with running(folder) as server:
        pid_file = server.home.cluster / "postmaster.pid"
        before = pid_file.read_text()
        with monkeypatch.context() as elsewhere:
            elsewhere.setattr(postgres, "_postmaster", lambda _home: None)
            with pytest.raises(PostgresError, match="another container"):
                postgres.start(folder)
        assert pid_file.read_text() == before
        with psycopg.connect(server.app_url) as app:
            app.execute("SELECT 1")


@pytest.mark.proof
def test_a_long_path_gets_a_short_socket(folder: Path) -> None:
    deep = folder / ("a-rather-long-name-of-a-folder-" * 4)
    with running(deep) as server, psycopg.connect(server.app_url) as app:
        app.execute("SELECT 1")
        socket_folder = server.home.socket_folder
    assert len(os.fsencode(socket_folder / SOCKET_NAME)) < LONGEST_SOCKET_PATH
    assert socket_folder.stat().st_mode & 0o077 == 0
    socket_folder.rmdir()


def test_the_programs_can_be_somebody_elses(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setenv("TOWNHALL_PG_BIN", str(folder / "nothing"))
    with pytest.raises(PostgresError, match="TOWNHALL_PG_BIN"):
        postgres.start(folder)


@pytest.mark.proof
def test_a_folder_of_another_version_is_refused_with_a_sentence(folder: Path) -> None:
    with running(folder) as server:
        version_file = server.home.cluster / "PG_VERSION"
    version_file.write_text("12\n")
    with pytest.raises(PostgresError, match="made by PostgreSQL 12"):
        postgres.start(folder)


@pytest.mark.proof
def test_lost_passwords_are_said_plainly(folder: Path) -> None:
    with running(folder) as server:
        server.home.secrets_file.rename(folder / "elsewhere")
    with pytest.raises(PostgresError, match="passwords"):
        postgres.start(folder)
    assert home_of(folder).cluster.exists()
