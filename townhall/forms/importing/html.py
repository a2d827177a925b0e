"""HTML of other builders as Markdown: words, headings, lists and links stay; everything that could run or load goes."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

_BLOCKS = frozenset(
    {
        "p", "div", "section", "article", "header", "footer", "main", "aside", "form", "fieldset", "legend", "table", "thead",
        "tbody", "tfoot", "tr", "dl", "dt", "dd", "figure", "figcaption", "address", "pre", "center",
    }
)  # fmt: skip
_HEADINGS = {"h1": "## ", "h2": "## ", "h3": "### ", "h4": "#### ", "h5": "#### ", "h6": "#### "}
_SILENT = frozenset({"script", "style", "template", "noscript", "title", "head"})
_BOLD = {"b": "**", "strong": "**", "th": "**", "em": "*", "i": "*"}
# What Markdown of our own cannot say: where one of these is, the HTML is kept beside it as it was.
NO_EQUAL = re.compile(
    r"<\s*(?:script|style|iframe|img|table|input|select|textarea|button|video|audio|object|svg|form)\b|\{\{|\{%",
    re.IGNORECASE,
)
_TAG = re.compile(r"</?[A-Za-z][^>]*>|<!--.*?-->|&[#A-Za-z0-9]+;", re.DOTALL)


def has_html(text: str) -> bool:
    return bool(_TAG.search(text))


def to_markdown(text: str) -> str:
    """Blocks apart by an empty line. Words that look like Markdown are escaped. Text without HTML keeps its lines."""
    reader = _Reader()
    reader.feed(text if has_html(text) else _paragraphs(text))
    reader.close()
    return reader.markdown()


def to_line(text: str) -> str:
    """One line without any marks, for a label or a heading."""
    reader = _Reader(plain=True)
    reader.feed(text)
    reader.close()
    return " ".join(reader.markdown().split())


def is_simple(text: str) -> bool:
    """Whether `to_line` says all of it: there are no links or lists, and it is one paragraph."""
    return not re.search(r"<\s*(?:a|ul|ol|img|table|h[1-6])\b", text, re.IGNORECASE) and (
        len(re.findall(r"<\s*(?:p|div|br)\b", text, re.IGNORECASE)) <= 1
    )


def _paragraphs(text: str) -> str:
    """Plain text as it would stand in HTML, its line ends kept."""
    safe = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    blocks = [block for block in re.split(r"\n\s*\n", safe.replace("\r\n", "\n")) if block.strip()]
    return "".join(f"<p>{block.strip().replace(chr(10), '<br>')}</p>" for block in blocks)


def _escaped(text: str) -> str:
    text = re.sub(r"([\\`*_\[\]<>])", r"\\\1", text)
    return re.sub(r"^(\s*)([#+-]|\d+[.)])(?=\s)", lambda found: f"{found[1]}{_last_escaped(found[2])}", text)


def _last_escaped(mark: str) -> str:
    return f"{mark[:-1]}\\{mark[-1]}"


class _Reader(HTMLParser):
    def __init__(self, *, plain: bool = False) -> None:
        super().__init__(convert_charrefs=True)
        self.plain = plain
        self.blocks: list[str] = []
        self.line: list[str] = []
        self.prefix = ""
        self.lists: list[int] = []  # 0: bullets; otherwise the number of the next item
        self.silent = 0
        self.spans: list[str] = []  # open ones; those that stand on a line of their own have a name
        self.links: list[tuple[str, int]] = []  # address, where in `line` the words begin

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self.silent += 1
        elif tag in ("br", "hr", "a", "img", "td"):
            self._inline(tag, {name: value or "" for name, value in attrs})
        elif tag in ("ul", "ol"):
            self._end_block()
            self.lists.append(1 if tag == "ol" else 0)
        elif tag == "li" or tag in _HEADINGS:
            self._end_block()
            self.prefix = self._item_prefix() if tag == "li" else "" if self.plain else _HEADINGS[tag]
        elif tag in _BLOCKS or (tag == "span" and _is_block(attrs)):
            self._end_block(stay=bool(self.prefix) and not self.line)
            self.spans += ["span"] if tag == "span" else []
        elif tag == "span":
            self.spans.append("")
        if tag in _BOLD and not self.plain and tag != "i":
            self.line.append(_BOLD[tag])

    def _inline(self, tag: str, given: dict[str, str]) -> None:
        if tag == "br":
            self.line.append("\n" if self.line else "")
        elif tag == "hr":
            self._end_block()
        elif tag == "a":
            self.links.append((given.get("href", ""), len(self.line)))
        elif tag == "img":
            self._image(given)
        elif self.line:
            self.line.append(" ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("br", "hr", "img"):
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self.silent = max(self.silent - 1, 0)
        elif tag == "a" and self.links:
            self._end_link()
        elif tag in ("ul", "ol"):
            self._end_block()
            if self.lists:
                self.lists.pop()
        elif tag in _BOLD and not self.plain and tag != "i":
            self._end_bold(_BOLD[tag])
            if tag == "th":
                self.line.append(" ")
        elif tag == "li" or tag in _HEADINGS or tag in _BLOCKS or (tag == "span" and self.spans and self.spans.pop()):
            self._end_block()

    def handle_data(self, data: str) -> None:
        if not self.silent:
            words = re.sub(r"\s+", " ", data)
            self.line.append(words if self.plain else _escaped(words) if self.line else _escaped(words.lstrip()))

    def close(self) -> None:
        super().close()
        while self.links:
            self._end_link()
        self._end_block()

    def _item_prefix(self) -> str:
        if self.plain:
            return ""
        if not self.lists:
            return "- "
        indent = "   " * (len(self.lists) - 1)
        number = self.lists[-1]
        if number:
            self.lists[-1] += 1
            return f"{indent}{number}. "
        return f"{indent}- "

    def _end_bold(self, mark: str) -> None:
        """Close the mark right after the last word, or take it back when nothing is between."""
        if mark not in self.line:
            return
        place = len(self.line) - 1 - self.line[::-1].index(mark)
        inside = "".join(self.line[place + 1 :])
        words = inside.strip()
        if not words or "\n" in words:
            self.line[place:] = [inside]
            return
        before = " " if inside[:1].isspace() else ""
        after = " " if inside[-1:].isspace() else ""
        self.line[place:] = [f"{before}{mark}{words}{mark}{after}"]

    def _end_link(self) -> None:
        address, place = self.links.pop()
        words = " ".join("".join(self.line[place:]).split())
        address = address.strip()
        if self.plain or not address:
            return
        self.line[place:] = [f"[{words or _escaped(address)}]({_address(address)})"]

    def _image(self, given: dict[str, str]) -> None:
        words = " ".join(given.get("alt", "").split())
        if self.plain:
            self.line.append(words)
        elif given.get("src"):
            self.line.append(f"[{_escaped(words) or 'Picture'}]({_address(given['src'].strip())})")

    def _end_block(self, *, stay: bool = False) -> None:
        """What was read so far becomes a block; with `stay` the mark of a list item waits for its words."""
        while self.links and not stay:
            self._end_link()
        lines = [" ".join(line.split()) for line in "".join(self.line).split("\n")]
        text = "\\\n".join(line for line in lines if line)
        if self.plain:
            text = " ".join(line for line in lines if line)
        self.line = []
        if text:
            self.blocks.append(self.prefix + text)
        if not stay:
            self.prefix = ""

    def markdown(self) -> str:
        text = ""
        for block in self.blocks:
            both_items = _is_item(block) and bool(text) and _is_item(text.rsplit("\n\n", 1)[-1].rsplit("\n", 1)[-1])
            text += ("\n" if both_items else "\n\n" if text else "") + block
        return text.strip()


def _is_block(attrs: list[tuple[str, str | None]]) -> bool:
    """The design system's labels and hints stand on a line of their own."""
    return any(
        name == "class" and re.search(r"govuk-(label|hint|heading|body|caption)", value or "") for name, value in attrs
    )


def _is_item(block: str) -> bool:
    return bool(re.match(r"\s*(?:-|\d+\.) ", block))


def _address(address: str) -> str:
    """The address as Markdown takes it; one that could run is left as words by `ui.markdown`, so it stays."""
    try:
        urlsplit(address)
    except ValueError:
        return "<" + re.sub(r"[<>\s]", "", address) + ">"
    return (
        f"<{address.replace('<', '%3C').replace('>', '%3E').replace(chr(10), '')}>"
        if re.search(r"[\s()]", address)
        else address
    )
