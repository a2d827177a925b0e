"""/healthz: 200 only when this web process, the database and a worker are all at work. The body says which is not."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

from townhall.core.access import public

WORKER_SILENT_SECONDS = 15


@public
def healthz(request: HttpRequest) -> JsonResponse:
    parts = {"web": "ok"} | _database_and_worker()
    ready = all(state == "ok" for state in parts.values())
    return JsonResponse({"ready": ready, **parts}, status=200 if ready else 503, headers={"Cache-Control": "no-store"})


def _database_and_worker() -> dict[str, str]:
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT extract(epoch FROM clock_timestamp() - max(at))::float FROM core_heartbeat WHERE kind = 'worker'"
            )
            (silent,) = cursor.fetchone()
    except DatabaseError:
        return {"database": "not answering", "worker": "unknown"}
    if silent is None:
        return {"database": "ok", "worker": "none has run"}
    if silent > WORKER_SILENT_SECONDS:
        return {"database": "ok", "worker": f"silent for {silent:.0f} seconds"}
    return {"database": "ok", "worker": "ok"}
