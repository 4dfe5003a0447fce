"""A year's report is written, reviewed by a second person, frozen, and corrected."""

import json
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from app.audit.domain import Event
from app.audit.models import AuditEntry
from app.core import clock
from app.core.access import Role
from app.core.database import Database
from app.publications.models import Publication
from tests.makers.identity import make_client
from tests.makers.tour import V1, add_report, done

YEAR = clock.local_date(clock.now()).year - 1
URL = f"{V1}/annual-reports/{YEAR}"


@pytest.fixture
def writer(application: FastAPI) -> TestClient:
    return make_client(application, Role.COORDINATOR)


@pytest.fixture
def reader(application: FastAPI) -> TestClient:
    return make_client(application, Role.ANALYST)


def _report(worker: TestClient, day: str = f"{YEAR}-03-10") -> dict[str, Any]:
    incident = {"narrative": "Zo ging het.", "domain": "housing"}
    return add_report(worker, received_at=f"{day}T10:00:00Z", incident=incident)


def _write(client: TestClient, text: str | None, section: str = "reports", lang: str = "nl") -> Any:
    url = f"{URL}/narratives/{section}?lang={lang}"
    etag = client.get(url).headers["ETag"]
    return client.put(url, json={"text": text}, headers={"If-Match": etag})


def _review(client: TestClient, decision: str = "approve", **more: Any) -> Any:
    draft = done(client.get(f"{URL}/draft"))["draft"]
    return client.post(f"{URL}/reviews", json={"decision": decision, "draft": draft} | more)


def _refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_a_text_tells_the_figures_of_now_and_the_publication_those_of_then(
    writer: TestClient, reader: TestClient
) -> None:
    _report(writer)
    source = "Wij kregen {{ reports.total }} meldingen, het jaar ervoor {{ reports.total@%d }}."
    source %= YEAR - 1
    text = done(_write(writer, source))
    assert text["text"] == "Wij kregen 1 meldingen, het jaar ervoor 0."
    done(_review(reader), 201)
    first = done(writer.post(f"{URL}/publications", json={}), 201)
    assert (first["version"], first["reason"]) == (1, None)

    _report(writer)
    now = done(writer.get(f"{URL}/narratives/reports?lang=nl"))
    assert now["text"] == "Wij kregen 2 meldingen, het jaar ervoor 0."
    kept = done(reader.get(f"{URL}/publications/1?lang=nl"))
    assert kept["texts"][0]["text"] == text["text"]
    assert kept["figures"]["figures"]["reports"]["total"] == 1
    assert kept["is_intact"] is True
    changes = {
        change["name"]: (change["published"], change["today"])
        for change in done(reader.get(f"{URL}/publications/1/difference"))["changes"]
    }
    assert changes["reports.total"] == (1, 2)
    assert changes["reports.by_month.3"] == (1, 2)
    assert not any("@" in name for name in changes)


def test_a_correction_is_another_version_with_its_reason_and_both_stand(
    writer: TestClient, reader: TestClient
) -> None:
    _report(writer)
    done(_write(writer, "{{ reports.total }} meldingen."))
    done(_review(reader), 201)
    done(writer.post(f"{URL}/publications", json={}), 201)
    _report(writer)
    again = writer.post(f"{URL}/publications", json={"reason": "Late melding."})
    assert _refusal(again) == (409, "not_reviewed")
    done(_review(reader), 201)
    missing = writer.post(f"{URL}/publications", json={})
    assert missing.json()["errors"][0]["pointer"] == "/reason"
    done(writer.post(f"{URL}/publications", json={"reason": "Late melding."}), 201)
    versions = done(reader.get(f"{URL}/publications"))["items"]
    assert [(v["version"], v["reason"]) for v in versions] == [(2, "Late melding."), (1, None)]
    totals = [
        done(reader.get(f"{URL}/publications/{n}"))["figures"]["figures"]["reports"]["total"]
        for n in (1, 2)
    ]
    assert totals == [1, 2]
    assert done(reader.get(f"{URL}/publications/2/difference"))["changes"] == []


def test_labels_stay_as_they_were_published(
    writer: TestClient, reader: TestClient, database: Database
) -> None:
    _report(writer)
    done(_write(writer, "Tekst.", section="foreword"))
    done(_review(reader), 201)
    done(writer.post(f"{URL}/publications", json={}), 201)
    french = done(reader.get(f"{URL}/publications/1?lang=fr"))
    labels = {
        row["code"]: row["label"]
        for row in french["figures"]["figures"]["reports"]["by_ground"]["rows"]
    }
    assert labels["age"] == "âge"
    assert french["texts"] == []
    with database.snapshot() as session:
        found = session.scalars(select(Publication)).one()
        content = json.loads(found.content)
    assert content["figures"].keys() == {"nl", "fr", "en"}


def test_nobody_reviews_or_publishes_alone(
    writer: TestClient, reader: TestClient, application: FastAPI
) -> None:
    done(_write(writer, "Tekst."))
    assert _refusal(_review(writer)) == (409, "two_people_needed")
    assert _refusal(writer.post(f"{URL}/publications", json={})) == (409, "not_reviewed")
    other = make_client(application, Role.COORDINATOR)
    done(_review(other), 201)
    assert _refusal(other.post(f"{URL}/publications", json={})) == (409, "two_people_needed")
    assert reader.post(f"{URL}/publications", json={}).status_code == 403
    done(writer.post(f"{URL}/publications", json={}), 201)


