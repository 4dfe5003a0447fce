"""Sending webhooks: signed by the Standard Webhooks specification, ids only."""

import asyncio
import json
import socket
from datetime import datetime
from types import TracebackType
from typing import Self

import httpx
from standardwebhooks import Webhook

from app.notifications.addresses import host_and_port, is_public
from app.notifications.domain import MESSAGE_SECONDS, SENT, DeliveryError, Outcome
from app.notifications.models import OutboxMessage, WebhookEndpoint


def payload(message: OutboxMessage) -> str:
    """The same for every try, so that a receiver may compare."""
    return json.dumps(
        {
            "type": message.event,
            "timestamp": message.created_at.isoformat(),
            "data": {"id": str(message.object_id)},
        },
        separators=(",", ":"),
    )


class WebhookSender:
    """Posts to endpoints.

    The caller bounds the time of a whole try: the client's own limit is one for each read, and a
    server that answers letter by letter never meets it.
    """

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        # No connection is kept: it is opened to an address, so a kept one could serve another
        # name at that address, whose certificate was never checked.
        self._client = httpx.AsyncClient(
            timeout=MESSAGE_SECONDS,
            follow_redirects=False,
            trust_env=False,
            limits=httpx.Limits(max_keepalive_connections=0),
            headers={"User-Agent": "bureau"},
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        await self._client.aclose()

    async def send(
        self, message: OutboxMessage, endpoint: WebhookEndpoint, *, at: datetime
    ) -> Outcome:
        if endpoint.secret is None:
            return Outcome(DeliveryError.ENDPOINT_REMOVED)
        url = httpx.URL(endpoint.url)
        try:
            address = await self._resolve(url)
        except (OSError, UnicodeError):
            return Outcome(DeliveryError.NO_CONNECTION)
        if address is None:
            return Outcome(DeliveryError.ADDRESS_REFUSED)
        body = payload(message)
        message_id = str(message.id)
        request = self._client.build_request(
            "POST",
            url.copy_with(host=address),
            content=body,
            headers={
                "Host": url.netloc.decode("ascii"),
                "Content-Type": "application/json",
                "webhook-id": message_id,
                "webhook-timestamp": str(int(at.timestamp())),
                "webhook-signature": Webhook(endpoint.secret).sign(message_id, at, body),
            },
            extensions={"sni_hostname": url.raw_host.decode("ascii")},
        )
        try:
            # The answer's body is nobody's business: it is not read.
            response = await self._client.send(request, stream=True)
            await response.aclose()
        except httpx.HTTPError:
            return Outcome(DeliveryError.NO_CONNECTION)
        if response.is_success:
            return SENT
        if response.is_redirect:
            return Outcome(DeliveryError.REDIRECTED)
        return Outcome(DeliveryError.BAD_STATUS)

    async def _resolve(self, url: httpx.URL) -> str | None:
        """A checked address of this server; None when any of its addresses is not allowed."""
        host, port = host_and_port(url)
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [str(entry[4][0]) for entry in found]
        if not addresses:
            raise OSError("the name has no address")
        if not self._allow_private and not all(is_public(address) for address in addresses):
            return None
        return addresses[0]
