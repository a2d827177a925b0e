"""In which widths browsers show our pages: the style sheet asks for one of these pictures, and each browser asks once a day."""

from __future__ import annotations

import base64

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from townhall.core.access import public
from townhall.core.time import council_date, now
from townhall.insight import visitors
from townhall.insight.counting import counts
from townhall.insight.middleware import may_count

_NOTHING = base64.b64decode(b"R0lGODlhAQABAAAAACH5BAEAAAAALAAAAAABAAEAAAIBAAA=")  # one pixel that cannot be seen
A_DAY = "private, max-age=86400"


@public
@require_safe
def seen(request: HttpRequest, width: str) -> HttpResponse:
    if width not in visitors.WIDTHS and width != visitors.NO_SCRIPT:
        raise Http404
    if may_count(request):
        counts.width(council_date(now()), width, visitors.reader_of(request.META.get("HTTP_USER_AGENT", "")))
    return HttpResponse(_NOTHING, content_type="image/gif", headers={"Cache-Control": A_DAY})
