from __future__ import annotations

import time

import pytest

from townhall.catalogue.operations import OUR_PACKS
from townhall.catalogue.pack import ServicePack
from townhall.catalogue.reading import read_folder
from townhall.catalogue.search import Index
from townhall.catalogue.tests.makers import make_pack

# What people type. None of these stands in a pack word for word, except the few plain names: that is checked below.
TYPED = {
    "fly tiping": "fly-tipping",
    "rubish dumped": "fly-tipping",
    "misssed bin": "missed-bin",
    "pot hole": "pothole",
    "dead fox": "dead-animal",
    "someones left a sofa in our street": "fly-tipping",
    "dumped matress by the garages": "fly-tipping",
    "a pile of black bags in the alleyway": "fly-tipping",
    "fridge dumpped in layby": "fly-tipping",
    "bins not been collected": "missed-bin",
    "my recyling wasnt picked up": "missed-bin",
    "garden waste bin not emptied again": "missed-bin",
    "binmen missed us": "missed-bin",
    "potholes on my road": "pothole",
    "hole in teh road damaged my car": "pothole",
    "road surfice breaking up": "pothole",
    "streetlamp not working": "street-light",
    "street lihgt out": "street-light",
    "lamp post flickering": "street-light",
    "no lights in our road": "street-light",
    "dog pooo on pavement": "dog-fouling",
    "dogs fouling playground": "dog-fouling",
    "dog muck everywhere": "dog-fouling",
    "graffitti on underpass": "graffiti",
    "somebody spraypainted the wall": "graffiti",
    "abandonded car": "abandoned-vehicle",
    "burnt out van": "abandoned-vehicle",
    "untaxed vehicle parked for months": "abandoned-vehicle",
    "dead cat in road": "dead-animal",
    "dead badger": "dead-animal",
    "run over fox": "dead-animal",
    "syringes in park": "needles",
    "nedle found on path": "needles",
    "drug needels": "needles",
    "loud music next door": "noise",
    "noisy neigbours": "noise",
    "dog wont stop barking": "noise",
    "house alarm going off all night": "noise",
    "tree fallen on path": "fallen-tree",
    "tree branch hanging dangerously": "fallen-tree",
    "blocked drains": "blocked-drain",
    "drian blocked with leaves": "blocked-drain",
    "road is flooded": "blocked-drain",
    "posters on lamposts": "flyposting",
    "fly posting": "flyposting",
    "stop sign knocked down": "road-sign",
    "faded white lines": "road-sign",
    "uneven paving slabs": "pavement",
    "tripped on broken pavment": "pavement",
    "hedge overhanging pavement": "road-obstruction",
    "skip blocking road": "road-obstruction",
    "icy roads not gritted": "gritting",
    "grit bin empty": "gritting",
    "shopping trolly in river": "abandoned-trolley",
    "supermarket trollies dumped": "abandoned-trolley",
    "street name sign missing": "street-name-plate",
    "public litter bin overflowing": "litter-bin",
    "park bin is full": "litter-bin",
    "dog poo bin overfull": "litter-bin",
    "broken glass on footpath": "litter",
    "road needs sweeping": "litter",
    "litter all along the verge": "litter",
    "school admissions": "school-place",
    "housing benefit": "housing-benefit-claim",
    "electoral roll": "register-to-vote",
}
PACKS = read_folder(OUR_PACKS)
INDEX = Index(PACKS)


def first(text: str) -> str:
    hits = INDEX.search(text)
    return hits[0].pack.code if hits else "nothing"


def phrases(pack: ServicePack) -> set[str]:
    return {text.casefold() for text in (pack.name, *pack.keywords, *pack.synonyms, *pack.misspellings)}


@pytest.mark.capability("KNOW-01")
def test_what_people_type_finds_the_right_service_first() -> None:
    wrong = {text: first(text) for text, code in TYPED.items() if first(text) != code}

    print(f"\nfound first: {len(TYPED) - len(wrong)} of {len(TYPED)}")
    for text, code in wrong.items():
        print(f"  {text!r}: {code}, not {TYPED[text]}")
    assert len(wrong) / len(TYPED) <= 0.05


@pytest.mark.parametrize("text", ["fly tiping", "rubish dumped", "misssed bin", "pot hole", "dead fox"])
def test_the_known_ones_are_always_right(text: str) -> None:
    assert first(text) == TYPED[text]


def test_few_of_the_phrases_stand_in_a_pack_word_for_word() -> None:
    written = set().union(*(phrases(pack) for pack in PACKS))

    assert len([text for text in TYPED if text in written]) <= len(TYPED) / 5


@pytest.mark.parametrize(
    "text",
    [
        "library card",
        "marry",
        "get married",
        "passport",
        "planning permission",
        "swimming pool",
        "blue badge",
        "bus pass",
        "library books",
        "business rates",
        "allotment",
        "register a birth",
    ],
)
def test_what_is_not_among_the_services_finds_nothing(text: str) -> None:
    assert [hit.pack.code for hit in INDEX.search(text)] == []


def test_what_the_council_does_not_do_finds_nothing() -> None:
    assert [first(text) for text in ("passport", "mortgage advice", "xqzzt", "", "   ", "the", "\0🦢", "x" * 5000)] == [
        "nothing"
    ] * 8


def test_words_that_rhyme_are_not_a_slip_of_the_fingers() -> None:
    assert [hit.pack.code for hit in INDEX.search("moving house")] == ["council-tax-move"]  # and not pooing


def test_the_beginning_of_a_word_is_enough() -> None:
    assert first("graf") == "graffiti"
    assert first("poth") == "pothole"


def test_a_search_among_hundreds_of_services_takes_milliseconds() -> None:
    many = [*PACKS, *(make_pack(f"service-{number}", keywords=[f"word{number} thing"]) for number in range(300))]
    index = Index(many)
    before = time.process_time()
    for text in TYPED:
        index.search(text)

    assert (time.process_time() - before) / len(TYPED) < 0.05
