"""Made-up customers and documents, and a reader of PDFs that knows nothing of how we make them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from uuid import UUID

import pikepdf

from townhall.core.actors import SYSTEM, Actor, ActorKind
from townhall.core.subjects import Subject
from townhall.customers import operations as customers
from townhall.customers.models import Customer
from townhall.customers.operations import NewCustomer
from townhall.documents import operations
from townhall.documents.models import Document

MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ADVISER = Actor(kind=ActorKind.STAFF, id="5c0f1d3e-0000-4000-8000-0000000000aa", roles=frozenset({"adviser"}))
CONTRACTOR = Actor(kind=ActorKind.STAFF, id="5c0f1d3e-0000-4000-8000-0000000000ab", roles=frozenset({"contractor"}))
_numbers = itertools.count(1)


def make_customer(name: str = "Sam Okafor", **more: Any) -> Customer:
    return customers.create(NewCustomer(name=name, **more), by=SYSTEM, at=MONDAY)


def as_customer(customer_id: UUID) -> Actor:
    return Actor(kind=ActorKind.CUSTOMER, id=str(customer_id))


def make_document(customer_id: UUID, *, at: datetime = MONDAY, **fields: Any) -> Document:
    number = next(_numbers)
    usual: dict[str, Any] = {
        "kind": "letter",
        "title": f"A letter about matter {number}",
        "about": Subject(kind="case", id=customer_id),
        "key": f"letter-{number}",
        "html": "<p>We write to you.</p>",
    }
    return operations.keep_document(customer_id=customer_id, by=SYSTEM, at=at, **{**usual, **fields})


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
    def metadata(self) -> str:
        return bytes(self.root.Metadata.read_bytes()).decode()
