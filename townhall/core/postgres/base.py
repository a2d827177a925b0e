"""Django's backend for PostgreSQL, with a check of pooled connections that costs no round trip."""

from __future__ import annotations

import select
from typing import Any

import psycopg
from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """Never hands out a connection that the server has left, so a restarted server costs nobody an error."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> psycopg.Connection[Any]:
        while True:
            connection: psycopg.Connection[Any] = super().get_new_connection(conn_params)
            if self.pool is None or is_left_open(connection):
                return connection
            connection.close()
            self.pool.putconn(connection)  # which makes another in its place


def is_left_open(connection: psycopg.Connection[Any]) -> bool:
    """Whether the server still holds the other end, by what the kernel knows.

    Between two statements a server has nothing to say but its farewell: a socket with something to read is over.
    """
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return not poll.poll(0)
