"""A real IMAP server for tests: Dovecot, on a free port, with its mail in a folder of its own."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from imapclient import IMAPClient

PASSWORD = "only-for-tests"
WHERE = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")

CONFIG = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
ssl = no
disable_plaintext_auth = no
default_internal_user = {inner}
default_login_user = {login}
first_valid_uid = 1
mail_location = maildir:{folder}/mail/%u
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={owner} gid={group} home={folder}/home/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
"""


@contextmanager
def running() -> Iterator[int]:
    """The port of a server that takes any login with PASSWORD."""
    assert WHERE is not None
    with TemporaryDirectory(prefix="dovecot-") as made, socket.socket() as found:
        folder = Path(made)
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
        found.close()
        (folder / "dovecot.conf").write_text(_config(folder, port))
        server = subprocess.Popen([WHERE, "-F", "-c", str(folder / "dovecot.conf")])
        try:
            _wait(port, folder)
            yield port
        finally:
            server.terminate()
            server.wait(timeout=20)


def _config(folder: Path, port: int) -> str:
    """As root the server has users of its own, and mail belongs to nobody; else all of it is ours."""
    is_root = os.geteuid() == 0
    me = getpass.getuser()
    for name in ("mail", "home"):
        (folder / name).mkdir()
        if is_root:
            shutil.chown(folder / name, "nobody", "nogroup")
    folder.chmod(0o755)
    return CONFIG.format(
        folder=folder,
        password=PASSWORD,
        port=port,
        inner="dovecot" if is_root else me,
        login="dovenull" if is_root else me,
        owner="nobody" if is_root else os.getuid(),
        group="nogroup" if is_root else os.getgid(),
    )


def _wait(port: int, folder: Path) -> None:
    for _time in range(100):
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError((folder / "log").read_text())


@contextmanager
def conversation(port: int, login: str) -> Iterator[IMAPClient]:
    """As the program of somebody who has the mailbox."""
    with IMAPClient("127.0.0.1", port, ssl=False) as server:
        server.login(login, PASSWORD)
        yield server
