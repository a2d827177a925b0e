"""Posts in social media, told by the tool that the council follows them with. Scope: `post.in`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from townhall.core.api.endpoints import Call, Group
from townhall.intake import arriving
from townhall.intake.arriving import LONGEST_WORDS, Post
from townhall.intake.models import Source

group = Group("Post")
IN = "post.in"


class PostIn(Struct, frozen=True, kw_only=True):
    """`id`: the network's own, so that a post told twice is one. `account`: ours, that it was written to. `at`: with a time zone."""

    network: Annotated[str, Meta(min_length=1, max_length=100)]
    id: Annotated[str, Meta(min_length=1, max_length=200)]
    words: Annotated[str, Meta(min_length=1, max_length=LONGEST_WORDS)]
    at: Annotated[datetime, Meta(tz=True)]
    sender: Annotated[str, Meta(max_length=200)] = ""
    account: Annotated[str, Meta(max_length=100)] = ""
    link: Annotated[str, Meta(max_length=2_000)] = ""


class PostOut(Struct, frozen=True, kw_only=True):
    id: UUID
    state: str


@group.endpoint(
    "POST",
    "/post/social",
    summary="A post in social media that somebody is to see",
    gives=PostOut,
    takes=PostIn,
    scope=IN,
    status=201,
)
def social(call: Call) -> PostOut:
    """It waits among the post until somebody says whose it is. The same `network` and `id` again is the same post."""
    given: PostIn = call.body
    post = Post(
        network=given.network,
        external_id=given.id,
        words=given.words,
        posted_at=given.at,
        sender=given.sender,
        account=given.account,
        link=given.link,
    )
    made = arriving.take_post(post, source=Source.API, by=call.by, at=call.at)
    return PostOut(id=made.pk, state=made.state)
