"""What somebody sent in a form, question by question, as a sheet: for an account's documents, and for who has no account."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby

from django.utils import translation
from django.utils.translation import gettext as _

from townhall.core.time import council_date
from townhall.documents.wording import worded
from townhall.forms import engine, languages
from townhall.forms import queries as forms
from townhall.forms.models import Submission
from townhall.ui.paper import Sheet


def summary_of(sent: Submission, *, reference: str, sent_at: datetime, language: str) -> Sheet:
    """language: of the words round the form's own, which are in it only where the form has all of them in it."""
    form = forms.version_of(sent.form_code, sent.form_version).form
    is_whole = language in form.texts and not languages.missing(form, language)
    flow = forms.flow(sent.form_code, version=sent.form_version, language=language if is_whole else "en")
    with translation.override(language):
        title = _("What you told us: %(form)s") % {"form": flow.form.title}
        rows = engine.kept_rows(flow, sent.answers, today=council_date(sent.received_at))
        groups = [(head, list(same)) for head, same in groupby(rows, key=lambda row: row.item or row.section)]
    return Sheet(
        title=title,
        body=worded("submission", {"groups": groups, "sent_at": sent_at, "flow": flow}, language=language),
        language=language,
        on=council_date(sent_at),
        reference=reference,
    )
