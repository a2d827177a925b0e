"""A system that keeps records: takes work as `jobs.py` says, and answers what it is asked (contracts)."""

from __future__ import annotations

from datetime import datetime

from townhall.connectors.adapters.jobs import JobsAdapter
from townhall.connectors.calling import NoAnswer, NoConnection
from townhall.connectors.protocol import LookUpFailed
from townhall.connectors.records import Answered
from townhall.core.db import dump_json
from townhall.core.ids import uuid7


class RecordsAdapter(JobsAdapter):
    def read(self, path: str, *, at: datetime, seconds: float) -> Answered:
        return self._answered("GET", path, b"", key="", at=at, seconds=seconds)

    def act(self, path: str, content: dict[str, object], *, key: str, at: datetime, seconds: float) -> Answered:
        return self._answered("POST", path, dump_json(content).encode(), key=key, at=at, seconds=seconds)

    def _answered(self, method: str, path: str, body: bytes, *, key: str, at: datetime, seconds: float) -> Answered:
        try:
            answer = self._call(
                method, path, body=body, message_id=key or str(uuid7()), at=at, key=key, seconds=seconds
            )
        except (NoConnection, NoAnswer) as error:
            raise LookUpFailed(str(error)) from error
        return Answered(answer.status, answer.body)
