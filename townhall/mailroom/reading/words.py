"""HTML as plain lines, for the words of a mail and for finding what was quoted in it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

BLOCK_TAGS = """
p div tr table ul ol li h1 h2 h3 h4 h5 h6 pre hr section article dl dt dd form fieldset address center header footer title caption
"""
BLOCKS = frozenset(BLOCK_TAGS.split())
SPACED = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol", "pre"})
SILENT = frozenset({"script", "style", "head", "template"})
QUOTED = "> "
RULE = "-" * 8  # a line across the page


def plain(html: str) -> str:
    """Its words line by line; what stands in a blockquote, or where mail programs put what they quote, has "> " before each line."""
    reader = _Reader()
    try:
        reader.feed(html)
        reader.close()
    except (AssertionError, ValueError):  # what the parser says of some broken comments
        reader.handle_data(re.sub(r"<[^>]*>", " ", html))
    return reader.text()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[str] = [""]
        self._silent = 0
        self._open: list[tuple[str, bool]] = []  # tags, and whether each began a quotation
        self._depth = 0
        self._keeps_lines = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT:
            self._silent += 1
        if tag == "br":
            self._new_line()
        elif tag == "hr":
            self._add_line(RULE)
        elif tag == "blockquote" or tag in BLOCKS:
            self._end_line()
            if tag in SPACED:
                self._blank()
            begins = tag == "blockquote" or _is_quoting(dict(attrs))
            self._depth += begins
            self._open.append((tag, begins))
        self._keeps_lines += tag == "pre"

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT and self._silent:
            self._silent -= 1
        if tag == "blockquote" or tag in BLOCKS:
            self._end_line()
            self._close(tag)
            if tag in SPACED:
                self._blank()
        elif tag in ("td", "th"):
            self.handle_data(" ")
        if tag == "pre" and self._keeps_lines:
            self._keeps_lines -= 1

    def _close(self, tag: str) -> None:
        places = [place for place, (name, _begins) in enumerate(self._open) if name == tag]
        if places:
            self._depth -= sum(begins for _name, begins in self._open[places[-1] :])
            del self._open[places[-1] :]

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        if self._keeps_lines:
            first, *others = data.splitlines() or [""]
            self._say(first)
            for line in others:
                self._new_line()
                self._say(line)
            return
        self._say(re.sub(r"\s+", " ", data))

    def _say(self, words: str) -> None:
        if not self._lines[-1] and self._depth:
            self._lines[-1] = QUOTED * self._depth
        if self._lines[-1].endswith((" ", "\n")) or not self._lines[-1]:
            words = words.lstrip(" ")
        self._lines[-1] += words

    def _add_line(self, line: str) -> None:
        self._end_line()
        self._say(line)
        self._new_line()

    def _new_line(self) -> None:
        self._lines.append("")

    def _end_line(self) -> None:
        if self._lines[-1].strip(" >"):
            self._new_line()
        else:
            self._lines[-1] = ""

    def _blank(self) -> None:
        if len(self._lines) > 1 and self._lines[-2].strip():
            self._new_line()

    def text(self) -> str:
        lines = [line.replace("\xa0", " ").rstrip() for line in self._lines]
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def _is_quoting(attributes: dict[str, str | None]) -> bool:
    """Where Gmail, Yahoo, Outlook.com and others put the mail that is answered."""
    marks = f"{attributes.get('class') or ''} {attributes.get('id') or ''}".casefold()
    return bool(
        re.search(
            r"\b(gmail_quote|yahoo_quoted|moz-cite-prefix|divrplyfwdmsg|olk_src_body_section|stopspelling)\b", marks
        )
    )
