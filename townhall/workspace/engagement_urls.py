from __future__ import annotations

from django.urls import path

from townhall.workspace.views import engaging, newsletter, texting, texting_one

urlpatterns = [
    path("work/engagement", newsletter.alerts, name="alerts_sent"),
    path("work/engagement/deals", engaging.deals, name="deals"),
    path("work/engagement/deals/<uuid:deal_id>/answer", engaging.decision, name="deal_answer"),
    path("work/engagement/texts", engaging.texts, name="texts"),
    path("work/engagement/texting", texting.campaign_list, name="texting"),
    path("work/engagement/texting/standards", texting.standards, name="text_standards"),
    path("work/engagement/texting/new", texting.plan, name="text_campaign_new"),
    path("work/engagement/texting/<uuid:campaign_id>", texting.campaign, name="text_campaign"),
    path("work/engagement/texting/<uuid:campaign_id>/change", texting.plan, name="text_campaign_change"),
    path("work/engagement/texting/<uuid:campaign_id>/approval", texting.approve, name="text_campaign_approve"),
    path("work/engagement/texting/<uuid:campaign_id>/sending", texting.send, name="text_campaign_send"),
    path("work/engagement/texting/<uuid:campaign_id>/end", texting.stop, name="text_campaign_stop"),
    path("work/engagement/customers/<uuid:customer_id>/text", texting_one.write, name="text_one"),
    path("work/engagement/replies/<uuid:reply_id>", texting_one.reply, name="text_reply"),
    path("work/engagement/replies/<uuid:reply_id>/end", texting_one.settle, name="text_reply_settle"),
    path("work/engagement/newsletter", newsletter.issues, name="newsletter"),
    path("work/engagement/newsletter/<uuid:issue_id>", newsletter.issue, name="newsletter_issue"),
    path("work/engagement/newsletter/<uuid:issue_id>/approval", newsletter.approve, name="newsletter_approve"),
    path("work/engagement/newsletter/<uuid:issue_id>/test", newsletter.try_out, name="newsletter_test"),
    path("work/engagement/newsletter/<uuid:issue_id>/sending", newsletter.send, name="newsletter_send"),
]
