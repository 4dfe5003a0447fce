"""Writing a bulletin, sending it, receiving it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import delete, select

from app.activities import figure_sources
from app.activities.domain import last_settled_year
from app.activities.figure_sources import FigureSource
from app.annual_report.models import KeptYear
from app.core.access import Role
from app.core.database import Database
from app.notifications.models import OutboxMessage
from app.partners.models import Partner
from app.vocabulary.domain import Language
from tests.makers.activities import bulletin_body, send_bulletin
from tests.makers.identity import make_client
from tests.makers.intake import make_report
from tests.makers.partners import add_partner, make_partner_client, new_partner
from tests.makers.tour import V1, done, in_days

BULLETINS = f"{V1}/bulletins"
TODAY = date.fromisoformat(in_days(0))
YEAR = last_settled_year(TODAY)


@pytest.fixture
def worker(application: FastAPI) -> TestClient:
    return make_client(application, Role.COORDINATOR)


def _write(worker: TestClient, **changes: Any) -> dict[str, Any]:
    return done(worker.post(BULLETINS, json=bulletin_body(**changes)), 201)


def _errors(answer: Any) -> dict[str, str]:
    """pointer -> code."""
    assert answer.status_code == 422, answer.text
    return {error["pointer"]: error["code"] for error in answer.json()["errors"]}


def test_only_the_partners_addressed_receive_it(
    application: FastAPI, worker: TestClient, database: Database
) -> None:
    addressed, ended, other = (new_partner(application) for _ in range(3))
    with database.transaction() as session:
        session.get_one(Partner, ended).active_from = date(2020, 1, 1)
        session.get_one(Partner, ended).active_to = date(2020, 12, 31)
        session.get_one(Partner, other).kind = "police"
    draft = _write(worker)
    reader = make_partner_client(application, addressed)
    stranger = make_partner_client(application, other)
    assert done(reader.get(f"{V1}/partner/bulletins"))["items"] == []
    assert reader.get(f"{V1}/partner/bulletins/{draft['id']}").status_code == 404
    sent = done(send_bulletin(worker, draft))
    assert (sent["addressed"], sent["read"]) == (1, 0)
    [row] = done(reader.get(f"{V1}/partner/bulletins"))["items"]
    assert (row["id"], row["read_at"]) == (draft["id"], None)
    assert "body" not in row
    first = done(reader.get(f"{V1}/partner/bulletins/{draft['id']}"))
    assert first["body"] == draft["body"]
    assert done(reader.get(f"{V1}/partner/bulletins/{draft['id']}")) == first
    assert done(worker.get(f"{BULLETINS}/{draft['id']}"))["read"] == 1
    assert done(stranger.get(f"{V1}/partner/bulletins"))["items"] == []
    hidden = stranger.get(f"{V1}/partner/bulletins/{draft['id']}")
    absent = stranger.get(f"{V1}/partner/bulletins/{uuid4()}")
    assert hidden.status_code == absent.status_code == 404
    assert hidden.json() == absent.json()


def test_the_trail_tells_who_read_it(application: FastAPI, worker: TestClient) -> None:
    reader = make_partner_client(application, new_partner(application))
    draft = _write(worker)
    done(send_bulletin(worker, draft))
    done(reader.get(f"{V1}/partner/bulletins/{draft['id']}"))
    auditor = make_client(application, Role.AUDITOR)
    trail = done(auditor.get(f"{V1}/audit-entries", params={"object_id": draft["id"]}))["items"]
    told = {(entry["event"], entry["actor_kind"]) for entry in trail}
    assert told == {
        ("bulletin_written", "staff"),
        ("bulletin_sent", "staff"),
        ("bulletin_read", "partner"),
    }


def test_named_partners_come_beside_those_described(
    application: FastAPI, worker: TestClient, database: Database
) -> None:
    by_kind, named, other = (new_partner(application) for _ in range(3))
    with database.transaction() as session:
        session.get_one(Partner, named).kind = "school"
        session.get_one(Partner, other).kind = "police"
    audience = {"kinds": ["association"], "partner_ids": [str(named), str(by_kind)]}
    assert done(send_bulletin(worker, _write(worker, audience=audience)))["addressed"] == 2


def test_what_was_sent_never_changes(application: FastAPI, worker: TestClient) -> None:
    new_partner(application)
    draft = _write(worker)
    sent = done(send_bulletin(worker, draft))
    stale = send_bulletin(worker, draft)
    assert stale.status_code == 412
    again = send_bulletin(worker, sent)
    assert (again.status_code, again.json()["code"]) == (409, "bulletin_sent")
    changed = worker.patch(
        f"{BULLETINS}/{draft['id']}",
        json={"title": "Toch anders"},
        headers={"If-Match": f'"{sent["version"]}"'},
    )
    assert (changed.status_code, changed.json()["code"]) == (409, "bulletin_sent")


def test_two_who_send_it_at_once_send_it_once(worker: TestClient, database: Database) -> None:
    add_partner(worker, contacts=[{"name": "Voorbeeld", "email": "een@partner.example"}])
    draft = _write(worker)
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: send_bulletin(worker, draft), range(2)))
    assert sorted(answer.status_code for answer in answers) == [200, 412]
    with database.snapshot() as session:
        assert len(session.scalars(select(OutboxMessage)).all()) == 1


def test_a_draft_is_not_sent_by_whom_saw_another_version(
    application: FastAPI, worker: TestClient
) -> None:
    new_partner(application)
    draft = _write(worker)
    etag = {"If-Match": f'"{draft["version"]}"'}
    done(worker.patch(f"{BULLETINS}/{draft['id']}", json={"title": "Nieuw"}, headers=etag))
    assert send_bulletin(worker, draft).status_code == 412
    assert worker.post(f"{BULLETINS}/{draft['id']}/sending").status_code == 428
    assert done(worker.get(f"{BULLETINS}/{draft['id']}"))["sent_at"] is None


def test_a_draft_exists_only_for_those_who_send(application: FastAPI, worker: TestClient) -> None:
    new_partner(application)
    draft = _write(worker)
    colleague = make_client(application, Role.CASE_MANAGER)
    assert colleague.post(BULLETINS, json=bulletin_body()).status_code == 403
    assert colleague.get(f"{BULLETINS}/{draft['id']}").status_code == 404
    assert done(colleague.get(BULLETINS))["items"] == []
    done(send_bulletin(worker, draft))
    assert done(colleague.get(f"{BULLETINS}/{draft['id']}"))["title"] == draft["title"]
    assert len(done(colleague.get(BULLETINS))["items"]) == 1


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"audience": {}}, "/audience", "missing"),
        ({"audience": {"kinds": ["martians"]}}, "/audience/kinds/0", "unknown_code"),
        ({"audience": {"tiers": ["martians"]}}, "/audience/tiers/0", "unknown_code"),
        (
            {"audience": {"partner_ids": [str(uuid4())]}},
            "/audience/partner_ids/0",
            "unknown_partner",
        ),
        ({"language": "de"}, "/language", "enum"),
        ({"body": "Met\u0000nul"}, "/body", "control_character"),
        ({"figures": [{"name": "no.such", "year": 2025}]}, "/figures/0/name", "unknown_figure"),
        ({"figures": [{"name": "reports.total", "year": 1000}]}, "/figures/0/year", None),
    ],
)
def test_wrong_input_is_refused_and_named(
    worker: TestClient, changes: dict[str, Any], pointer: str, code: str | None
) -> None:
    errors = _errors(worker.post(BULLETINS, json=bulletin_body(**changes)))
    assert errors[pointer] == (code or errors[pointer])
    assert done(worker.get(BULLETINS))["items"] == []


def test_to_nobody_it_is_not_sent(worker: TestClient) -> None:
    answer = send_bulletin(worker, _write(worker))
    assert (answer.status_code, answer.json()["code"]) == (409, "nobody_addressed")


def _reports(database: Database, count: int) -> None:
    with database.transaction() as session:
        for _ in range(count):
            make_report(session, received_at=datetime(YEAR, 5, 5, 11, tzinfo=UTC))


def test_a_small_total_is_refused_with_its_name_and_never_rounded(
    application: FastAPI, database: Database, owner: Database, worker: TestClient
) -> None:
    new_partner(application)
    _reports(database, 4)
    body = bulletin_body(figures=[{"name": "reports.total", "year": YEAR}])
    answer = worker.post(BULLETINS, json=body)
    assert _errors(answer) == {"/figures/0": "small_total"}
    assert "reports.total" in answer.json()["errors"][0]["message"]
    _reports(database, 2)
    with owner.transaction() as session:
        session.execute(delete(KeptYear))
    draft = done(worker.post(BULLETINS, json=body), 201)
    assert draft["figures"][0]["total"] is None
    _reports(database, 1)
    sent = done(send_bulletin(worker, draft))
    label = f"Meldingen ontvangen ({YEAR})"
    assert sent["figures"] == [{"name": "reports.total", "year": YEAR, "label": label, "total": 6}]
    assert done(worker.get(f"{BULLETINS}/{draft['id']}"))["figures"] == sent["figures"]


def test_two_bulletins_and_the_figures_of_partners_never_differ_by_a_report(
    application: FastAPI, database: Database, worker: TestClient
) -> None:
    reader = make_partner_client(application, new_partner(application))
    _reports(database, 6)
    told = []
    for _ in range(2):
        draft = _write(worker, figures=[{"name": "reports.total", "year": YEAR}])
        told.append(done(send_bulletin(worker, draft))["figures"][0]["total"])
        _reports(database, 1)
    shown = done(reader.get(f"{V1}/partner/figures"))["reports"]["total"]["count"]
    assert [*told, shown] == [6, 6, 6]


def test_a_bulletin_tells_nothing_of_a_year_that_runs(
    worker: TestClient, database: Database
) -> None:
    _reports(database, 6)
    figures = [
        {"name": "reports.total", "year": YEAR},
        {"name": "reports.total", "year": TODAY.year},
        {"name": "cases.opened", "year": TODAY.year + 1},
    ]
    refused = worker.post(BULLETINS, json=bulletin_body(figures=figures))
    assert _errors(refused) == dict.fromkeys(
        ("/figures/1/year", "/figures/2/year"), "year_not_over"
    )
    draft = _write(worker)
    etag = {"If-Match": f'"{draft["version"]}"'}
    changed = worker.patch(
        f"{BULLETINS}/{draft['id']}", json={"figures": figures[1:2]}, headers=etag
    )
    assert _errors(changed) == {"/figures/0/year": "year_not_over"}


@pytest.fixture
def shrinking() -> Iterator[list[int]]:
    """A figure that the test sets."""
    total = [9]
    source = FigureSource(dict.fromkeys(Language, "Proef"), lambda _session, _year: total[0])
    figure_sources.register("test.total", source)
    yield total
    del figure_sources._sources["test.total"]


def test_a_total_that_became_small_stops_the_sending(
    application: FastAPI, worker: TestClient, shrinking: list[int]
) -> None:
    reader = make_partner_client(application, new_partner(application))
    draft = _write(worker, figures=[{"name": "test.total", "year": YEAR}])
    shrinking[0] = 4
    assert _errors(send_bulletin(worker, draft)) == {"/figures/0": "small_total"}
    assert done(reader.get(f"{V1}/partner/bulletins"))["items"] == []
    assert done(worker.get(f"{BULLETINS}/{draft['id']}"))["sent_at"] is None


def test_contacts_that_want_bulletins_are_told_by_mail_in_the_same_act(
    worker: TestClient, shrinking: list[int], database: Database
) -> None:
    def contact(email: str | None, *, wants: bool = True) -> dict[str, Any]:
        return {"name": "Voorbeeld", "email": email, "wants_bulletins": wants}

    same = contact("onthaal@partner.example")
    add_partner(worker, "Een", contacts=[same, contact("stil@partner.example", wants=False)])
    add_partner(worker, "Twee", contacts=[same, contact(None)])
    draft = _write(worker, body="Dag.", figures=[{"name": "test.total", "year": 2025}])
    done(send_bulletin(worker, draft))
    with database.snapshot() as session:
        [mail] = session.scalars(select(OutboxMessage)).all()
    assert (mail.recipient, mail.subject) == ("onthaal@partner.example", draft["title"])
    assert mail.body == "Dag.\n\n- Proef (2025): 9"
