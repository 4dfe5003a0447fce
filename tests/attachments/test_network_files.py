"""Files of agreements with partners and of activities: who may, and whose they are."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.core.access import Role
from app.core.database import Database
from app.settings import Settings
from tests.makers.activities import add_activity, change_activity
from tests.makers.attachments import PDF, PNG, send_file
from tests.makers.identity import make_client
from tests.makers.partners import add_agreement, add_partner, change, make_partner_client
from tests.makers.tour import V1, done, in_days

OWNERS = ("partner-agreements", "activities")
Make = Callable[[str], dict[str, Any]]

KINDS = {"partner-agreements": "partner_agreement", "activities": "activity"}


@pytest.fixture
def worker(application: FastAPI) -> TestClient:
    return make_client(application, Role.COORDINATOR)


@pytest.fixture
def owner_of(worker: TestClient) -> Make:
    """A new agreement or activity."""

    def make(owner: str) -> dict[str, Any]:
        if owner == "activities":
            return add_activity(worker)
        agreement: dict[str, Any] = add_agreement(worker, add_partner(worker)["id"])
        return agreement

    return make


def _files(settings: Settings) -> list[Path]:
    folder = settings.attachments_dir
    return sorted(folder.iterdir()) if folder.is_dir() else []


@pytest.mark.parametrize("owner", OWNERS)
def test_a_file_is_added_listed_read_and_removed_and_the_trail_says_so(
    worker: TestClient, owner_of: Make, database: Database, settings: Settings, owner: str
) -> None:
    owner_id = owner_of(owner)["id"]
    url = f"{V1}/{owner}/{owner_id}/attachments"
    added = done(send_file(worker, url, name="Overeenkomst met A. Voorbeeld.pdf"), 201)
    assert worker.get(f"{V1}/attachments/{added['id']}").content == PDF
    assert [item["id"] for item in done(worker.get(url))["items"]] == [added["id"]]
    assert worker.delete(f"{V1}/attachments/{added['id']}").status_code == 204
    assert done(worker.get(url))["items"] == []
    assert worker.get(f"{V1}/attachments/{added['id']}").status_code == 404
    assert _files(settings) == []
    with database.snapshot() as session:
        entries = session.scalars(
            select(AuditEntry).where(
                AuditEntry.event.in_(("attachment_added", "attachment_read", "attachment_removed"))
            )
        ).all()
    assert sorted(entry.event for entry in entries) == [
        "attachment_added",
        "attachment_read",
        "attachment_read",
        "attachment_read",
        "attachment_removed",
    ]
    assert {(e.object_kind, str(e.object_id)) for e in entries} == {(KINDS[owner], owner_id)}
    assert "Voorbeeld" not in str([entry.details for entry in entries])


def test_whoever_works_cases_reads_the_files_of_an_agreement_but_only_the_coordinator_adds(
    application: FastAPI, worker: TestClient, owner_of: Make, settings: Settings
) -> None:
    url = f"{V1}/partner-agreements/{owner_of('partner-agreements')['id']}/attachments"
    added = done(send_file(worker, url), 201)
    file = f"{V1}/attachments/{added['id']}"
    for role in (Role.INTAKE_WORKER, Role.CASE_MANAGER):
        reader = make_client(application, role)
        assert reader.get(file).content == PDF
        assert len(done(reader.get(url))["items"]) == 1
        assert send_file(reader, url).status_code == 403
        assert reader.delete(file).status_code == 403
    assert len(_files(settings)) == 1


def test_whoever_records_activities_adds_to_them_and_removes(
    application: FastAPI, owner_of: Make
) -> None:
    url = f"{V1}/activities/{owner_of('activities')['id']}/attachments"
    colleague = make_client(application, Role.INTAKE_WORKER)
    added = done(send_file(colleague, url, PNG, "affiche.png"), 201)
    assert added["media_type"] == "image/png"
    assert colleague.delete(f"{V1}/attachments/{added['id']}").status_code == 204


@pytest.mark.parametrize("owner", OWNERS)
def test_others_see_nothing_of_them(
    application: FastAPI, worker: TestClient, owner_of: Make, owner: str
) -> None:
    url = f"{V1}/{owner}/{owner_of(owner)['id']}/attachments"
    file = f"{V1}/attachments/{done(send_file(worker, url), 201)['id']}"
    for role in (Role.ANALYST, Role.AUDITOR, Role.ADMIN):
        other = make_client(application, role)
        assert other.get(url).status_code == send_file(other, url).status_code == 403
        absent = other.get(f"{V1}/attachments/{uuid4()}")
        for method in ("GET", "DELETE"):
            hidden = other.request(method, file)
            assert (hidden.status_code, hidden.json()) == (404, absent.json())
    partner = make_partner_client(application)
    for answer in (partner.get(url), send_file(partner, url), partner.get(file)):
        assert answer.status_code == 401


@pytest.mark.parametrize("owner", OWNERS)
def test_the_id_of_something_else_is_absent_and_leaves_no_file(
    worker: TestClient, owner_of: Make, settings: Settings, owner: str
) -> None:
    others = [owner_of(other)["id"] for other in OWNERS if other != owner]
    for foreign in (*others, add_partner(worker, "Wijkhuis Proef")["id"], uuid4()):
        url = f"{V1}/{owner}/{foreign}/attachments"
        assert worker.get(url).status_code == 404
        assert send_file(worker, url).status_code == 404
    assert _files(settings) == []
    assert send_file(worker, f"{V1}/{owner}/none/attachments").status_code == 422


def test_an_agreement_that_ended_with_a_partner_that_left_keeps_its_file_and_takes_more(
    worker: TestClient,
) -> None:
    partner = add_partner(worker, active_from=in_days(-400))
    agreement = add_agreement(
        worker, partner["id"], valid_from=in_days(-400), valid_to=in_days(-40)
    )
    done(change(worker, f"partners/{partner['id']}", {"active_to": in_days(-40)}))
    url = f"{V1}/partner-agreements/{agreement['id']}/attachments"
    done(send_file(worker, url, name="opzeg.pdf"), 201)
    done(send_file(worker, url, name="evaluatie.pdf"), 201)
    names = [item["name"] for item in done(worker.get(url))["items"]]
    assert sorted(names) == ["evaluatie.pdf", "opzeg.pdf"]


def test_an_activity_that_was_called_off_keeps_its_files(worker: TestClient) -> None:
    activity = add_activity(worker)
    url = f"{V1}/activities/{activity['id']}/attachments"
    added = done(send_file(worker, url), 201)
    done(change_activity(worker, activity, is_cancelled=True))
    assert worker.get(f"{V1}/attachments/{added['id']}").content == PDF


def test_adding_a_file_does_not_make_another_colleagues_change_stale(worker: TestClient) -> None:
    """A file is no term of the agreement: If-Match of who prolongs it still fits."""
    agreement = add_agreement(worker, add_partner(worker)["id"])
    done(send_file(worker, f"{V1}/partner-agreements/{agreement['id']}/attachments"), 201)
    answer = worker.patch(
        f"{V1}/partner-agreements/{agreement['id']}",
        json={"valid_to": in_days(700)},
        headers={"If-Match": f'"{agreement["version"]}"'},
    )
    assert answer.status_code == 200


@pytest.mark.parametrize("owner", OWNERS)
def test_a_retry_adds_one_file_and_a_script_named_pdf_none(
    worker: TestClient, owner_of: Make, settings: Settings, owner: str
) -> None:
    url = f"{V1}/{owner}/{owner_of(owner)['id']}/attachments"
    key = {"Idempotency-Key": "0123456789"}
    assert done(send_file(worker, url, **key), 201) == done(send_file(worker, url, **key), 201)
    for content, code in ((b"#!/bin/sh", "type_mismatch"), (b"", "empty_file")):
        refused = send_file(worker, url, content)
        assert refused.json()["errors"][0]["code"] == code
    large = send_file(worker, url, b"x", Content_Length=str(200 * 1024 * 1024))
    assert large.status_code == 413
    assert len(_files(settings)) == 1
