"""Django's backend for PostgreSQL, with connections that stay with their thread and a check of them that costs no round trip."""

from __future__ import annotations

import select
from typing import Any

import psycopg
from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """Never goes on with a connection that the server has left, so a restarted server costs nobody an error."""

    def close_if_unusable_or_obsolete(self) -> None:
        """Django asks before and after each request, and the worker after each batch."""
        if self.connection is not None and not self.in_atomic_block and not is_left_open(self.connection):
            self.close()
            return
        super().close_if_unusable_or_obsolete()


def is_left_open(connection: psycopg.Connection[Any]) -> bool:
    """Whether the server still holds the other end, by what the kernel knows.

    Between two statements a server has nothing to say but its farewell: a socket with something to read is over.
    """
    if connection.closed:
        return False
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return not poll.poll(0)
