"""People of partners: invited, joining with a second factor, logged in, ended."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.audit.models import AuditEntry
from app.core import clock
from app.core.access import SYSTEM, Role
from app.core.database import Database
from app.core.errors import (
    ConflictError,
    InvalidInputError,
)
from app.identity import partner_joining, partner_people, partner_sessions, ports
from app.identity.domain import InvitationLanguage
from app.identity.partner_models import PartnerPerson, RecoveryCode
from app.identity.partner_people import InvitationTerms
from app.partners.models import Partner
from tests.makers.identity import make_client
from tests.makers.partner_access import (
    PASSWORD,
    accept,
    at_once,
    code_at,
    invite,
    join,
    log_in_person,
    refusal,
)
from tests.makers.partners import make_partner
from tests.makers.tour import V1, done

NOW = clock.now()
STEP = timedelta(seconds=30)
TERMS = InvitationTerms("Genk", "https://bureau.example", timedelta(days=7))


@pytest.fixture
def partner_id(database: Database) -> UUID:
    with database.transaction() as session:
        return make_partner(session).id


def _invitation(database: Database, partner_id: UUID) -> str:
    with database.transaction() as session:
        return invite(session, partner_id, at=NOW).token


# --- by HTTP


def test_from_invitation_to_login(
    application: FastAPI, client: TestClient, partner_id: UUID
) -> None:
    worker = make_client(application, Role.COORDINATOR)
    body = {"name": "Samira Voorbeeld", "email": "samira@partner.example"}
    invited = done(worker.post(f"{V1}/partners/{partner_id}/people", json=body), 201)
    assert invited["state"] == "invited"
    assert invited["invitation_url"].endswith(f"/partner/invitation#{invited['invitation_token']}")
    accepted = done(
        client.post(
            f"{V1}/partner/invitations/acceptance",
            json={"token": invited["invitation_token"], "password": PASSWORD},
        )
    )
    assert accepted["username"].startswith("person-")
    assert accepted["otpauth_uri"].startswith("otpauth://totp/Bureau%20Genk:person-")
    confirmation = {"token": accepted["confirmation_token"], "code": "000000"}
    url = f"{V1}/partner/invitations/confirmation"
    code = code_at(accepted["totp_secret"], clock.now())
    wrong = client.post(url, json=confirmation | {"code": f"{(int(code) + 1) % 10**6:06}"})
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (422, "wrong_code")
    confirmed = done(client.post(url, json=confirmation | {"code": code}))
    assert len(set(confirmed["recovery_codes"])) == 10
    form = {
        "username": accepted["username"],
        "password": PASSWORD,
        "code": confirmed["recovery_codes"][0],
    }
    token = done(client.post(f"{V1}/partner/auth/token", data=form))["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert done(client.get(f"{V1}/partner/me", headers=headers)) == {
        "id": invited["id"],
        "partner_id": str(partner_id),
        "kind": "person",
        "title": "Samira Voorbeeld",
    }
    listed = worker.get(f"{V1}/partners/{partner_id}/people").json()["items"]
    assert [(p["state"], p["last_used_at"] is not None) for p in listed] == [("active", True)]
    ended = done(worker.post(f"{V1}/partner-people/{invited['id']}/end"))
    assert ended["state"] == "ended"
    assert client.get(f"{V1}/partner/me", headers=headers).status_code == 401
    again = worker.post(f"{V1}/partner-people/{invited['id']}/end")
    assert (again.status_code, again.json()["code"]) == (409, "person_ended")
    reinvited = worker.post(f"{V1}/partner-people/{invited['id']}/invitation", json={})
    assert (reinvited.status_code, reinvited.json()["code"]) == (409, "person_ended")


def test_a_name_among_the_colleagues_opens_nothing_here_and_the_reverse(
    database: Database, client: TestClient, partner_id: UUID
) -> None:
    joined = join(database, partner_id, at=NOW)
    form = {"username": joined.username, "password": PASSWORD, "code": joined.code(NOW + STEP)}
    staff = client.post(f"{V1}/auth/token", data={**form, "grant_type": "password"})
    assert staff.status_code == 401


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"email": "no-address"}, "/email"),
        ({"email": "a@b.example\r\nBcc: c@d.example"}, "/email"),
        ({"name": ""}, "/name"),
        ({"name": "a\u202eb"}, "/name"),
        ({"language": "de"}, "/language"),
        ({"role": "admin"}, "/role"),
    ],
)
def test_an_invitation_that_does_not_fit_names_its_field(
    application: FastAPI, partner_id: UUID, change: dict[str, str], pointer: str
) -> None:
    worker = make_client(application, Role.COORDINATOR)
    body = {"name": "S", "email": "s@partner.example"} | change
    answer = worker.post(f"{V1}/partners/{partner_id}/people", json=body)
    assert answer.status_code == 422
    assert [e["pointer"] for e in answer.json()["errors"]] == [pointer]
    assert "Bcc" not in answer.text


def test_reading_the_people_stands_in_the_trail(
    application: FastAPI, database: Database, partner_id: UUID
) -> None:
    _invitation(database, partner_id)
    worker = make_client(application, Role.COORDINATOR)
    done(worker.get(f"{V1}/partners/{partner_id}/people"))
    with database.snapshot() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.event == "partner_read")).one()
        everything = str([vars(e) for e in session.scalars(select(AuditEntry))])
    assert (entry.object_id, entry.details) == (partner_id, {"people": 1})
    assert "amira" not in everything


# --- joining, at chosen moments


@pytest.fixture
def mails(application: FastAPI) -> Any:
    sent: list[tuple[str, str, str]] = []

    def note(_session: Session, to: str, subject: str, body: str, _at: datetime) -> None:
        sent.append((to, subject, body))

    standing = list(ports._mailers)
    ports.register_mailer(note)
    yield sent
    ports._mailers[:] = standing


@pytest.mark.parametrize("language", list(InvitationLanguage))
def test_the_invitation_goes_out_in_the_language_asked(
    database: Database,
    partner_id: UUID,
    mails: list[tuple[str, str, str]],
    language: InvitationLanguage,
) -> None:
    with database.transaction() as session:
        invitation = partner_people.invite(
            session,
            SYSTEM,
            partner_id,
            name="Samira",
            email="samira@partner.example",
            language=language,
            terms=TERMS,
            at=NOW,
        )
    ((to, subject, body),) = mails
    assert to == "samira@partner.example"
    assert invitation.url in body
    assert "Samira" not in subject + body
    words = {"nl": "Uitnodiging", "fr": "Invitation au", "en": "Invitation to"}
    assert subject.startswith(words[language])


def test_an_invitation_runs_out(database: Database, partner_id: UUID) -> None:
    token = _invitation(database, partner_id)
    week = timedelta(days=7)
    late = refusal(lambda: accept(database, token, NOW + week))
    assert late == refusal(lambda: accept(database, "never issued", NOW))
    assert accept(database, token, NOW + week - timedelta(seconds=1))


def test_an_invitation_works_once(database: Database, partner_id: UUID) -> None:
    token = _invitation(database, partner_id)
    accept(database, token, NOW)
    refusal(lambda: accept(database, token, NOW, username="another"))


def test_of_two_who_accept_at_once_one_joins(database: Database, partner_id: UUID) -> None:
    token = _invitation(database, partner_id)
    outcomes = at_once(
        lambda: accept(database, token, NOW, username="one"),
        lambda: accept(database, token, NOW, username="two"),
    )
    assert outcomes == ["done", "wrong_invitation"]


def test_of_two_who_want_one_name_at_once_one_gets_it(database: Database, partner_id: UUID) -> None:
    tokens = [_invitation(database, partner_id) for _ in "ab"]
    outcomes = at_once(
        lambda: accept(database, tokens[0], NOW), lambda: accept(database, tokens[1], NOW)
    )
    assert outcomes == ["done", "username_taken"]


def test_a_name_that_is_taken_leaves_the_invitation_open(
    database: Database, partner_id: UUID
) -> None:
    join(database, partner_id, at=NOW)
    token = _invitation(database, partner_id)
    with pytest.raises(ConflictError, match="exists"):
        accept(database, token, NOW)
    assert accept(database, token, NOW, username="another")


def test_confirming_runs_out_and_works_once(database: Database, partner_id: UUID) -> None:
    accepted = accept(database, _invitation(database, partner_id), NOW)

    def confirm(at: datetime, token: str = accepted.confirmation_token) -> object:
        code = code_at(accepted.totp_secret, at)
        return partner_joining.confirm(database, token=token, code=code, at=at)

    refusal(lambda: confirm(NOW + timedelta(hours=1)))
    refusal(lambda: confirm(NOW, "another"))
    assert confirm(NOW)
    refusal(lambda: confirm(NOW))


def test_an_invitation_is_no_confirmation_and_the_reverse(
    database: Database, partner_id: UUID
) -> None:
    token = _invitation(database, partner_id)
    refusal(lambda: partner_joining.confirm(database, token=token, code="000000", at=NOW))
    accepted = accept(database, token, NOW)
    refusal(lambda: accept(database, accepted.confirmation_token, NOW, username="another"))


def test_who_has_not_confirmed_cannot_log_in(database: Database, partner_id: UUID) -> None:
    accepted = accept(database, _invitation(database, partner_id), NOW)
    refusal(
        lambda: partner_joining.log_in(
            database,
            username=accepted.username,
            password=PASSWORD,
            code=code_at(accepted.totp_secret, NOW),
            address="a",
            throttle_key=b"k",
            lifetime=timedelta(hours=1),
            at=NOW,
        )
    )


def test_a_wrong_code_confirms_nothing(database: Database, partner_id: UUID) -> None:
    accepted = accept(database, _invitation(database, partner_id), NOW)
    old = code_at(accepted.totp_secret, NOW - 5 * STEP)
    with pytest.raises(InvalidInputError, match="code"):
        partner_joining.confirm(database, token=accepted.confirmation_token, code=old, at=NOW)


def test_an_inactive_partner_lets_nobody_join_or_log_in(
    database: Database, partner_id: UUID
) -> None:
    joined = join(database, partner_id, at=NOW)
    token = log_in_person(database, joined, NOW + STEP).access_token
    invitation = _invitation(database, partner_id)
    with database.transaction() as session:
        past = {"active_from": date(2020, 1, 1), "active_to": date(2020, 12, 31)}
        session.execute(update(Partner).values(**past))
    refusal(lambda: accept(database, invitation, NOW, username="another"))
    inactive = refusal(lambda: log_in_person(database, joined, NOW + 2 * STEP))
    assert inactive == refusal(lambda: log_in_person(database, joined, NOW, username="nobody"))
    assert partner_sessions.authenticate(database, token, NOW + STEP) is None


def test_a_new_invitation_ends_what_the_person_had(database: Database, partner_id: UUID) -> None:
    joined = join(database, partner_id, at=NOW)
    token = log_in_person(database, joined, NOW + STEP).access_token
    with database.transaction() as session:
        again = partner_people.invite_again(
            session,
            SYSTEM,
            joined.person_id,
            language=InvitationLanguage.FR,
            terms=TERMS,
            at=NOW + STEP,
        )
    assert partner_sessions.authenticate(database, token, NOW + STEP) is None
    refusal(lambda: log_in_person(database, joined, NOW + 2 * STEP))
    with database.snapshot() as session:
        assert session.scalars(select(RecoveryCode)).all() == []
    assert accept(database, again.token, NOW + STEP)


def test_ending_somebody_ends_an_open_invitation(database: Database, partner_id: UUID) -> None:
    token = _invitation(database, partner_id)
    with database.transaction() as session:
        person = session.scalars(select(PartnerPerson)).one()
        partner_people.end_person(session, SYSTEM, person.id, at=NOW)
    refusal(lambda: accept(database, token, NOW))
