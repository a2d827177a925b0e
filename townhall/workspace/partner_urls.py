"""The addresses of partner bodies, their desks, and what is passed to them; a part of workspace.urls."""

from __future__ import annotations

from django.urls import path

from townhall.workspace.views import partner_queue, partners

urlpatterns = [
    path("work/partners", partners.listed, name="partners"),
    path("work/partners/keep", partners.keep, name="partner_new"),
    path("work/partners/turns/<uuid:turn_id>/end", partners.end_turn, name="partner_turn_end"),
    path("work/partners/referrals/<uuid:passed_id>", partners.passed, name="partner_passed"),
    path("work/partners/referrals/<uuid:passed_id>/withdraw", partners.withdraw, name="partner_withdraw"),
    path("work/partners/<uuid:partner_id>", partners.one, name="partner"),
    path("work/partners/<uuid:partner_id>/keep", partners.keep, name="partner_keep"),
    path("work/partners/<uuid:partner_id>/turns", partners.add_turn, name="partner_turns"),
    path("work/partners/<uuid:partner_id>/contacts", partners.log, name="partner_log"),
    path("work/partners/refer/<uuid:customer_id>", partners.refer, name="partner_refer"),
    path("partner/", partner_queue.queue, name="partner_queue"),
    path("partner/contacts/<uuid:row_id>/dealt", partner_queue.dealt, name="partner_dealt"),
    path("partner/<uuid:passed_id>", partner_queue.one, name="partner_referral"),
    path("partner/<uuid:passed_id>/<slug:move>", partner_queue.move, name="partner_move"),
]