def test_taking_a_section_out_or_entering_resources_is_a_change_of_ones_own(
    writer: TestClient, reader: TestClient, application: FastAPI
) -> None:
    done(_write(writer, "Tekst."))
    done(_write(writer, "Te lang.", section="method"))
    done(_write(reader, None, section="method"))
    assert _refusal(_review(reader)) == (409, "two_people_needed")
    other = make_client(application, Role.ANALYST)
    etag = other.get(f"{URL}/resources").headers["ETag"]
    done(other.put(f"{URL}/resources", json={"budget_cents": 1}, headers={"If-Match": etag}))
    assert _refusal(_review(other)) == (409, "two_people_needed")
    done(_review(make_client(application, Role.COORDINATOR)), 201)


def test_a_change_after_the_review_needs_another(writer: TestClient, reader: TestClient) -> None:
    done(_write(writer, "Tekst."))
    read = done(reader.get(f"{URL}/draft"))
    assert read["state"] == "draft"
    done(_write(writer, "Andere tekst."))
    late = reader.post(f"{URL}/reviews", json={"decision": "approve", "draft": read["draft"]})
    assert _refusal(late) == (409, "draft_changed")
    assert done(_review(reader), 201)["state"] == "reviewed"
    url = f"{URL}/resources"
    etag = writer.get(url).headers["ETag"]
    done(writer.put(url, json={"staff_hundredths": 350}, headers={"If-Match": etag}))
    assert done(reader.get(f"{URL}/draft"))["state"] == "draft"
    assert _refusal(writer.post(f"{URL}/publications", json={})) == (409, "not_reviewed")


def test_a_draft_that_is_returned_says_what_has_to_change(
    writer: TestClient, reader: TestClient
) -> None:
    done(_write(writer, "Tekst."))
    bare = _review(reader, "return")
    assert bare.json()["errors"][0]["pointer"] == "/remarks"
    draft = done(_review(reader, "return", remarks="Geen namen."), 201)
    assert (draft["state"], draft["reviews"][0]["remarks"]) == ("draft", "Geen namen.")


def test_a_year_that_runs_is_not_published(writer: TestClient, reader: TestClient) -> None:
    url = f"{V1}/annual-reports/{YEAR + 1}"
    narrative = f"{url}/narratives/method"
    done(writer.put(narrative, json={"text": "Tekst."}, headers={"If-Match": '"0"'}))
    draft = done(reader.get(f"{url}/draft"))["draft"]
    done(reader.post(f"{url}/reviews", json={"decision": "approve", "draft": draft}), 201)
    assert _refusal(writer.post(f"{url}/publications", json={})) == (409, "year_not_over")


def test_a_name_that_is_no_figure_is_refused_and_nothing_is_kept(writer: TestClient) -> None:
    answer = _write(writer, "{{ reports.totaal }} en {{ reports.total }} en }}")
    assert answer.status_code == 422
    errors = answer.json()["errors"]
    assert [(e["pointer"], e["code"]) for e in errors] == [("/text", "unknown_figure")] * 2
    assert done(writer.get(f"{URL}/narratives/reports"))["version"] == 0


def test_two_writers_do_not_write_over_each_other(writer: TestClient, reader: TestClient) -> None:
    done(_write(writer, "Eerste."))
    url = f"{URL}/narratives/reports?lang=nl"
    for tag in ('"0"', '"7"'):
        stale = reader.put(url, json={"text": "Tweede."}, headers={"If-Match": tag})
        assert stale.status_code == 412
    assert done(reader.get(url))["source"] == "Eerste."
    done(_write(reader, None))
    assert done(reader.get(url))["source"] is None
    languages = done(reader.get(f"{URL}/draft"))["sections"]
    assert all(section["languages"] == [] for section in languages)


def test_a_section_that_lacks_a_language_is_told(writer: TestClient) -> None:
    done(_write(writer, "Tekst."))
    done(_write(writer, "Texte.", lang="fr"))
    done(_write(writer, "Voorwoord.", section="foreword"))
    sections = {s["section"]: s for s in done(writer.get(f"{URL}/draft"))["sections"]}
    assert (sections["reports"]["languages"], sections["reports"]["missing"]) == (["nl", "fr"], [])
    assert sections["foreword"]["missing"] == ["fr"]


def test_a_version_that_was_changed_in_the_store_is_told(
    writer: TestClient, reader: TestClient, owner: Database, database: Database
) -> None:
    _report(writer)
    done(_write(writer, "Tekst."))
    done(_review(reader), 201)
    done(writer.post(f"{URL}/publications", json={}), 201)
    with owner.transaction() as session:
        session.execute(update(Publication).values(content_hash="0" * 64))
    assert done(reader.get(f"{URL}/publications/1"))["is_intact"] is False
    with database.snapshot() as session:
        events = set(session.scalars(select(AuditEntry.event)))
    assert {
        Event.REPORT_TEXT_WRITTEN,
        Event.REPORT_DRAFT_READ,
        Event.REPORT_REVIEWED,
        Event.REPORT_PUBLISHED,
        Event.PUBLICATION_READ,
    } <= events


def test_what_is_not_there_is_not_found(reader: TestClient) -> None:
    for path in ("publications/1", "publications/1/difference"):
        assert reader.get(f"{URL}/{path}").status_code == 404
    assert reader.get(f"{URL}/narratives/nothing").status_code == 422
