"""Mail: what leaves, and what happens when the mail server does not do its part."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.core.access import Role
from app.core.database import Database
from app.notifications import delivery, service
from app.notifications.delivery import deliver_due
from app.settings import Settings
from tests.makers.identity import make_client
from tests.makers.notifications import (
    Mailbox,
    Receiver,
    make_hooks,
    make_mails,
    messages,
    states,
    with_mail,
)

AT = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
LATER = AT + timedelta(minutes=5)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with Mailbox().open() as mailbox:
        yield mailbox


def test_a_mail_is_plain_text_and_carries_its_id(
    database: Database, settings: Settings, mailbox: Mailbox
) -> None:
    with database.transaction() as session:
        service.queue_mail(
            session,
            to="ilse@example.org",
            subject="Één melding: dringend €",
            body="Ça va?\n.\nEen punt alleen op een regel, en ünicode.\n",
            at=AT,
        )
    deliver_due(database, with_mail(settings, mailbox), AT)
    (mail,) = mailbox.mails
    assert mail["To"] == "ilse@example.org"
    assert mail["From"] == "bureau@example.org"
    assert mail["Subject"] == "Één melding: dringend €"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"] == f"<{messages(database)[0].id}@example.org>"
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content().replace("\r\n", "\n") == (
        "Ça va?\n.\nEen punt alleen op een regel, en ünicode.\n"
    )
    assert states(database) == {"sent": 1}


def test_an_act_that_is_rolled_back_sends_nothing(
    database: Database, settings: Settings, mailbox: Mailbox
) -> None:
    with database.transaction() as session:
        service.queue_mail(session, to="a@example.org", subject="x", body="x", at=AT)
        session.rollback()
    deliver_due(database, with_mail(settings, mailbox), LATER)
    assert mailbox.mails == []


def test_many_mails_share_few_connections(
    database: Database, settings: Settings, mailbox: Mailbox
) -> None:
    make_mails(database, *(f"p{n}@example.org" for n in range(100)), at=AT)
    deliver_due(database, with_mail(settings, mailbox), AT)
    assert sorted(mail["To"] for mail in mailbox.mails) == sorted(
        f"p{n}@example.org" for n in range(100)
    )
    assert len(mailbox.connections) <= delivery.MAIL_CONNECTIONS


def test_a_refused_recipient_is_given_up_and_the_others_get_theirs(
    database: Database, settings: Settings, mailbox: Mailbox
) -> None:
    mailbox.on_recipient = lambda address: "550 no such box" if "gone" in address else None
    make_mails(database, "a@example.org", "gone@example.org", "b@example.org", at=AT)
    deliver_due(database, with_mail(settings, mailbox), AT)
    assert states(database) == {"sent": 2, "dead recipient_refused": 1}


def test_a_recipient_that_is_deferred_gets_the_mail_later(
    database: Database, settings: Settings, mailbox: Mailbox
) -> None:
    mailbox.on_recipient = lambda _address: "450 greylisted"
    make_mails(database, "a@example.org", at=AT)
    server = with_mail(settings, mailbox)
    deliver_due(database, server, AT)
    assert states(database) == {"pending recipient_deferred": 1}
    mailbox.on_recipient = lambda _address: None
    deliver_due(database, server, AT + timedelta(seconds=30))
    assert mailbox.mails == []
    deliver_due(database, server, AT + timedelta(seconds=75))
    assert states(database) == {"sent": 1}
    assert messages(database)[0].attempts == 2


@pytest.mark.parametrize(
    ("answer", "state"),
    [("554 spam", "dead message_refused"), ("451 disk full", "pending message_deferred")],
)
def test_a_mail_that_the_server_does_not_take(
    database: Database, settings: Settings, mailbox: Mailbox, answer: str, state: str
) -> None:
    mailbox.on_mail = lambda _mail: answer
    make_mails(database, "a@example.org", at=AT)
    deliver_due(database, with_mail(settings, mailbox), AT)
    assert states(database) == {state: 1}


@pytest.mark.parametrize("address", ["no address", "a@b@c.org", "a@example.org\nBcc: x@y.org", ""])
def test_an_address_that_cannot_be_written_stops_only_its_own_mail(
    database: Database, settings: Settings, mailbox: Mailbox, address: str
) -> None:
    make_mails(database, address, "a@example.org", at=AT)
    deliver_due(database, with_mail(settings, mailbox), AT)
    assert states(database) == {"dead unsendable": 1, "sent": 1}
    assert [mail["To"] for mail in mailbox.mails] == ["a@example.org"]


def test_a_server_that_is_down_makes_all_wait_without_trying_each(
    database: Database, settings: Settings
) -> None:
    mailbox = Mailbox()  # not opened
    server = with_mail(settings, mailbox)
    make_mails(database, *(f"p{n}@example.org" for n in range(200)), at=AT)
    deliver_due(database, server, AT)
    assert states(database) == {"pending no_connection": 200}
    tried = sum(row.attempts for row in messages(database))
    assert 1 <= tried <= delivery.DOWN_AFTER * delivery.MAIL_CONNECTIONS
    with mailbox.open():
        deliver_due(database, server, LATER)
    assert states(database) == {"sent": 200}


def test_a_server_that_hangs_holds_up_no_webhook_and_is_left(
    database: Database, settings: Settings, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "MESSAGE_SECONDS", 1.5)
    mailbox.hangs = True
    make_mails(database, *(f"p{n}@example.org" for n in range(30)), at=AT)
    with Receiver().open() as receiver:
        make_hooks(database, receiver.url(), 30, at=AT)
        deliver_due(database, with_mail(settings, mailbox, webhook_allow_private=True), AT)
        assert len(receiver.received) == 30
    assert states(database)["sent"] == 30
    assert states(database)["pending timed_out"] == 30


def test_what_never_succeeds_is_given_up_after_three_days_and_can_be_sent_again(
    application: FastAPI, database: Database, settings: Settings, mailbox: Mailbox
) -> None:
    mailbox.on_mail = lambda _mail: "451 not now"
    server = with_mail(settings, mailbox)
    make_mails(database, "a@example.org", at=AT)
    at, tries = AT, 0
    while states(database) != {"dead message_deferred": 1}:
        (row,) = messages(database)
        at = row.next_attempt_at
        deliver_due(database, server, at)
        tries += 1
        assert tries < 40
    assert timedelta(days=3) <= at - AT < timedelta(days=3.5)
    assert tries > 15
    admin = make_client(application, Role.ADMIN)
    listed = admin.get("/api/v1/deliveries?state=dead").json()["items"]
    assert "a@example.org" not in str(listed)
    url = f"/api/v1/deliveries/{listed[0]['id']}/resending"
    assert admin.post(url).json()["state"] == "pending"
    assert admin.post(url).json()["code"] == "not_dead"
    mailbox.on_mail = lambda _mail: None
    deliver_due(database, server, datetime.now(UTC))
    assert states(database) == {"sent": 1}


def test_without_a_server_mail_waits_and_the_bureau_is_ready(
    client: TestClient,
    database: Database,
    settings: Settings,
) -> None:
    make_mails(database, "a@example.org", at=AT)
    deliver_due(database, settings, AT)
    assert states(database) == {"pending": 1}
    assert client.get("/health/ready").status_code == 200
