from __future__ import annotations

from django.urls import path

from townhall.workspace.views import newsletter

urlpatterns = [
    path("work/engagement", newsletter.alerts, name="alerts_sent"),
    path("work/engagement/newsletter", newsletter.issues, name="newsletter"),
    path("work/engagement/newsletter/<uuid:issue_id>", newsletter.issue, name="newsletter_issue"),
    path("work/engagement/newsletter/<uuid:issue_id>/approval", newsletter.approve, name="newsletter_approve"),
    path("work/engagement/newsletter/<uuid:issue_id>/test", newsletter.try_out, name="newsletter_test"),
    path("work/engagement/newsletter/<uuid:issue_id>/sending", newsletter.send, name="newsletter_send"),
]
