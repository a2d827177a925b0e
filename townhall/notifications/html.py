"""The HTML part of a message, made from its text when it is sent or shown.

Only paragraphs, headings, lists, quotes and bold are read from the text, and only addresses on the council's own site become
links: people's own words are quoted in messages, and must not turn into somebody else's link under the council's name.
"""

from __future__ import annotations

import re
from functools import cache

from django.conf import settings
from django.utils.html import escape
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

_STOPS = re.compile(r"[\n*\\]")
_STYLE = "font-family:Arial,Helvetica,sans-serif;font-size:19px;line-height:1.4;color:#0b0c0c;max-width:40em;margin:0 auto;padding:1em"


@cache
def _own_address() -> re.Pattern[str]:
    path = r"[/?#](?:[^\s<>\"'`]*[^\s<>\"'`.,;:!?)\]])?"
    end = r"(?=$|[\s,;!)\]]|[.:?](?:\s|$))"  # so that council.example.evil.example is not ours
    return re.compile(f"{re.escape(settings.PUBLIC_URL)}(?:{path}|{end})")


def _text_or_link(state: StateInline, silent: bool) -> bool:
    """In place of markdown-it's text rule: takes one of our own addresses whole, or text up to the next mark or address."""
    if match := _own_address().match(state.src, state.pos, state.posMax):
        if not silent:
            state.push("link_open", "a", 1).attrs = {"href": match[0]}
            state.push("text", "", 0).content = match[0]
            state.push("link_close", "a", -1)
        state.pos = match.end()
        return True
    stop = _STOPS.search(state.src, state.pos, state.posMax)
    link = _own_address().search(state.src, state.pos, state.posMax)
    end = min(found.start() if found else state.posMax for found in (stop, link))
    if end == state.pos:
        return False
    if not silent:
        state.pending += state.src[state.pos : end]
    state.pos = end
    return True


@cache
def _markdown() -> MarkdownIt:
    reader = MarkdownIt("zero", {"breaks": True, "html": False})
    reader.enable(["heading", "list", "blockquote", "emphasis", "newline", "balance_pairs", "fragments_join"])
    reader.inline.ruler.at("text", _text_or_link)
    return reader


def as_html(text: str) -> str:
    """A fragment of HTML."""
    return str(_markdown().render(text))


def as_document(text: str, *, title: str) -> str:
    """A whole page, as sent in a mail."""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title></head>'
        f'<body style="{_STYLE}">{as_html(text)}</body></html>\n'
    )
