"""Words looked for in sealed narratives."""

from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.core.access import Role
from app.intake import narrative_search
from tests.makers.identity import make_client
from tests.makers.intake import report_body
from tests.makers.tour import V1, add_report, done


@pytest.fixture
def worker(application: FastAPI) -> TestClient:
    return make_client(application, Role.INTAKE_WORKER)


def _search(worker: TestClient, words: str, **filters: Any) -> dict[str, Any]:
    found: dict[str, Any] = done(
        worker.post(f"{V1}/reports/search", json={"words": words, **filters})
    )
    return found


def _tell(worker: TestClient, narrative: str, domain: str = "housing") -> dict[str, Any]:
    incident = report_body()["incident"] | {"narrative": narrative, "domain": domain}
    return add_report(worker, incident=incident)


def test_every_word_is_found_in_any_order_without_case_and_accents(worker: TestClient) -> None:
    told = _tell(worker, "De huiseigenaar weigerde André omdat hij rolstoel zegt.")
    _tell(worker, "De huiseigenaar verhuurde wel.")
    for words in ("andre weigerde", "ROLSTOEL", "eigenaar stoel André"):
        assert [r["id"] for r in _search(worker, words)["items"]] == [told["id"]], words
    assert len(_search(worker, "huiseigenaar")["items"]) == 2
    assert _search(worker, "huiseigenaar niemand")["items"] == []


def test_pages_of_narratives_leave_none_out_and_double_none(
    worker: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(narrative_search, "BATCH", 3)
    told = [_tell(worker, f"Nummer {number} bij de bakker")["id"] for number in range(8)]
    found = _search(worker, "bakker")
    assert sorted(r["id"] for r in found["items"]) == sorted(told)
    assert found["opened"] == 8
    assert found["is_complete"]
    monkeypatch.setattr(narrative_search, "MOST_OPENED", 5)
    cut = _search(worker, "bakker")
    assert (cut["opened"], len(cut["items"]), cut["is_complete"]) == (5, 5, False)
    monkeypatch.setattr(narrative_search, "MOST_FOUND", 2)
    assert len(_search(worker, "bakker")["items"]) == 2


def test_filters_narrow_what_is_opened(worker: TestClient) -> None:
    _tell(worker, "Bij de bakker", "housing")
    _tell(worker, "Bij de bakker", "education")
    found = _search(worker, "bakker", domain="education")
    assert (found["opened"], len(found["items"])) == (1, 1)
    refused = worker.post(f"{V1}/reports/search", json={"words": "bakker", "domain": "nothing"})
    assert refused.status_code == 422
    assert "/domain" in refused.text


@pytest.mark.parametrize("words", ["de in", "", "a" * 201])
def test_words_that_are_too_short_or_too_long_are_refused(worker: TestClient, words: str) -> None:
    refused = worker.post(f"{V1}/reports/search", json={"words": words})
    assert refused.status_code == 422
    assert "/words" in refused.text


def test_what_was_found_stands_in_the_trail_and_what_was_asked_does_not(
    application: FastAPI, worker: TestClient
) -> None:
    told = _tell(worker, "Mijn buurman Zonderling schold mij uit.")
    _search(worker, "zonderling")
    auditor = make_client(application, Role.AUDITOR)
    entries = done(auditor.get(f"{V1}/audit-entries?event=narratives_searched"))["items"]
    assert {entry["object_id"] for entry in entries} == {None, told["id"]}
    assert "zonderling" not in str(entries).lower()
