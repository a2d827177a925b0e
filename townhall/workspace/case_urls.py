from __future__ import annotations

from django.urls import path

from townhall.workspace.views import case, case_customer, header, moves, queue
from townhall.workspace.views.move_pages import PAGES

urlpatterns = [
    path("work/", queue.show, name="queue"),
    path("work/find", queue.find, name="find"),
    path("work/all", header.all_pages, name="all_pages"),
    path("work/offers", queue.offers, name="offers"),
    path("work/cases/<str:reference>", case.show, name="case"),
    path("work/cases/<str:reference>/customer", case_customer.whose, name="case_customer"),
    path("work/cases/<str:reference>/customer/new", case_customer.new_customer, name="case_customer_new"),
    path("work/cases/<str:reference>/customer/not-theirs", case_customer.not_theirs, name="case_customer_not"),
    path("work/cases/<str:reference>/nearby", case.nearby, name="nearby"),
    path("work/cases/<str:reference>/presence", case.present, name="present"),
    path("work/cases/<str:reference>/photos/<uuid:file_id>", case.photo, name="photo"),
    *(path(f"work/cases/<str:reference>/{code}", moves.view_of(code), name=f"case-{code}") for code in PAGES),
    path("work/cases/<str:reference>/parts/<uuid:task_id>/done", moves.part_view("done"), name="part-done"),
    path(
        "work/cases/<str:reference>/parts/<uuid:task_id>/cancelled", moves.part_view("cancelled"), name="part-cancelled"
    ),
]
