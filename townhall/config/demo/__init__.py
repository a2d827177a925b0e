"""The demo council: Aldermere, openly fictional."""

from __future__ import annotations


def load(*, scale: str = "small") -> None:
    from townhall.config.demo import loading

    loading.load(scale=scale)


def welcome() -> str:
    from townhall.config.demo import loading

    return loading.welcome()
