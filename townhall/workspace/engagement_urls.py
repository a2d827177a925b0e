from __future__ import annotations

from django.urls import path

from townhall.workspace.views import engaging, newsletter

urlpatterns = [
    path("work/engagement", newsletter.alerts, name="alerts_sent"),
    path("work/engagement/deals", engaging.deals, name="deals"),
    path("work/engagement/deals/<uuid:deal_id>/answer", engaging.decision, name="deal_answer"),
    path("work/engagement/texts", engaging.texts, name="texts"),
    path("work/engagement/newsletter", newsletter.issues, name="newsletter"),
    path("work/engagement/newsletter/<uuid:issue_id>", newsletter.issue, name="newsletter_issue"),
    path("work/engagement/newsletter/<uuid:issue_id>/approval", newsletter.approve, name="newsletter_approve"),
    path("work/engagement/newsletter/<uuid:issue_id>/test", newsletter.try_out, name="newsletter_test"),
    path("work/engagement/newsletter/<uuid:issue_id>/sending", newsletter.send, name="newsletter_send"),
]
