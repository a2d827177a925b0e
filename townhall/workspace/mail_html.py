"""The laid-out words of a mail, made safe to stand on a page of ours: no script, no style, nothing fetched from anybody."""

from __future__ import annotations

import re
from collections.abc import Sequence
from uuid import UUID

import nh3
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

LONGEST = 500_000  # characters of HTML
_TAGS = """
a abbr b blockquote br caption code dd div dl dt em h1 h2 h3 h4 h5 h6 hr i img li ol p pre s small span strong sub sup table tbody td tfoot
th thead tr u ul
"""
TAGS = set(_TAGS.split())
ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}
SILENT = {"script", "style", "head", "title", "template"}
_CID = re.compile(r"cid:([!-~]{1,200})", re.IGNORECASE)


def safe(parts: Sequence[str], mail_id: UUID) -> SafeString:
    """Pictures that came with the mail are shown; those on the web are not asked for, so that nobody learns that it was read."""

    def kept(tag: str, attribute: str, value: str) -> str | None:
        if tag != "img" or attribute != "src":
            return value
        found = _CID.fullmatch(value.strip())
        return reverse("workspace:mail_picture", args=[mail_id, found[1]]) if found else None

    html = "".join(parts)[:LONGEST]
    shown = nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        clean_content_tags=SILENT,
        url_schemes={"http", "https", "mailto", "tel", "cid"},
        attribute_filter=kept,
        link_rel="noopener noreferrer nofollow",
    )
    return mark_safe(_without_headings(shown))  # noqa: S308 - cleaned by nh3


def _without_headings(html: str) -> str:
    """Headings of somebody else's mail are no headings of our page, and a picture without words has none."""
    html = re.sub(r"<(/?)h[1-6]>", r"<\1p>", html)
    return re.sub(r"<img(?![^>]*\balt=)", '<img alt=""', html)
