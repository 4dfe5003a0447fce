"""What is held about a person: all of theirs, nothing of anybody else before somebody looked."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any, cast, get_args
from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from sqlalchemy import select

from app.cases.models import CaseHold
from app.core import clock
from app.core.access import ActorKind, Role
from app.core.database import Database
from app.core.models import Base
from app.core.sealed_rows import sealed
from app.intake.domain import ReporterField, TriageDecision
from app.intake.models import Report, ReportRectification, Triage
from app.referrals.domain import MessageDirection
from app.referrals.models import ReferralMessage
from app.resolutions.domain import PartyRole
from app.resolutions.models import NegotiationSession, Party, SessionAttendance
from app.rights.document import LISTS, as_page, words
from app.rights.domain import MaskKind
from app.rights.export import READINGS
from app.rights.export_schemas import ExportView
from app.rights.masks import Masks
from app.vocabulary.domain import Language, Vocabulary
from tests.makers.attachments import send_file
from tests.makers.identity import account_id, make_client
from tests.makers.referrals import trail_of
from tests.makers.retention import today
from tests.makers.rights import REQUESTS, act_on, ask, asked, named_report
from tests.makers.tour import V1, add_report, done
from tests.makers.whole_case import case_with_everything

NOT_TEXT = {("attachments", "sha256"), ("attachments", "file_key"), ("referrals", "shared")}
"""Sealed, but nothing that anybody said or is called."""

MAY_BE_FILLED = {
    ("cases", "closure_reason"),
    ("negotiations", "end_remark"),
    ("commitments", "breach_remark"),
    ("timeline_entries", "remark"),
    ("referrals", "outcome_remark"),
    ("referrals", "closing_reason"),
    ("referrals", "outside_territory_reason"),
}
"""Empty in what the makers make, and no CHECK minds a text there."""


@pytest.fixture
def coordinator(application: FastAPI) -> TestClient:
    return make_client(application, Role.COORDINATOR)


@pytest.fixture
def ids(application: FastAPI, coordinator: TestClient, database: Database) -> dict[str, str]:
    """A case with everything and a second report of somebody else, with files and messages."""
    body = named_report(wishes="x")
    body["incident"]["respondent"] = {"kind": "private_person", "name": "Een Verhuurder"}
    body["incident"]["place"] = "x"
    body["reporter"] |= {
        "phone": "+3289000000",
        "postal": "x",
        "safe_contact": "x",
        "needs": {"other": "x"},
        "self_described": {"age_band": "30-39", "gender": "x", "origin": "x"},
    }
    colleague = make_client(application, Role.CASE_MANAGER)
    found = case_with_everything(application, coordinator, colleague, **body)
    other = add_report(coordinator, **body)
    done(
        coordinator.post(f"{V1}/cases/{found['case']}/reports", json={"report_ids": [other["id"]]}),
        200,
    )
    for report_id in (found["report"], other["id"]):
        url = f"{V1}/reports/{report_id}"
        done(coordinator.post(f"{url}/messages", json={"body": "x"}), 201)
        done(send_file(coordinator, f"{url}/attachments"), 201)
    done(send_file(coordinator, f"{V1}/negotiations/{found['talks']}/attachments"), 201)
    follow_up = {"status": "breached", "on": today().isoformat(), "evidence": "x"}
    commitment = f"{V1}/commitments/{found['commitment']}"
    etag = coordinator.get(commitment).headers["ETag"]
    done(
        coordinator.post(f"{commitment}/follow-ups", json=follow_up, headers={"If-Match": etag}),
        201,
    )
    return found | {"other": other["id"]}


def _add_rest(database: Database, ids: dict[str, str], request_id: str, who: UUID) -> None:
    """Sessions with both parties and with one, and what was rectified in both reports."""
    talks_id = UUID(ids["talks"])
    with database.transaction() as session:
        parties = session.scalars(select(Party).where(Party.negotiation_id == talks_id)).all()
        for attending in (parties, parties[:1], parties[1:]):
            held = NegotiationSession(
                negotiation_id=talks_id,
                case_id=UUID(ids["case"]),
                held_on=today(),
                place="x",
                summary="x",
                recorded_at=clock.now(),
            )
            held.attendances = [SessionAttendance(party_id=party.id) for party in attending]
            session.add(held)
        for party in parties:
            party.representative = "x"
        session.add(CaseHold(case_id=UUID(ids["case"]), started_on=today(), reason="x"))
        session.add(
            ReferralMessage(
                referral_id=UUID(ids["referral"]),
                report_id=UUID(ids["report"]),
                position=1,
                direction=MessageDirection.FROM_PARTNER,
                body="x",
                sent_at=clock.now(),
            )
        )
        for report_id in (ids["report"], ids["other"]):
            session.add(
                Triage(
                    report_id=UUID(report_id),
                    decision=TriageDecision.OPEN_CASE,
                    reason="x",
                    decided_at=clock.now(),
                )
            )
            session.add(
                ReportRectification(
                    report_id=UUID(report_id),
                    position=1,
                    field=ReporterField.NAME,
                    old_value="x",
                    reason="x",
                    rectified_on=today(),
                    rectified_by_id=who,
                    request_id=UUID(request_id),
                )
            )


def _plant(database: Database, ids: dict[str, str]) -> dict[str, tuple[str, str, Any]]:
    """A text of its own in every personal value; answers table, column and row of each.

    The parties are called as the reporter and the respondent of the person's report are.
    """
    planted: dict[str, tuple[str, str, Any]] = {}
    with database.transaction() as session:
        for mapper in Base.registry.mappers:
            model = cast(type[Base], mapper.class_)
            for row in session.scalars(select(model)).all() if sealed(model).names else ():
                for name in sealed(model).names:
                    place = (model.__tablename__, name)
                    is_there = getattr(row, name) is not None or place in MAY_BE_FILLED
                    if not is_there or place in NOT_TEXT:
                        continue
                    canary = f"kanarie{len(planted):04d}x"
                    setattr(row, name, canary)
                    planted[canary] = (model.__tablename__, name, row)
        session.flush()
        report = session.get_one(Report, UUID(ids["report"]))
        names = {
            PartyRole.COMPLAINANT: report.reporter_name,
            PartyRole.RESPONDENT: report.respondent_person,
        }
        for party in session.scalars(select(Party)):
            party.name = names[party.role] or ""
        session.flush()
        for _table, _name, row in planted.values():
            session.refresh(row)
        session.expunge_all()
    return planted


def _is_own(
    where: tuple[str, str, Any], ids: dict[str, str], role: str, attended: set[UUID]
) -> bool:
    """By hand, and by no code under test."""
    table, column, row = where
    of_report: bool = getattr(row, "report_id", None) == UUID(ids["report"])
    if table == "person_requests":
        return column in {"requester_name", "requester_contact"} and bool(row.role.value == role)
    if table == "reports":
        is_respondent = column == "respondent_person"
        return bool(row.id == UUID(ids["report"])) and is_respondent == (role == "respondent")
    if table == "parties":
        mine = PartyRole.COMPLAINANT if role == "reporter" else PartyRole.RESPONDENT
        return column == "representative" and row.role is mine
    if table == "negotiation_sessions":
        return row.id in attended
    if table == "terms":
        return True
    if role == "respondent":
        return False
    if table == "attachments":
        return bool(row.owner_id == UUID(ids["report"]))
    if table == "referrals":
        return of_report and column in {"override_reason", "outside_territory_reason"}
    told = ("reporter_traits", "report_messages", "triages", "report_rectifications")
    return of_report and table in told


def _attended(database: Database, role: str) -> set[UUID]:
    mine = PartyRole.COMPLAINANT if role == "reporter" else PartyRole.RESPONDENT
    with database.snapshot() as session:
        return set(
            session.scalars(
                select(NegotiationSession.id)
                .join(SessionAttendance, SessionAttendance.session_id == NegotiationSession.id)
                .join(Party, Party.id == SessionAttendance.party_id)
                .where(Party.role == mine)
            )
        )


def test_a_document_holds_all_that_is_of_the_person_and_nothing_of_others(
    application: FastAPI, database: Database, coordinator: TestClient, ids: dict[str, str]
) -> None:
    requests = {
        role: asked(coordinator, reports=(ids["report"],), role=role)["id"]
        for role in ("reporter", "respondent")
    }
    _add_rest(database, ids, requests["reporter"], account_id(coordinator))
    planted = _plant(database, ids)
    assert len({(table, column) for table, column, _row in planted.values()}) >= 30
    for role, request_id in requests.items():
        attended = _attended(database, role)
        own = {c for c, where in planted.items() if _is_own(where, ids, role, attended)}
        assert len(own) >= (20 if role == "reporter" else 5)
        for form in ("export", "export.html"):
            answer = coordinator.get(f"{REQUESTS}/{request_id}/{form}")
            assert answer.status_code == 200, answer.text
            found = {canary for canary in planted if canary in answer.text}
            assert [planted[c][:2] for c in found - own] == []
            assert [planted[c][:2] for c in own - found] == []
    # After review, what was looked at is shown, and no more.
    document = done(coordinator.get(f"{REQUESTS}/{requests['respondent']}/export"))
    kinds = {mask["kind"] for mask in document["masked"]}
    assert kinds == {kind.value for kind in MaskKind} - {"respondent"}
    for mask in document["masked"]:
        assert re.fullmatch(rf"\[{mask['kind']} \d+\]", _at(document, mask["path"]))
    shown = {"kinds": ["other_parties"], "reason": "Samen aan tafel gezeten."}
    request = {"id": requests["respondent"]}
    done(act_on(coordinator, request, "unmasked", shown))
    after = done(coordinator.get(f"{REQUESTS}/{requests['respondent']}/export"))
    assert {mask["kind"] for mask in after["masked"]} == kinds - {"other_parties"}
    events = {
        event for event, _surface in trail_of(make_client(application, Role.AUDITOR), ids["report"])
    }
    assert "person_data_exported" in events


def _at(document: Any, path: str) -> Any:
    for part in path.removeprefix("/").split("/"):
        document = document[int(part)] if isinstance(document, list) else document[part]
    return document


def test_who_may_have_a_document(coordinator: TestClient) -> None:
    report = add_report(coordinator, **named_report())["id"]
    early = ask(coordinator)
    other_kind = asked(coordinator, "erasure", reports=(report,))
    refused = asked(coordinator, reports=(report,))
    body = {"decision": "refused", "refusal_ground": "rights_of_others", "reason": "Neen."}
    done(act_on(coordinator, refused, "decision", body))
    for request, code in (
        (early, "identity_not_checked"),
        (other_kind, "other_kind"),
        (refused, "not_granted"),
    ):
        for form in ("export", "export.html"):
            answer = coordinator.get(f"{REQUESTS}/{request['id']}/{form}")
            assert (answer.status_code, answer.json()["code"]) == (409, code)


def test_a_page_is_a_download_in_the_language_of_the_person(coordinator: TestClient) -> None:
    body = named_report(wishes="<script>alert(1)</script>")
    report = add_report(coordinator, **body)["id"]
    request = asked(coordinator, reports=(report,), language="fr")
    answer = coordinator.get(f"{REQUESTS}/{request['id']}/export.html")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="export.html"'
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    assert '<html lang="fr">' in answer.text
    assert "Signalements" in answer.text
    assert "<script" not in answer.text
    assert "&lt;script&gt;" in answer.text


def test_of_an_anonymous_report_the_code_is_the_way(coordinator: TestClient) -> None:
    report = add_report(coordinator)["id"]
    request = ask(coordinator, name=None, contact=None)
    done(act_on(coordinator, request, "subjects", {"report_ids": [report]}))
    done(act_on(coordinator, request, "identity", {"how": "receipt_code"}))
    document = done(coordinator.get(f"{REQUESTS}/{request['id']}/export"))
    assert document["reports"][0]["reporter"]["is_anonymous"] is True
    assert "ontvangstcode" in document["about"][1]
    assert document["reports"][0]["kept"]["until"] is None
    assert document["asked"]["identity_check"] == "receipt_code"
    (reading,) = done(coordinator.get(f"{REQUESTS}/{request['id']}/export"))["read_by"]
    assert (reading["event"], reading["by"]) == ("person_data_exported", ["coordinator"])


def _fields(model: type[BaseModel]) -> Iterator[tuple[str, Any]]:
    for name, field in model.model_fields.items():
        yield name, field.annotation
        for part in (field.annotation, *get_args(field.annotation)):
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from _fields(part)


def test_every_field_and_code_has_its_words() -> None:
    fields = dict(_fields(ExportView))
    assert len(fields) > 100
    assert set(fields) == set(words()["fields"])
    known = words()["codes"]
    for name, annotation in _fields(ExportView):
        for part in (annotation, *get_args(annotation)):
            codes = getattr(part, "__members__", None)
            if codes is None or part is Language or name in LISTS:
                continue
            wanted = {code.value for code in (READINGS if name == "event" else codes.values())}
            if part.__name__ == "OwnerKind":
                wanted = {"report", "case", "negotiation"}
            assert set(known[part.__name__]) == wanted, name
    assert set(known["by"]) == {role.value for role in Role} | {kind.value for kind in ActorKind}
    for group in (words()["fields"], *known.values()):
        assert all(
            set(text) == {"nl", "fr", "en"} and all(text.values()) for text in group.values()
        )


@given(st.lists(st.tuples(st.sampled_from(list(MaskKind)), st.text(min_size=1))))
def test_a_placeholder_stands_for_one_text_and_tells_nothing_of_it(
    texts: list[tuple[MaskKind, str]],
) -> None:
    masks = Masks([])
    shown = [masks.hide(kind, text) for kind, text in texts]
    assert len(set(shown)) == len(set(texts))
    assert all(re.fullmatch(r"\[[a-z_]+ \d+\]", text or "") for text in shown)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_no_text_becomes_part_of_the_page(text: str) -> None:
    parsed, plain = _Tags(), _Tags()
    for page, wishes in ((parsed, text), (plain, "x")):
        document = {
            "language": "nl",
            "about": [wishes],
            "wishes": wishes,
            "notes": [{"body": wishes}],
        }
        page.feed(as_page(document, Vocabulary({})))
    assert parsed.tags == plain.tags
    assert parsed.text.count(text) >= 3
