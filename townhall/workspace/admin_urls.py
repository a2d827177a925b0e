from __future__ import annotations

from django.urls import path

from townhall.workspace.views import (
    audit,
    cleaning,
    comments,
    connections,
    contractor,
    deliveries,
    incidents,
    managers,
    services,
    undelivered,
)

urlpatterns = [
    path("work/exceptions", managers.exceptions, name="exceptions"),
    path("work/exceptions/passed", managers.passed, name="passed"),
    path("work/exceptions/ageing", managers.ageing, name="ageing"),
    path("work/exceptions/pairs", managers.pairs, name="pairs"),
    path("work/exceptions/clean-up", cleaning.clean_up, name="clean-up"),
    path("work/exceptions/clean-up/<uuid:action_id>/undo", cleaning.undo, name="clean-up-undo"),
    path("work/exceptions/<uuid:escalation_id>/seen", managers.seen, name="seen"),
    path("work/incidents", incidents.incidents, name="incidents"),
    path("work/incidents/<uuid:incident_id>/end", incidents.end, name="incident-end"),
    path("work/comments", comments.comments, name="comments"),
    path("work/comments/<uuid:comment_id>/decision", comments.decision, name="comment-decision"),
    path("work/audit", audit.search, name="audit"),
    path("work/messages", undelivered.listed, name="undelivered"),
    path("work/messages/again", undelivered.again, name="undelivered-again"),
    path("work/systems", deliveries.systems, name="systems"),
    path("work/systems/resend", deliveries.resend, name="resend"),
    path("work/systems/new", connections.new, name="system-new"),
    path("work/systems/<str:target>", deliveries.system, name="system"),
    path("work/systems/<str:target>/settings", connections.settings, name="system-settings"),
    path("work/systems/<str:target>/switch", connections.switch, name="system-switch"),
    path("work/systems/<str:target>/health", connections.check, name="system-check"),
    path("work/systems/<str:target>/secret", connections.secret, name="system-secret"),
    path("work/systems/<str:target>/replay", connections.replay, name="system-replay"),
    path("work/services", services.services, name="services"),
    path("work/services/<slug:code>", services.service, name="service"),
    path("work/services/<slug:code>/versions/<int:number>", services.version, name="service-version"),
    path("contractor/", contractor.jobs, name="contractor"),
    path("contractor/<uuid:job_id>", contractor.job, name="contractor-job"),
    path("contractor/<uuid:job_id>/<slug:code>", contractor.step, name="contractor-step"),
]
