"""Canaries planted in whatever goes in: none is found where it does not belong."""

import logging
import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select, text, update

from app.core import clock
from app.core.access import Role
from app.core.database import Database
from app.core.models import Base
from app.core.sealed_rows import sealed
from app.notifications.delivery import deliver_due
from app.notifications.domain import MessageState
from app.notifications.models import OutboxMessage
from app.settings import Settings
from app.worklist import digest
from benchmarks.server import Logins
from tests.api.tour import take_tour
from tests.makers.backup import make_backup
from tests.makers.canaries import Canaries, plant_everywhere, spoilt
from tests.makers.identity import make_client
from tests.makers.intake import report_body
from tests.makers.notifications import Mailbox, Receiver, make_endpoint, with_mail
from tests.makers.partner_access import PASSWORD
from tests.makers.partners import make_partner_client, new_partner
from tests.makers.referrals import answer, refer
from tests.makers.tour import V1, done

PLACES = {
    f"{report}/{place}"
    for report in ("receive_report", "register_report", "submit_referral/report")
    for place in (
        "incident/district",
        "incident/municipality",
        "incident/respondent/name",  # of a company: lists search it
        "reporter/municipality",
    )
}
PLAIN = PLACES | {
    "add_entry/labels/en",
    "add_entry/labels/fr",
    "add_entry/labels/nl",
    "add_partner_agreement/purposes",
    "add_partner_agreement/territory",
    "change_activity/figures/by_group/group",
    "create_partner_client/title",
    "group_event/title",
    "load_plan/plan/title/nl",
    "load_plan/strategic/title/nl",
    "load_plan/strategic/tactical/title/nl",
    "load_plan/strategic/tactical/operational/title/nl",
    "load_plan/strategic/tactical/operational/results/title/nl",
    "load_plan/strategic/tactical/operational/results/indicators/title/nl",
    "load_plan/strategic/tactical/operational/results/indicators/title/en",
    "load_plan/strategic/tactical/operational/results/indicators/norm/measure",
    "load_plan/strategic/tactical/operational/results/indicators/norm/measure_nl",
    "record_activity/place",
    "plan_prevention_action/target_groups",
    "plan_prevention_action/title",
    "register_observation/municipality",
    "record_activity/target_groups",
    "record_activity/title",
    "register_partner/name",
    "register_partner/territory",
    "register_webhook/url",
    "write_bulletin/title",
}
"""Fields that lie plain in the store: organisations, places, code lists, titles of what the bureau
does in public. Nowhere else are even they found."""

IN_MAILS = {"write_bulletin/title", "write_bulletin/body"}
"""A bulletin is written to be mailed to partners; nothing else that anybody wrote is."""

LEAST_CANARIES = 500
SHORTEST = 8
"""Characters: a shorter text can stand in a file by chance."""


@pytest.fixture
def canaries(application: FastAPI, monkeypatch: pytest.MonkeyPatch) -> Canaries:
    planted = plant_everywhere(application, monkeypatch)
    take_tour(application)
    counts = Counter(planted.places.values())
    assert sum(count for place, count in counts.items() if place not in PLAIN) >= LEAST_CANARIES
    assert counts.keys() >= PLAIN
    assert len(planted.secrets) > 40
    return planted


def _personal_words(database: Database, canaries: Canaries) -> set[str]:
    """Whatever was said or is called, as it opens: the longest part of each text that JSON or a
    mail would not write otherwise."""
    found: set[str] = set()
    with database.snapshot() as session:
        for mapper in Base.registry.mappers:
            names = sealed(mapper.class_).names  # type: ignore[arg-type]
            if names:
                for row in session.scalars(select(mapper.class_)):
                    found |= {getattr(row, name) for name in names} - {None}
    parts = (max(re.split(r"[^ -~]|[\"\\&<>]", value), key=len).strip() for value in found)
    # A code is no secret, though the report that was shared with a partner holds some.
    return {
        part
        for part in parts
        if len(part) >= SHORTEST
        and not re.fullmatch(r"[a-z_]+", part)
        and not canaries.found_in(part.encode()) & PLAIN
    }


def _lines_of(caplog: pytest.LogCaptureFixture) -> str:
    """Of the bureau, with tracebacks; the test's own client logs what it calls."""
    form = logging.Formatter()
    return "\n".join(form.format(r) for r in caplog.records if r.name != "httpx")


