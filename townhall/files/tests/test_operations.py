"""A photo is kept private, given to what it belongs to, approved, and shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from threading import Barrier, Thread
from typing import Any
from uuid import UUID

import pytest
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.test import Client
from PIL import Image

from townhall.accounts.models import Role
from townhall.accounts.tests.makers import make_user, sign_in
from townhall.core.actors import PUBLIC, Actor, ActorKind
from townhall.core.errors import BadInput, NotAllowed, NotFound, WrongState
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.files import operations, queries
from townhall.files.models import State, StoredFile
from townhall.files.tests import makers
from townhall.files.tests.makers import picture, upload
from townhall.ledger.models import Entry

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
OFFICER = Actor(kind=ActorKind.STAFF, id="0190", roles=frozenset({Role.OFFICER}))


@pytest.fixture(autouse=True)
def _storage_of_its_own(settings: Any, tmp_path: Any) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}},
    }


def draft() -> Subject:
    return Subject(kind="draft", id=uuid7())


def store(about: Subject | None = None, *, case_id: UUID | None = None, content: bytes | None = None) -> StoredFile:
    sent = upload("tip.jpg", content or picture())
    return operations.store(sent, about=about or draft(), purpose="before", by=PUBLIC, at=AT, case_id=case_id)


@pytest.mark.capability("REPT-04")
def test_a_photo_sent_with_a_report_is_private_until_an_officer_approves_it(client: Client) -> None:
    file = store()
    paths = [f"/files/{file.pk}", f"/files/{file.pk}/thumbnail"]
    assert [client.get(path).status_code for path in paths] == [404, 404]

    operations.approve(file.pk, by=OFFICER, at=AT)

    for path in paths:
        shown = client.get(path)
        assert shown.status_code == 200
        assert shown["Content-Type"] == "image/jpeg"
        assert shown["X-Content-Type-Options"] == "nosniff"
        assert shown["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert shown["Content-Disposition"].startswith("inline; filename=")
        assert Image.open(BytesIO(shown.content)).format == "JPEG"
        assert client.get(path, headers={"If-None-Match": shown["ETag"]}).status_code == 304
    operations.reject(file.pk, by=OFFICER, at=AT)
    assert [client.get(path).status_code for path in paths] == [404, 404]
    verbs = Entry.objects.filter(subject_id=file.pk).order_by("at", "id").values_list("verb", flat=True)
    assert list(verbs) == ["file.stored", "file.approved", "file.rejected"]


def test_a_photo_of_a_report_that_is_not_sent_is_seen_by_nobody() -> None:
    file = store()
    for role in (Role.ADVISER, Role.OFFICER, Role.CONTRACTOR, Role.ADMINISTRATOR):
        theirs = Client()
        sign_in(theirs, make_user(roles=(role,)))
        assert theirs.get(f"/files/{file.pk}").status_code == 404, role


def test_an_app_above_can_let_others_see(client: Client) -> None:
    file = store(case_id=uuid7())
    contractor = make_user(roles=(Role.CONTRACTOR,))
    sign_in(client, contractor)

    def own_jobs(actor: Actor, wanted: StoredFile) -> bool:
        return actor.id == str(contractor.pk) and wanted.case_id == file.case_id

    queries.also_seen_by(own_jobs)
    try:
        assert client.get(f"/files/{file.pk}").status_code == 200
        assert client.get(f"/files/{store().pk}").status_code == 404
    finally:
        queries._rules.remove(own_jobs)


def test_whoever_has_just_sent_a_photo_sees_it_by_a_signed_link(client: Client) -> None:
    file, other = store(), store()
    link = queries.own_link(file.pk)

    assert client.get(link).status_code == 200
    assert client.get(link.replace(str(file.pk), str(other.pk))).status_code == 404
    assert client.get(link[:-1] + ("a" if link[-1] != "a" else "b")).status_code == 404
    assert client.get(f"/files/{file.pk}?key=\0").status_code == 404


@pytest.mark.capability("REPT-04")
def test_several_photos_of_a_draft_go_to_the_case_that_is_made_of_it() -> None:
    about, case = draft(), Subject(kind="case", id=uuid7())
    mine, foreign = [store(about) for _number in range(3)], store()

    given = operations.attach([*(file.pk for file in mine), foreign.pk], about=case, case_id=case.id, draft_id=about.id)
    again = operations.attach([mine[0].pk], about=draft(), case_id=None)

    assert (given, again) == (3, 0)
    assert {file.pk for file in queries.files_of(case)} == {file.pk for file in mine}
    operations.approve(mine[1].pk, by=OFFICER, at=AT)
    shown = queries.photos_of_cases([case.id], only_approved=True)
    assert [photo.id for photo in shown[case.id]] == [mine[1].pk]
    assert len(queries.photos_of_cases([case.id], only_approved=False)[case.id]) == 3


def test_approving_is_for_those_who_may_and_happens_once() -> None:
    file = store()
    with pytest.raises(NotAllowed):
        operations.approve(file.pk, by=Actor(kind=ActorKind.STAFF, id="1", roles=frozenset({Role.ADVISER})), at=AT)
    with pytest.raises(NotFound):
        operations.approve(uuid7(), by=OFFICER, at=AT)
    operations.approve(file.pk, by=OFFICER, at=AT)

    with pytest.raises(WrongState):
        operations.approve(file.pk, by=OFFICER, at=AT)
    assert StoredFile.objects.get().decided_by == OFFICER.id


def test_a_pdf_is_never_shown_in_the_page_nor_approved(client: Client) -> None:
    sent = upload("lease.pdf", makers.pdf())
    file = operations.store(sent, about=draft(), purpose="attachment", by=PUBLIC, at=AT)

    shown = client.get(queries.own_link(file.pk, thumbnail=False))

    assert shown["Content-Disposition"].startswith("attachment")
    assert client.get(queries.own_link(file.pk)).status_code == 404
    with pytest.raises(WrongState):
        operations.approve(file.pk, by=OFFICER, at=AT)


def test_what_is_refused_leaves_nothing_behind(tmp_path: Any) -> None:
    with pytest.raises(BadInput):
        operations.store(upload("photo.exe", makers.WINDOWS_PROGRAM), about=draft(), purpose="before", by=PUBLIC, at=AT)

    assert StoredFile.objects.count() == 0
    assert not any(path.is_file() for path in tmp_path.rglob("*"))


def test_names_in_the_store_are_random_and_say_nothing() -> None:
    first, second = store(), store()

    assert first.storage_name != second.storage_name
    assert "tip" not in first.storage_name
    assert first.sha256 == second.sha256
    assert first.original_name == "tip.jpg"


def test_the_photos_of_a_draft_that_came_to_nothing_are_removed_after_a_week() -> None:
    abandoned, kept = store(), store(Subject(kind="case", id=uuid7()))

    assert operations.tidy(AT + timedelta(days=6)) == 0
    assert operations.tidy(AT + timedelta(days=8)) == 1

    assert list(StoredFile.objects.values_list("pk", flat=True)) == [kept.pk]
    assert not default_storage.exists(abandoned.storage_name)
    assert not default_storage.exists(abandoned.thumbnail_name)
    assert default_storage.exists(kept.storage_name)


def test_a_file_whose_row_never_came_is_removed_the_next_days() -> None:
    """As after a preview of a move with a photo, which takes back what it wrote."""
    kept = store()
    with transaction.atomic():
        stray = store()
        transaction.set_rollback(True)

    assert operations.tidy_strays(AT) == 0  # it may still be on its way
    assert operations.tidy_strays(AT + timedelta(days=1)) == 2
    assert operations.tidy_strays(AT + timedelta(days=1)) == 0

    assert not default_storage.exists(stray.storage_name)
    assert not default_storage.exists(stray.thumbnail_name)
    assert default_storage.exists(kept.storage_name)
    assert default_storage.exists(kept.thumbnail_name)


@pytest.mark.django_db(transaction=True)
def test_eight_officers_approve_at_once_and_one_entry_is_written() -> None:
    file = store()

    outcomes = _at_once(8, lambda: operations.approve(file.pk, by=OFFICER, at=AT))

    assert outcomes.count("done") == 1
    assert outcomes.count("WrongState") == 7
    assert Entry.objects.filter(verb="file.approved", subject_id=file.pk).count() == 1


def _at_once(number: int, do: Callable[[], object]) -> list[str]:
    barrier = Barrier(number)
    outcomes: list[str] = []

    def run() -> None:
        try:
            barrier.wait()
            do()
            outcomes.append("done")
        except WrongState:
            outcomes.append("WrongState")
        finally:
            connection.close()

    threads = [Thread(target=run) for _number in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_the_state_and_its_time_are_kept_together_by_the_database() -> None:
    from django.db import IntegrityError

    file = store()
    with pytest.raises(IntegrityError):
        StoredFile.objects.filter(pk=file.pk).update(state=State.APPROVED)


def test_a_phones_heic_photo_is_kept_as_a_jpeg_without_where_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Maker of phones"
    exif[0x8825] = {1: "N", 2: (51.0, 30.0, 0.0)}
    sent = BytesIO()
    Image.open(BytesIO(picture(size=(2400, 1800)))).save(sent, "HEIF", exif=exif.tobytes())

    file = store(content=sent.getvalue())

    assert (file.content_type, file.width, file.height) == ("image/jpeg", 2048, 1536)
    with default_storage.open(file.storage_name) as kept:
        shown = Image.open(BytesIO(kept.read()))
        assert shown.format == "JPEG"
        assert not shown.getexif()
        grey = shown.convert("L").tobytes()
        assert grey[700 * 2048 + 1_800] > grey[700 * 2048 + 300] + 100
    with pytest.raises(BadInput, match="could not be opened"):
        store(content=sent.getvalue()[:3000])
