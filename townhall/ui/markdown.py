"""Markdown of the council's own texts as HTML. HTML in the text itself is shown, never passed on."""

from __future__ import annotations

from functools import lru_cache

from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

# The Design System's own classes, so that running text looks like the rest of the page.
_CLASSES = {
    "paragraph_open": "govuk-body",
    "bullet_list_open": "govuk-list govuk-list--bullet",
    "ordered_list_open": "govuk-list govuk-list--number",
    "link_open": "govuk-link",
    "blockquote_open": "govuk-inset-text",
    "hr": "govuk-section-break govuk-section-break--visible",
}
_HEADINGS = {"h1": "govuk-heading-l", "h2": "govuk-heading-m", "h3": "govuk-heading-s", "h4": "govuk-heading-s"}


def _reader() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "linkify": False}).disable("image")


@lru_cache(maxsize=2_000)
def markdown(text: str) -> SafeString:
    """The text as HTML. Links with a scheme other than http, https, mailto or tel are left as words."""
    tokens = _reader().parse(text)
    for token in tokens:
        _dress(token)
        for child in token.children or ():
            _dress(child)
    renderer = RendererHTML()
    return SafeString(renderer.render(tokens, _reader().options, {}))


def _dress(token: Token) -> None:
    name = _HEADINGS.get(token.tag) if token.type == "heading_open" else _CLASSES.get(token.type)
    if name:
        token.attrSet("class", name)
