"""The packs that come with Townhall, as a council would find them."""

from __future__ import annotations

from pathlib import Path

import pytest

from townhall.catalogue import commands, operations, queries
from townhall.catalogue.pack import Attribute, Clocks, ServicePack
from townhall.catalogue.reading import read_folder
from townhall.catalogue.routing import LANDOWNER, Where, route
from townhall.catalogue.tests.makers import MONDAY, PRIYA, make_pack, write_folder

PACKS = {pack.code: pack for pack in read_folder(operations.OUR_PACKS)}
LGSL = {
    "fly-tipping": 587, "graffiti": 584, "missed-bin": 524, "dead-animal": 576, "abandoned-vehicle": 372, "pothole": 557,
    "street-light": 564, "dog-fouling": 577, "litter-bin": 580, "litter": 580, "needles": 428, "noise": 412, "fallen-tree": None,
    "blocked-drain": 664, "flyposting": 588, "road-sign": None, "pavement": 537, "road-obstruction": 550, "gritting": 561,
    "housing-benefit-claim": 69, "bulky-waste": 528, "garden-waste": 530, "housing-repair": 141, "leaseholder-works": None,
    "licensing-comment": None, "ask-us": None, "register-to-vote": 364, "council-tax-instalments": 57, "school-place": 13,
    "abandoned-trolley": 1152, "street-name-plate": 541, "council-tax-move": 57, "single-person-discount": 59, "parking-permit": 474,
    "direct-debit": None, "rent-arrangement": None,
}  # fmt: skip


def test_there_are_packs_for_the_services_with_their_codes() -> None:
    assert {code: pack.lgsl_id for code, pack in PACKS.items()} == LGSL
    assert PACKS["missed-bin"].lgil_id == 17


@pytest.mark.capability("KNOW-01", "KNOW-02")
@pytest.mark.parametrize("pack", PACKS.values(), ids=PACKS.keys())
def test_each_says_what_is_done_what_is_refused_and_by_when(pack: ServicePack) -> None:
    assert len(pack.done) > 40
    assert len(pack.refused) >= 2
    assert all(refusal.explanation.strip().endswith((".", "by.")) for refusal in pack.refused)
    assert 0 <= pack.published.days <= 60
    assert pack.contact.phone
    assert pack.owner_team
    assert pack.teller
    assert pack.senior_manager
    assert pack.portfolio_holder


@pytest.mark.parametrize("pack", PACKS.values(), ids=PACKS.keys())
def test_the_words_are_short_and_plain(pack: ServicePack) -> None:
    texts = [pack.summary, pack.next_step, *(refusal.explanation for refusal in pack.refused)]
    sentences = [sentence for text in texts for sentence in text.replace("\n", " ").split(". ")]

    assert max(len(sentence.split()) for sentence in sentences) <= 30
    assert not any(word in " ".join(texts).casefold() for word in ("please", "sorry", "click here", "valid"))


def test_personal_answers_are_never_public() -> None:
    registration = PACKS["abandoned-vehicle"].attribute("registration")
    seen = PACKS["fly-tipping"].attribute("seen_what")

    assert registration is not None
    assert not registration.public
    assert seen is not None
    assert not seen.public
    assert not any(
        attribute.public for pack in PACKS.values() for attribute in pack.attributes if attribute.datatype == "text"
    )
    assert not any(pack.public.description for pack in PACKS.values())
    assert not PACKS["missed-bin"].public.listed


def test_a_dangerous_pothole_is_an_emergency_and_the_bypass_is_not_ours() -> None:
    deep = {"position": "carriageway", "depth": "deep"}

    urgent = route(PACKS["pothole"], answers=deep, where=Where())
    assert (urgent.team, urgent.priority, urgent.published.days) == ("highways", "emergency", 1)
    shallow = route(PACKS["pothole"], answers={**deep, "depth": "shallow"}, where=Where())
    assert (shallow.priority, shallow.published.days) == ("normal", 20)
    assert route(PACKS["pothole"], answers=deep, where=Where(land="trunk-road")).refer_to == LANDOWNER


def test_a_lorry_load_goes_to_the_contractor_and_asbestos_to_specialists() -> None:
    lorry = route(PACKS["fly-tipping"], answers={"size": "lorry", "waste": ["household"]}, where=Where())
    assert lorry.contract is not None
    assert (lorry.team, lorry.contract.reference) == ("aldermere-clean-streets", "ACS-2024-07")
    asbestos = route(PACKS["fly-tipping"], answers={"size": "lorry", "waste": ["tyres", "asbestos"]}, where=Where())
    assert (asbestos.team, asbestos.contract) == ("environmental-health", None)


@pytest.mark.django_db
def test_they_load_and_export_and_load_again_without_a_change(tmp_path: Path) -> None:
    lines, fine = commands.load(operations.OUR_PACKS, at=MONDAY)
    assert (fine, lines[-1]) == (True, f"{len(PACKS)} new or changed")
    assert {pack.code: pack for pack in queries.services()} == PACKS

    commands.export(tmp_path)

    assert {pack.code: pack for pack in read_folder(tmp_path)} == PACKS
    assert operations.load_packs(tmp_path, by=PRIYA, at=MONDAY) == []
    assert sum(map(len, queries.groups().values())) == len(PACKS)


def test_the_check_command_tells_faults_and_needs_no_database(tmp_path: Path) -> None:
    write_folder(tmp_path, make_pack("one", related=["two"]))
    assert commands.check(tmp_path) == (["one/service.yaml: $.related[0]: There is no service 'two'."], False)
    write_folder(tmp_path, make_pack("two"))
    assert commands.check(tmp_path) == (["2 service packs, no faults"], True)
    (tmp_path / "two" / "service.yaml").write_text("code: [")
    assert commands.check(tmp_path)[1] is False
    assert commands.check(tmp_path / "empty") == (["empty:1: $: There are no service packs in this folder."], False)


def test_the_page_about_packs_names_every_key() -> None:
    page = (Path(__file__).parents[3] / "docs" / "service-packs.md").read_text(encoding="utf-8")
    keys = {*ServicePack.__struct_fields__, *Clocks.__struct_fields__, *Attribute.__struct_fields__}

    assert not {key for key in keys if f"`{key}`" not in page}
