"""Looking for rises: from reports to signals, decisions, and what readers may know."""

import html
from datetime import date
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.core.access import Role
from app.core.errors import InvalidInputError
from app.intake.models import Report
from app.signals import detection
from app.signals.models import DetectionRun, Signal, SignalReport
from tests.makers.identity import make_client
from tests.makers.signals import NOW, RISE, look, make_rise, make_years
from tests.makers.tour import V1, done


@pytest.fixture
def years(application: FastAPI) -> FastAPI:
    with application.state.runtime.database.transaction() as session:
        make_years(session)
    return application


@pytest.fixture
def coordinator(application: FastAPI) -> TestClient:
    return make_client(application, Role.COORDINATOR)


def _signals(client: TestClient, **query: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = done(client.get(f"{V1}/signals", params=query))["items"]
    return items


def _decide(client: TestClient, signal_id: str, **body: Any) -> Any:
    url = f"{V1}/signals/{signal_id}"
    etag = {"If-Match": client.get(url).headers["ETag"]}
    return client.post(f"{url}/decisions", json=body, headers=etag)


def test_a_rise_is_one_signal_that_names_its_cell_and_counts_exactly_its_reports(
    years: FastAPI, coordinator: TestClient
) -> None:
    run = look(years)
    assert run.series > 50
    (signal,) = _signals(coordinator)
    assert signal["cell"]["domain"] == "education"
    assert signal["last_month"] == "2026-10"
    shown = done(coordinator.get(f"{V1}/signals/{signal['id']}"))
    figures = shown["evidence"]["figures"]
    counted = done(coordinator.get(f"{V1}/signals/{signal['id']}/reports?limit=100&count=true"))
    assert counted["total"] == len(counted["items"]) == figures["observed"]
    assert all(item["domain"] == "education" for item in counted["items"])
    assert figures["expected"] < 3 < figures["observed"] == 12
    series = shown["evidence"]["series"]
    assert sum(month["count"] for month in series if month["month"] in RISE) == 12


def test_the_sentence_is_understood_in_three_languages(
    years: FastAPI, coordinator: TestClient
) -> None:
    look(years)
    (signal,) = _signals(coordinator)
    said = signal["sentences"]
    assert said["nl"].startswith(f"{signal['observed']} meldingen over onderwijs")
    assert " verwacht." in said["nl"]
    assert "oktober 2026" in said["nl"]
    assert said["fr"].startswith(f"{signal['observed']} signalements concernant enseignement")
    assert "octobre 2026" in said["fr"]
    assert said["en"].startswith(f"{signal['observed']} reports about education")
    assert "October 2026" in said["en"]


def test_the_same_data_give_the_same_run_and_no_second_signal(
    years: FastAPI, coordinator: TestClient
) -> None:
    body = {"through": "2026-10"}
    first = done(coordinator.post(f"{V1}/signals/detections", json=body), 201)
    again = done(coordinator.post(f"{V1}/signals/detections", json=body), 201)
    assert again == first
    assert len(_signals(coordinator)) == len(first["signals"]) == 1
    other = done(
        coordinator.post(f"{V1}/signals/detections", json=body | {"false_alarms_per_month": 1}), 201
    )
    assert other["id"] != first["id"]
    assert len(_signals(coordinator)) == 1


def test_an_old_run_is_repeated_with_the_data_as_they_were_known(
    years: FastAPI, coordinator: TestClient
) -> None:
    run = look(years)
    with years.state.runtime.database.transaction() as session:
        make_years(session, first="2024-01", last="2025-12", rise=0)
    repeated = done(coordinator.get(f"{V1}/signals/detections/{run.id}/repetition"))
    assert repeated["is_same"]
    assert look(years).id != run.id


def test_a_dismissed_signal_comes_back_only_with_reports_that_were_not_in_it(
    years: FastAPI, coordinator: TestClient
) -> None:
    look(years)
    (signal,) = _signals(coordinator)
    refused = _decide(coordinator, signal["id"], decision="dismiss")
    assert refused.status_code == 422
    assert "/reason" in refused.text
    done(_decide(coordinator, signal["id"], decision="dismiss", reason="Eén klas, geregeld."), 201)
    again = _decide(coordinator, signal["id"], decision="dismiss", reason="Nog eens.")
    assert again.status_code == 409
    look(years, false_alarms_per_month=2.0)
    assert [found["status"] for found in _signals(coordinator)] == ["dismissed"]
    with years.state.runtime.database.transaction() as session:
        make_years(session, first="2026-10", rise=6)
    look(years)
    (back,) = _signals(coordinator)
    assert (back["id"], back["status"]) == (signal["id"], "new")
    assert back["observed"] > signal["observed"]
    shown = done(coordinator.get(f"{V1}/signals/{signal['id']}"))
    assert [d["decision"] for d in shown["decisions"]] == ["dismiss"]


def test_a_decision_can_be_taken_back_and_its_history_stays(
    years: FastAPI, coordinator: TestClient
) -> None:
    look(years)
    (signal,) = _signals(coordinator)
    for decision, status in (("watch", "watched"), ("confirm", "confirmed"), ("watch", "watched")):
        shown = done(_decide(coordinator, signal["id"], decision=decision), 201)
        assert shown["status"] == status
    assert len(shown["decisions"]) == 3
    stale = coordinator.post(
        f"{V1}/signals/{signal['id']}/decisions",
        json={"decision": "confirm"},
        headers={"If-Match": '"1"'},
    )
    assert stale.status_code == 412


@pytest.mark.parametrize(
    ("month", "code"),
    [("2026-11", "not_in_range"), ("2024-02", "short_history"), ("2020-01", "no_reports")],
)
def test_a_month_that_cannot_be_judged_says_why(years: FastAPI, month: str, code: str) -> None:
    with pytest.raises(InvalidInputError) as said:
        look(years, month)
    assert [error.code for error in said.value.errors] == [code]
    with years.state.runtime.database.snapshot() as session:
        assert session.scalars(select(DetectionRun)).all() == []


def test_no_signal_counts_a_restricted_case_or_what_was_not_agreed_to(
    years: FastAPI, coordinator: TestClient
) -> None:
    with years.state.runtime.database.transaction() as session:
        is_meant = Report.domain == "education", Report.incident_district == "Runkst"
        told = session.scalars(select(Report).where(*is_meant)).all()
        told[0].is_restricted = True
        told[1].consent_statistics = False
    look(years)
    (signal,) = _signals(coordinator)
    assert signal["observed"] == 10
    with years.state.runtime.database.snapshot() as session:
        counted = set(session.scalars(select(SignalReport.report_id)))
    assert not counted & {told[0].id, told[1].id}


def test_who_may_not_know_of_one_of_its_reports_does_not_see_the_signal(
    years: FastAPI, coordinator: TestClient
) -> None:
    look(years)
    worker = make_client(years, Role.INTAKE_WORKER)
    analyst = make_client(years, Role.ANALYST)
    (signal,) = _signals(worker)
    assert analyst.get(f"{V1}/signals/{signal['id']}/reports").status_code == 403
    with years.state.runtime.database.transaction() as session:
        counted = session.scalars(select(SignalReport.report_id)).first()
        session.get_one(Report, counted).is_restricted = True
    for reader in (worker, analyst):
        assert _signals(reader) == []
        for path in ("", "/chart"):
            assert reader.get(f"{V1}/signals/{signal['id']}{path}").status_code == 404
    assert worker.get(f"{V1}/signals/{signal['id']}/reports").status_code == 404
    (run,) = done(analyst.get(f"{V1}/signals/detections"))["items"]
    assert run["signals"] == []
    url = f"{V1}/signals/detections/{run['id']}"
    assert done(coordinator.get(url))["signals"] == [signal["id"]]
    assert len(_signals(coordinator)) == 1
    with years.state.runtime.database.transaction() as session:
        session.get_one(Report, counted).disposed_on = date(2026, 11, 1)
    assert len(_signals(worker)) == 1


def test_the_picture_has_a_text_alternative_and_is_the_same_each_time(
    years: FastAPI, coordinator: TestClient
) -> None:
    look(years)
    (signal,) = _signals(coordinator)
    url = f"{V1}/signals/{signal['id']}/chart"
    drawn = coordinator.get(f"{url}?language=fr")
    assert drawn.headers["content-type"].startswith("image/svg+xml")
    assert f"<title>{html.escape(signal['sentences']['fr'])}</title>" in drawn.text
    assert 'role="img" lang="fr"' in drawn.text
    assert coordinator.get(f"{url}?language=fr").text == drawn.text


def test_a_second_method_stands_beside_the_signal_or_says_why_not(
    years: FastAPI, coordinator: TestClient
) -> None:
    with years.state.runtime.database.transaction() as session:
        make_years(session, first="2022-01", last="2023-10")
        make_years(session, first="2022-01", rise=0)
        make_rise(session)
    look(years)
    found = {one["cell"]["domain"]: one for one in _signals(coordinator)}
    url = f"{V1}/signals/{found['education']['id']}"
    opinion = done(coordinator.get(url))["evidence"]["second_opinion"]
    assert (opinion["reason"], opinion["bound"]) == ("too_sparse", None)
    assert "weinig" in opinion["sentences"]["nl"]
    assert "bound of the second" not in coordinator.get(f"{url}/chart?language=en").text
    url = f"{V1}/signals/{found['employment']['id']}"
    opinion = done(coordinator.get(url))["evidence"]["second_opinion"]
    assert (opinion["observed"], opinion["is_above"], opinion["reason"]) == (11, True, None)
    assert opinion["expected"] < 3 <= opinion["bound"] < 11
    legend = f"bound of the second method: {opinion['bound']}"
    assert legend in coordinator.get(f"{url}/chart?language=en").text


def test_an_observation_stands_in_the_same_list(years: FastAPI, coordinator: TestClient) -> None:
    look(years)
    worker = make_client(years, Role.INTAKE_WORKER)
    body = {
        "source": "street",
        "description": "Jongeren vertellen dat drie cafés hen weigeren.",
        "first_month": "2026-10",
        "last_month": "2026-11",
        "ground": "national_ethnic_origin",
        "municipality": "Genk",
    }
    seen = done(worker.post(f"{V1}/signals", json=body), 201)
    assert (seen["origin"], seen["status"], seen["evidence"]) == ("observed", "new", None)
    assert {one["origin"] for one in _signals(coordinator)} == {"observed", "detected"}
    assert _signals(coordinator, origin="observed")[0]["id"] == seen["id"]
    assert coordinator.get(f"{V1}/signals/{seen['id']}/chart").status_code == 404
    done(_decide(coordinator, seen["id"], decision="confirm"), 201)
    for change, field in (
        ({"ground": "nothing"}, "/ground"),
        ({"last_month": "2026-09"}, "/last_month"),
        ({"last_month": "2199-01"}, "/last_month"),
        ({"municipality": None, "district": "Winterslag"}, "/municipality"),
        ({"partner_id": "7aa1c1ae-477f-4746-94d3-c566f528216e"}, "/partner_id"),
    ):
        refused = worker.post(f"{V1}/signals", json=body | change)
        assert refused.status_code == 422, change
        assert field in refused.text


def test_what_changed_at_the_same_time_stands_beside_the_signal(
    years: FastAPI, coordinator: TestClient
) -> None:
    with years.state.runtime.database.transaction() as session:
        for report in session.scalars(select(Report).where(Report.domain == "education")):
            report.channel = "import"
    look(years)
    (signal,) = _signals(coordinator)
    shown = done(coordinator.get(f"{V1}/signals/{signal['id']}"))
    assert {"kind": "import", "code": None, "reports": signal["observed"]} in shown["evidence"][
        "explanations"
    ]


def test_a_newer_signal_is_not_undone_by_a_look_at_an_older_month(
    years: FastAPI, coordinator: TestClient
) -> None:
    look(years)
    (signal,) = _signals(coordinator)
    look(years, "2026-09")
    (same,) = _signals(coordinator)
    assert (same["id"], same["observed"]) == (signal["id"], signal["observed"])


def test_each_act_stands_in_the_trail(years: FastAPI, coordinator: TestClient) -> None:
    look(years)
    (signal,) = _signals(coordinator)
    done(_decide(coordinator, signal["id"], decision="watch"), 201)
    auditor = make_client(years, Role.AUDITOR)
    for event in ("signals_detected", "signal_read", "signal_decided"):
        assert done(auditor.get(f"{V1}/audit-entries?event={event}"))["items"], event
    assert NOW.year == 2026
    with years.state.runtime.database.snapshot() as session:
        assert session.scalars(select(Signal)).one().reference.startswith("S-2026-")


def test_the_night_looks_at_the_month_that_is_over_once(years: FastAPI) -> None:
    database = years.state.runtime.database
    for hour in (2, 2, 10):  # 3, 3 and 11 o'clock in the bureau's own time
        detection.look_nightly(database, 3.0, at=NOW.replace(hour=hour))
    with database.snapshot() as session:
        runs = session.scalars(select(DetectionRun)).all()
    assert sorted(run.counted_by for run in runs) == ["incident", "received"]
    assert {run.month for run in runs} == {"2026-10"}


def test_an_empty_store_is_left_alone_at_night(application: FastAPI) -> None:
    database = application.state.runtime.database
    detection.look_nightly(database, 3.0, at=NOW.replace(hour=2))
    with database.snapshot() as session:
        assert session.scalars(select(DetectionRun)).all() == []


def test_a_dismissed_signal_stays_so_when_a_report_goes_and_comes_back(
    years: FastAPI, coordinator: TestClient
) -> None:
    look(years)
    (signal,) = _signals(coordinator)
    done(_decide(coordinator, signal["id"], decision="dismiss", reason="Eén klas, geregeld."), 201)
    with years.state.runtime.database.snapshot() as session:
        counted = session.scalars(select(SignalReport.report_id)).first()
    for is_restricted in (True, False):
        with years.state.runtime.database.transaction() as session:
            session.get_one(Report, counted).is_restricted = is_restricted
        look(years, false_alarms_per_month=2.0 + is_restricted / 2)
        (same,) = _signals(coordinator)
        assert (same["status"], same["observed"]) == ("dismissed", signal["observed"])


def test_a_bureau_that_has_just_opened_hears_of_what_is_certain(
    application: FastAPI, coordinator: TestClient
) -> None:
    """A few old reports, then everything at once: a past by which nothing would be a signal."""
    with application.state.runtime.database.transaction() as session:
        make_years(session, first="2023-11", last="2023-12")
        for month in ("2026-05", "2026-06", "2026-07"):
            for _ in range(6):
                make_years(session, first=month, last=month)
        make_years(session, first="2026-08", last="2026-10", rise=20)
    look(application)
    assert any(
        signal["cell"]["domain"] == "education" and signal["cell"]["district"] == "Runkst"
        for signal in _signals(coordinator)
    )
