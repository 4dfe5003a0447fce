"""Sending mail: plain text, over one SMTP connection that is kept while there is something."""

from contextlib import suppress
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from typing import Literal
from urllib.parse import unquote, urlsplit

import aiosmtplib
from aiosmtplib import SMTP

from app.notifications.domain import SENT, DeliveryError, Outcome
from app.notifications.models import OutboxMessage
from app.settings import Settings


@dataclass(frozen=True)
class MailServer:
    """Where mail goes, out of BUREAU_SMTP_URL and BUREAU_MAIL_FROM."""

    host: str
    port: int
    security: Literal["none", "starttls", "tls"]
    username: str | None
    password: str | None
    sender: str

    @classmethod
    def of(cls, settings: Settings) -> "MailServer | None":
        """None: no server is set, mail waits."""
        if settings.smtp_url is None or settings.mail_from is None:
            return None
        parts = urlsplit(settings.smtp_url.get_secret_value())
        is_tls = parts.scheme == "smtps"
        has_starttls = parts.scheme == "smtp+starttls"
        return cls(
            host=parts.hostname or "",
            port=parts.port or (465 if is_tls else 587 if has_starttls else 25),
            security="tls" if is_tls else "starttls" if has_starttls else "none",
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            sender=settings.mail_from,
        )


def compose(message: OutboxMessage, sender: str) -> EmailMessage:
    """The mail as it leaves. Raises ValueError when its address or subject cannot be written."""
    mail = EmailMessage(policy=SMTP_POLICY)
    try:
        mail["From"] = Address(addr_spec=sender)
        mail["To"] = Address(addr_spec=message.recipient or "")
        mail["Subject"] = message.subject or ""
        mail["Date"] = message.created_at
        # The same for every try: a mail that came twice can be told by it.
        mail["Message-ID"] = f"<{message.id}@{sender.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(message.body or "", charset="utf-8", cte="quoted-printable")
    except Exception as error:  # noqa: BLE001  (the library raises whatever its parser met)
        raise ValueError(type(error).__name__) from None
    return mail


class MailSender:
    """One connection. The time that one try may take is the caller's to bound."""

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._connection: SMTP | None = None

    async def send(self, message: OutboxMessage) -> Outcome:
        try:
            mail = compose(message, self._server.sender)
        except ValueError:
            return Outcome(DeliveryError.UNSENDABLE)
        try:
            connection = await self._connected()
        except aiosmtplib.SMTPResponseException:
            # Too busy, or it does not know us: a matter between the bureau and its mail server.
            return Outcome(DeliveryError.SERVER_REFUSED)
        except (aiosmtplib.SMTPException, OSError):
            return Outcome(DeliveryError.NO_CONNECTION)
        try:
            await connection.send_message(mail, sender=self._server.sender)
        except (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPTimeoutError, OSError):
            self.drop()
            return Outcome(DeliveryError.NO_CONNECTION)
        except aiosmtplib.SMTPException as error:
            return Outcome(_meaning_of(error))
        except ValueError:
            return Outcome(DeliveryError.UNSENDABLE)
        return SENT

    def drop(self) -> None:
        """Close at once: whatever the server was about to say concerns no later mail."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    async def quit(self) -> None:
        if self._connection is None:
            return
        with suppress(aiosmtplib.SMTPException, OSError):
            await self._connection.quit()
        self.drop()

    async def _connected(self) -> SMTP:
        if self._connection is not None and self._connection.is_connected:
            return self._connection
        self.drop()
        server = self._server
        connection = SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            timeout=None,
        )
        await connection.connect()
        self._connection = connection
        return connection


def _meaning_of(error: aiosmtplib.SMTPException) -> DeliveryError:
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        is_final = all(refusal.code >= 500 for refusal in error.recipients)
        return DeliveryError.RECIPIENT_REFUSED if is_final else DeliveryError.RECIPIENT_DEFERRED
    if isinstance(error, aiosmtplib.SMTPSenderRefused):
        return DeliveryError.SERVER_REFUSED
    if isinstance(error, aiosmtplib.SMTPNotSupported):
        # The address needs an extension that the server lacks.
        return DeliveryError.UNSENDABLE
    if isinstance(error, aiosmtplib.SMTPResponseException) and error.code >= 500:
        return DeliveryError.MESSAGE_REFUSED
    return DeliveryError.MESSAGE_DEFERRED