def _stored(database: Database, logins: Logins, folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file, with journals, and of PostgreSQL the rows and the server's own files."""
    for path in folder.rglob("*"):
        if path.is_file():
            yield path.name, path.read_bytes()
    if database.is_sqlite:
        return
    superuser = Database(Settings(database_url=logins.superuser).database_url)
    with superuser.snapshot() as session:
        for table in Base.metadata.sorted_tables:
            rows = session.scalars(text(f"SELECT t::text FROM {table.name} t"))  # noqa: S608
            yield table.name, "\n".join(rows).encode()
        served_from = Path(session.scalars(text("SHOW data_directory")).one())
    superuser.close()
    for path in served_from.rglob("*"):  # nothing where the server is elsewhere
        if path.is_file() and not path.is_symlink():
            yield f"PostgreSQL {path.relative_to(served_from).parts[0]}", path.read_bytes()


def test_what_goes_in_lies_plain_nowhere(
    application: FastAPI,
    database: Database,
    logins: Logins,
    settings: Settings,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.DEBUG)
    canaries = plant_everywhere(application, monkeypatch)
    take_tour(application)
    counts = Counter(canaries.places.values())
    assert sum(count for place, count in counts.items() if place not in PLAIN) >= LEAST_CANARIES
    assert len(canaries.secrets) > 40
    words = _personal_words(database, canaries) | canaries.secrets | {PASSWORD}
    assert len(words) > 100
    printed = capfd.readouterr()
    logged = (_lines_of(caplog) + printed.out + printed.err).encode()
    assert b"/public/reports" in logged
    names = "\n".join(str(path) for path in tmp_path.rglob("*")).encode()
    total, plain, leaked = 0, set[str](), []
    for where, content in (*_stored(database, logins, tmp_path), ("log", logged), ("names", names)):
        total += len(content)
        found = canaries.found_in(content)
        plain |= found
        if where in ("log", "names") or found - PLAIN:
            leaked += [(where, place) for place in found]
        leaked += [(where, word) for word in words if word.encode() in content]
    assert leaked == []
    assert plain == PLAIN
    assert total > 100_000
    archives = tmp_path / "archives"
    archives.mkdir()
    make_backup(database, settings, archives / "bureau.backup")
    written = [path.read_bytes() for path in archives.iterdir()]
    assert sum(map(len, written)) > 10_000
    for content in written:
        assert canaries.found_in(content) == set()
        assert [word for word in words if word.encode() in content] == []


def test_what_goes_out_tells_nothing(
    application: FastAPI, database: Database, settings: Settings, canaries: Canaries
) -> None:
    worker = make_client(application, Role.COORDINATOR)
    partner_id = new_partner(application)
    partner = make_partner_client(application, partner_id)
    with Mailbox().open() as mailbox, Receiver().open() as receiver:
        with database.transaction() as session:
            make_endpoint(session, receiver.url(), at=clock.now(), partner_id=partner_id)
        for act in ("messages", "withdrawal"):
            referral = refer(worker, partner_id)
            done(answer(partner, referral["id"], "acceptance"))
            url = f"{V1}/referrals/{referral['id']}/{act}"
            told = {"body": "Wij bellen u."} if act == "messages" else {"reason": "Vergissing."}
            done(worker.post(url, json=told), 201 if act == "messages" else 200)
        tomorrow = clock.now().replace(hour=12) + timedelta(days=1)
        with database.transaction() as session:
            digest.queue_digests(session, tomorrow)
            session.execute(  # the tour shows one that was given up, and gives all of them up
                update(OutboxMessage).values(
                    state=MessageState.PENDING, attempts=0, last_error=None
                )
            )
        able = with_mail(settings, mailbox, webhook_allow_private=True)
        deliver_due(database, able, tomorrow)
    assert len(mailbox.mails) >= 4
    assert {place for mail in mailbox.mails for place in _told_in(mail, canaries)} == IN_MAILS
    shown = {secret for secret in canaries.secrets for m in mailbox.mails if secret in _text_of(m)}
    links = {link for m in mailbox.mails for link in re.findall(r"invitation#(\S+)", _text_of(m))}
    assert shown == links
    assert len(receiver.received) >= 4
    for hook in receiver.received:
        told_by = f"{hook.path} {hook.headers} {hook.body}".encode()
        assert canaries.found_in(told_by) == set()
    assert len(canaries.calendar_paths) >= 2
    for path in canaries.calendar_paths:
        feed = TestClient(application).get(path)
        assert canaries.found_in(feed.content) == set()


def _text_of(mail: EmailMessage) -> str:
    return str(mail.get_content())


def _told_in(mail: EmailMessage, canaries: Canaries) -> set[str]:
    """In whatever but the address it goes to."""
    headers = "\n".join(value for name, value in mail.items() if name != "To")
    return canaries.found_in(f"{headers}\n{_text_of(mail)}".encode())


def test_an_error_echoes_nothing_and_is_logged_without_what_was_sent(
    application: FastAPI,
    canaries: Canaries,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    capfd.readouterr()
    caplog.clear()
    caplog.set_level(logging.DEBUG)
    canary = canaries.new("spoilt")
    echoed, answers = [], Counter[int]()
    with TestClient(application, raise_server_exceptions=False) as client:
        monkeypatch.undo()  # what follows is sent as it is
        for name, sent in canaries.sent.items():
            headers = {**sent.client.headers, **sent.headers}
            for body in spoilt(sent.body, canary):
                refused = client.request(sent.method, sent.url, headers=headers, json=body)
                answers[refused.status_code] += 1
                is_echoed = refused.status_code >= 400 and canary in refused.text
                echoed += [(name, refused.text)] if is_echoed else []
            for url in (f"{sent.url}?{canary}={canary}", f"{V1}/{canary}"):
                refused = client.request(sent.method, url, headers=headers, json=sent.body)
                answers[refused.status_code] += 1
        secret = canaries.new("crash")
        crash = RuntimeError(f"{secret} failed")
        monkeypatch.setattr("app.intake.service.receive_public_report", _raising(crash))
        body = report_body()
        body["incident"]["narrative"] += f" {secret}"
        broken = client.post(f"{V1}/public/reports", json=body)
    assert broken.status_code == 500
    assert canaries.found_in(broken.content) == set()
    assert echoed == []
    assert answers[422] > 1_000
    assert not {status for status in answers if status >= 500}
    printed = capfd.readouterr()
    logged = (_lines_of(caplog) + printed.out + printed.err).encode()
    assert b"RuntimeError" in logged
    assert canaries.found_in(logged) == set()


def _raising(error: Exception) -> Any:
    def fail(*_arguments: object, **_more: object) -> None:
        raise error

    return fail
