"""Who deals with the post."""

from __future__ import annotations

from typing import Final

INDEX: Final = "post.index"
