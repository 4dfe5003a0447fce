"""Real servers on loopback that behave badly on demand, and messages for them."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID, uuid4

from aiosmtpd.controller import Controller
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.database import Database
from app.notifications import service
from app.notifications.models import OutboxMessage, WebhookEndpoint
from app.settings import Settings
from benchmarks.server import free_port
from tests.makers.partners import make_partner

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SENDER = "bureau@example.org"


class Mailbox:
    """An SMTP server. `on_recipient` and `on_mail` answer instead of 250 when they say something;
    a number that is 0 lets the client wait for ever."""

    def __init__(self) -> None:
        self.port = free_port()
        self.mails: list[EmailMessage] = []
        self.connections: set[int] = set()
        self.on_recipient: Callable[[str], str | None] = lambda _address: None
        self.on_mail: Callable[[EmailMessage], str | None] = lambda _mail: None
        self.hangs = False

    async def handle_RCPT(  # noqa: N802  (the library's names)
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        refusal = self.on_recipient(address)
        if refusal is None:
            envelope.rcpt_tos.append(address)
        return refusal or "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        while self.hangs:
            await asyncio.sleep(0.01)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        answer = self.on_mail(mail)
        if answer is None:
            self.mails.append(mail)
            self.connections.add(id(session))
        return answer or "250 OK"

    @contextmanager
    def open(self) -> Iterator["Mailbox"]:
        controller = Controller(self, hostname="127.0.0.1", port=self.port)
        controller.start()
        try:
            yield self
        finally:
            self.hangs = False
            controller.stop()

    @property
    def settings(self) -> dict[str, Any]:
        return {"smtp_url": f"smtp://127.0.0.1:{self.port}", "mail_from": SENDER}


@dataclass
class Received:
    path: str
    headers: dict[str, str]
    body: str
    status: int


@dataclass
class Receiver:
    """A web server of a partner. `status` says what it answers to which path; 0: nothing, ever.
    `status_of` goes by the headers instead."""

    status: Callable[[str], int] = lambda _path: 204
    status_of: Callable[[Mapping[str, str]], int] | None = None
    received: list[Received] = field(default_factory=list)
    port: int = 0
    _release: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def open(self) -> Iterator["Receiver"]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                headers = dict(self.headers.items())
                status = (
                    receiver.status_of(headers)
                    if receiver.status_of
                    else receiver.status(self.path)
                )
                if status == 0:
                    receiver._release.wait(60)
                    return
                receiver.received.append(Received(self.path, headers, body, status))
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("Location", f"http://127.0.0.1:{receiver.port}/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_arguments: Any) -> None:
                pass

        class Quiet(ThreadingHTTPServer):
            request_queue_size = 64

            def handle_error(self, *_arguments: Any) -> None:
                pass  # the client left: that is what some tests are about

        server = Quiet(("127.0.0.1", 0), Handler)
        self.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield self
        finally:
            self._release.set()
            server.shutdown()
            thread.join()
            server.server_close()

    def url(self, path: str = "/hook") -> str:
        return f"http://127.0.0.1:{self.port}{path}"


def make_endpoint(
    session: Session, url: str, *, at: datetime, partner_id: UUID | None = None
) -> WebhookEndpoint:
    endpoint = WebhookEndpoint(
        partner_id=partner_id or make_partner(session, f"Partner {uuid4()}", at=at).id,
        url=url,
        secret=SECRET,
        created_at=at,
    )
    session.add(endpoint)
    session.flush()
    return endpoint


def make_mails(database: Database, *recipients: str, at: datetime) -> None:
    with database.transaction() as session:
        for recipient in recipients:
            service.queue_mail(session, to=recipient, subject="Onderwerp", body="Tekst", at=at)


def make_hooks(database: Database, url: str, count: int, *, at: datetime) -> UUID:
    """A partner with this one endpoint and `count` messages for it."""
    with database.transaction() as session:
        endpoint = make_endpoint(session, url, at=at)
        for _ in range(count):
            service.queue_webhook(
                session,
                partner_id=endpoint.partner_id,
                event="referral.made",
                object_id=uuid4(),
                at=at,
            )
        return endpoint.id


def messages(database: Database) -> list[OutboxMessage]:
    with database.snapshot() as session:
        return list(session.scalars(select(OutboxMessage)))


def states(database: Database) -> dict[str, int]:
    """How many messages stand in which state and with which error."""
    found: dict[str, int] = {}
    for row in messages(database):
        key = f"{row.state}" + (f" {row.last_error}" if row.last_error else "")
        found[key] = found.get(key, 0) + 1
    return found


def with_mail(settings: Settings, mailbox: Mailbox, **changes: Any) -> Settings:
    return Settings.model_validate(settings.model_dump() | mailbox.settings | changes)


def with_private_hooks(settings: Settings) -> Settings:
    return settings.model_copy(update={"webhook_allow_private": True})
