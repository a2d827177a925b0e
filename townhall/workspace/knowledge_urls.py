"""The addresses of what the council knows and says; a part of workspace.urls."""

from __future__ import annotations

from django.urls import path

from townhall.workspace.views import desk_scripts, greeting, knowledge, knowledge_changes, knowledge_content, papers

urlpatterns = [
    path("work/meet-and-greet", greeting.meet, name="meet_and_greet"),
    path("work/meet-and-greet/reception", greeting.send_on, name="greeting_reception"),
    path("work/papers/<uuid:paper_id>", papers.show, name="paper"),
    path("work/papers/<uuid:paper_id>/file", papers.file, name="paper_file"),
    path("work/customers/<uuid:customer_id>/papers/new", papers.add_for_customer, name="paper_add_customer"),
    path("work/cases/<str:reference>/papers", papers.of_case, name="case_papers"),
    path("work/paper-use", papers.use, name="paper_use"),
    path("work/knowledge", knowledge.home, name="knowledge"),
    path("work/knowledge/new", knowledge.add, name="knowledge_add"),
    path("work/knowledge/flag", knowledge_content.flag, name="knowledge_flag"),
    path("work/knowledge/tasks", knowledge_content.task_list, name="knowledge_tasks"),
    path("work/knowledge/tasks/<uuid:task_id>", knowledge_content.task, name="knowledge_task"),
    path("work/knowledge/tasks/<uuid:task_id>/end", knowledge_content.end_task, name="knowledge_task_end"),
    path("work/knowledge/tasks/<uuid:task_id>/owner", knowledge_content.give_task, name="knowledge_task_give"),
    path("work/knowledge/tasks/<uuid:task_id>/cases", knowledge_content.cite, name="knowledge_cite"),
    path("work/knowledge/missed", knowledge_content.missed_list, name="knowledge_missed"),
    path("work/knowledge/missed/<uuid:missed_id>", knowledge_content.settle, name="knowledge_settle"),
    path("work/knowledge/synonyms", knowledge_content.synonym_list, name="knowledge_synonyms"),
    path("work/knowledge/referrals", knowledge_content.referral_list, name="knowledge_referrals"),
    path("work/knowledge/referrals/new", knowledge_content.referral, name="knowledge_referral_add"),
    path("work/knowledge/referrals/<uuid:referral_id>", knowledge_content.referral, name="knowledge_referral"),
    path("work/knowledge/changes", knowledge_changes.listed, name="knowledge_changes"),
    path("work/knowledge/changes/new", knowledge_changes.add, name="knowledge_change_add"),
    path("work/knowledge/changes/<uuid:change_id>", knowledge_changes.show, name="knowledge_change"),
    path("work/knowledge/changes/<uuid:change_id>/moves", knowledge_changes.move, name="knowledge_change_move"),
    path("work/knowledge/handouts/<uuid:handout_id>/end", desk_scripts.end_handout, name="knowledge_handout_end"),
    path("work/knowledge/<slug:code>/handouts", desk_scripts.hand_out, name="knowledge_handout"),
    path("work/desk/contacts/<uuid:contact_id>/scripts", desk_scripts.choose, name="contact_scripts"),
    path("work/desk/contacts/<uuid:contact_id>/scripts/<slug:code>", desk_scripts.walk, name="contact_script"),
    path("work/knowledge/<slug:code>", knowledge.show, name="knowledge_entry"),
    path("work/knowledge/<slug:code>/change", knowledge.change, name="knowledge_entry_change"),
    path("work/knowledge/<slug:code>/offer", knowledge.offer, name="knowledge_offer"),
    path("work/knowledge/<slug:code>/decision", knowledge.decide, name="knowledge_decide"),
    path("work/knowledge/<slug:code>/review", knowledge.review, name="knowledge_review"),
    path("work/knowledge/<slug:code>/withdrawal", knowledge.withdraw, name="knowledge_withdraw"),
    path("work/knowledge/<slug:code>/versions/<int:number>", knowledge.version, name="knowledge_version"),
]
