from __future__ import annotations

from django.urls import path

from townhall.workspace.views import (
    form_figures,
    forms,
    forms_draft,
    forms_files,
    forms_pages,
    forms_reports,
    forms_rules,
    forms_words,
)

urlpatterns = [
    path("work/forms", forms.listed, name="forms"),
    path("work/forms-register", form_figures.register, name="forms_register"),
    path("work/forms/<slug:code>/figures", form_figures.figures_of, name="form_figures"),
    path("work/forms/new", forms.new, name="form-new"),
    path("work/forms/upload", forms_files.upload, name="form-upload"),
    path("work/forms/<slug:code>", forms.show, name="form"),
    path("work/forms/<slug:code>/begin", forms.begin, name="form-begin"),
    path("work/forms/<slug:code>/publish", forms.publish, name="form-publish"),
    path("work/forms/<slug:code>/roll-back", forms.roll_back, name="form-roll-back"),
    path("work/forms/<slug:code>/retire", forms.retire, name="form-retire"),
    path("work/forms/<slug:code>/discard", forms.discard, name="form-discard"),
    path("work/forms/<slug:code>/preview", forms.preview, name="form-preview"),
    path("work/forms/<slug:code>/compare", forms.compare, name="form-compare"),
    path("work/forms/<slug:code>/copy", forms_files.copy, name="form-copy"),
    path("work/forms/<slug:code>/file", forms_files.replaced, name="form-file"),
    path("work/forms/<slug:code>/versions/<int:number>.yaml", forms_files.download, name="form-yaml"),
    path("work/forms/<slug:code>/questions", forms_reports.use, name="form-use"),
    path("work/forms/<slug:code>/ways", forms_reports.ways, name="form-picture"),
    path("work/forms/<slug:code>/paper", forms_reports.paper, name="form-paper"),
    path("work/forms/<slug:code>/draft", forms_draft.draft, name="form-draft"),
    path("work/forms/<slug:code>/lists", forms_words.lists, name="form-lists"),
    path("work/forms/<slug:code>/lists/<slug:name>", forms_words.one_list, name="form-list"),
    path("work/forms/<slug:code>/languages/<slug:language>", forms_words.translated, name="form-translated"),
    path("work/forms/<slug:code>/undo", forms_draft.undo, name="form-undo"),
    path("work/forms/<slug:code>/about", forms_draft.about, name="form-about"),
    path("work/forms/<slug:code>/pages/new", forms_pages.new, name="form-page-new"),
    path("work/forms/<slug:code>/pages/<slug:page>", forms_pages.page, name="form-page"),
    path("work/forms/<slug:code>/pages/<slug:page>/add", forms_pages.add, name="form-part-new"),
    path("work/forms/<slug:code>/pages/<slug:page>/parts/<str:place>", forms_pages.part, name="form-part"),
    path("work/forms/<slug:code>/pages/<slug:page>/ways", forms_pages.ways, name="form-ways"),
    path("work/forms/<slug:code>/pages/<slug:page>/rules/<str:target>", forms_rules.rule, name="form-rule"),
]
