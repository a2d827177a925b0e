"""A reader of PDFs that knows nothing of how we make them: what they say of themselves to a screen reader."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pikepdf


class Reading:
    """What a PDF says of itself to a screen reader."""

    def __init__(self, content: bytes) -> None:
        self.pdf = pikepdf.open(BytesIO(content))
        self.root = self.pdf.Root

    @property
    def elements(self) -> list[tuple[str, Any]]:
        """The tree of structure in reading order, as (tag, element)."""
        return list(self._below(self.root.StructTreeRoot.K))

    def _below(self, node: Any) -> Iterator[tuple[str, Any]]:
        if isinstance(node, pikepdf.Array):
            for one in node:
                yield from self._below(one)
        elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
            yield str(node.S).removeprefix("/"), node
            if "/K" in node:
                yield from self._below(node.K)

    @property
    def headings(self) -> list[int]:
        return [int(tag[1]) for tag, _element in self.elements if len(tag) == 2 and tag[0] == "H" and tag[1].isdigit()]

    @property
    def bookmarks(self) -> list[str]:
        with self.pdf.open_outline() as outline:
            return [one.title for one in outline.root]

    @property
    def fonts(self) -> set[str]:
        found = set()
        for page in self.pdf.pages:
            resources: Any = page.get("/Resources", {})
            found |= {str(font.BaseFont) for font in resources.get("/Font", {}).values()}
        return {name.partition("+")[2] or name for name in found}

    @property
    def sizes(self) -> list[float]:
        """Of each piece of text, in points. A page is drawn in pixels, 0.75 points each."""
        return [
            round(float(one.operands[1]) * 0.75, 1)
            for page in self.pdf.pages
            for one in pikepdf.parse_content_stream(page)
            if str(one.operator) == "Tf"
        ]

    @property
    def usual_size(self) -> float:
        return max(set(self.sizes), key=self.sizes.count)

    @property
    def metadata(self) -> str:
        return bytes(self.root.Metadata.read_bytes()).decode()

    @property
    def links_without_words(self) -> int:
        """Links that are not in the tree by an element of their own, or say nothing where a pointer rests on them."""
        links = [one for page in self.pdf.pages for one in page.get("/Annots", []) if one.get("/Subtype") == "/Link"]
        return sum("/Contents" not in one or "/StructParent" not in one for one in links)

    @property
    def figures_without_alt(self) -> int:
        return sum(tag == "Figure" and not str(one.get("/Alt", "")).strip() for tag, one in self.elements)

    @property
    def cells_without_header(self) -> int:
        """Data cells of tables that name no header cell, and no header cell of theirs says which way it reaches."""
        known = {str(one.ID) for tag, one in self.elements if tag == "TH" and "/ID" in one}
        missing = 0
        for tag, one in self.elements:
            if tag == "TD":
                said = {str(each) for each in one.get("/A", {}).get("/Headers", [])}
                missing += not said or not said <= known
        return missing
