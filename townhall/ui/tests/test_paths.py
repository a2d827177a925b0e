"""Every address that the quick way makes is the one that Django makes."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from django.urls import NoReverseMatch, URLResolver, get_resolver, reverse
from django.urls.converters import IntConverter, UUIDConverter

from townhall.ui.paths import is_ours, url

SOME_ID = UUID("0190b6c8-5b5e-7cc1-8f3e-0123456789ab")


def _named(resolver: URLResolver, spaces: tuple[str, ...] = ()) -> Iterator[tuple[str, list[object]]]:
    """Each named page with arguments for its address."""
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            yield from _named(one, (*spaces, one.namespace) if one.namespace else spaces)
        elif one.name:
            yield ":".join([*spaces, one.name]), [_fitting(kind) for kind in one.pattern.converters.values()]


def _fitting(converter: object) -> object:
    if isinstance(converter, UUIDConverter):
        return SOME_ID
    return 7 if isinstance(converter, IntConverter) else "TH-7K3M-92QX"


def test_every_page_has_the_address_that_django_gives_it() -> None:
    pages = list(_named(get_resolver()))

    assert len(pages) > 80
    for name, arguments in pages:
        assert url(name, *arguments) == reverse(name, args=arguments)
        assert url(name, *arguments) == reverse(name, args=arguments)  # from what is remembered


@pytest.mark.parametrize("word", ["a b", "é", "50%", "a/b", "%s", ""])
def test_words_that_need_care_go_the_long_way(word: str) -> None:
    assert _url_or_none("files:file", word) == _reverse_or_none("files:file", word)
    assert _url_or_none("portal:follow_page", word) == _reverse_or_none("portal:follow_page", word)


def test_a_page_that_is_not_there_is_an_error() -> None:
    with pytest.raises(NoReverseMatch):
        url("portal:no_such_page", "word")
    with pytest.raises(NoReverseMatch):
        url("files:file", "not-an-id")


def _url_or_none(name: str, word: str) -> str | None:
    try:
        return url(name, word)
    except NoReverseMatch:
        return None


def _reverse_or_none(name: str, word: str) -> str | None:
    try:
        return reverse(name, args=[word])
    except NoReverseMatch:
        return None


@pytest.mark.parametrize("path", ["/", "/services", "/report?where=High%20Street#map"])
def test_a_path_of_this_site_is_ours(path: str) -> None:
    assert is_ours(path)


@pytest.mark.parametrize(
    "path",
    ["", "services", "//evil.example", "/\\evil.example", "/a\\b", "/\t/evil.example", "https://evil.example/", "///x"],
)
def test_what_a_browser_would_read_as_another_site_is_not_ours(path: str) -> None:
    assert not is_ours(path)
