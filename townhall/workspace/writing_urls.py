"""The addresses of layouts, of letters and emails that officers write, and of what came of messages; a part of workspace.urls."""

from __future__ import annotations

from django.urls import path

from townhall.workspace.views import layouts, posting, telling, writing

urlpatterns = [
    path("work/layouts", layouts.listed, name="layouts"),
    path("work/layouts/new", layouts.add, name="layout_new"),
    path("work/layouts/<uuid:layout_id>", layouts.show, name="layout"),
    path("work/layouts/<uuid:layout_id>/change", layouts.change, name="layout_change"),
    path("work/layouts/<uuid:layout_id>/compare", layouts.compare, name="layout_compare"),
    path("work/layouts/<uuid:layout_id>/withdrawn", layouts.withdraw, name="layout_withdraw"),
    path("work/layouts/<uuid:layout_id>/versions/<int:number>", layouts.version, name="layout_version"),
    path("work/layouts/<uuid:layout_id>/versions/<int:number>/use", layouts.use, name="layout_use"),
    path("work/layouts/<uuid:layout_id>/versions/<int:number>/pdf", layouts.pdf, name="layout_pdf"),
    path("work/customers/<uuid:customer_id>/letters", writing.of_customer, name="customer_letters"),
    path("work/customers/<uuid:customer_id>/channels", telling.channels, name="customer_channels"),
    path("work/cases/<str:reference>/letters", writing.of_case, name="case_letters"),
    path("work/writing/<uuid:written_id>", writing.draft, name="written"),
    path("work/writing/<uuid:written_id>/pdf", writing.pdf, name="written_pdf"),
    path("work/writing/<uuid:written_id>/discarded", writing.discard, name="written_discard"),
    path("work/letters", posting.queue, name="letters_to_post"),
    path("work/letters/<uuid:message_id>/pdf", posting.pdf, name="letter_pdf"),
    path("work/untold", telling.untold, name="untold"),
    path("work/untold/<uuid:message_id>", telling.told, name="told"),
]
