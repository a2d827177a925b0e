"""The addresses of letters, faxes and posts in social media; a part of workspace.urls."""

from __future__ import annotations

from django.urls import path

from townhall.workspace.views import post, post_index

urlpatterns = [
    path("work/post", post.listed, name="post"),
    path("work/post/new", post.new, name="post_new"),
    path("work/post/social", post.social, name="post_social"),
    path("work/post/figures", post.figures, name="post_figures"),
    path("work/post/refused/<uuid:refused_id>", post.settle, name="post_settle"),
    path("work/post/<uuid:piece_id>", post_index.one, name="post_piece"),
    path("work/post/<uuid:piece_id>/seen", post_index.seen, name="post_seen"),
    path("work/post/<uuid:piece_id>/original", post_index.original, name="post_original"),
    path("work/post/<uuid:piece_id>/correct", post_index.correct, name="post_correct"),
    path("work/post/<uuid:piece_id>/aside", post_index.set_aside, name="post_aside"),
    path("work/post/<uuid:piece_id>/back", post_index.take_back, name="post_back"),
    path("work/post/<uuid:piece_id>/customer", post_index.new_customer, name="post_customer"),
]
