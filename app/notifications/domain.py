"""What is sent, how it can end, and when it is tried again."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class MessageKind(StrEnum):
    MAIL = "mail"
    WEBHOOK = "webhook"


class MessageState(StrEnum):
    PENDING = "pending"
    SENT = "sent"
    DEAD = "dead"


class DeliveryError(StrEnum):
    """Why the last try failed: our own words, never those of the other server."""

    NO_CONNECTION = "no_connection"
    TIMED_OUT = "timed_out"
    ADDRESS_REFUSED = "address_refused"
    SERVER_REFUSED = "server_refused"
    RECIPIENT_DEFERRED = "recipient_deferred"
    RECIPIENT_REFUSED = "recipient_refused"
    MESSAGE_DEFERRED = "message_deferred"
    MESSAGE_REFUSED = "message_refused"
    UNSENDABLE = "unsendable"
    REDIRECTED = "redirected"
    BAD_STATUS = "bad_status"
    ENDPOINT_REMOVED = "endpoint_removed"


PERMANENT = frozenset(
    {
        DeliveryError.RECIPIENT_REFUSED,
        DeliveryError.MESSAGE_REFUSED,
        DeliveryError.UNSENDABLE,
        DeliveryError.ENDPOINT_REMOVED,
    }
)
"""No later try can end otherwise."""

OF_THE_SERVER = frozenset(
    {
        DeliveryError.NO_CONNECTION,
        DeliveryError.TIMED_OUT,
        DeliveryError.ADDRESS_REFUSED,
        DeliveryError.SERVER_REFUSED,
    }
)
"""Every other message for the same server would end so too: they wait with this one."""

FIRST_DELAY = timedelta(minutes=1)
LONGEST_DELAY = timedelta(hours=6)
GIVE_UP_AFTER = timedelta(days=3)
JITTER = 0.2
MESSAGE_SECONDS = 8.0
"""The most one try may take, from resolving the name to the answer."""


@dataclass(frozen=True)
class Outcome:
    """How one try ended. error None: sent."""

    error: DeliveryError | None = None

    @property
    def is_permanent(self) -> bool:
        return self.error in PERMANENT

    @property
    def is_of_the_server(self) -> bool:
        return self.error in OF_THE_SERVER


SENT = Outcome()


def delay_after(attempts: int, *, chance: float) -> timedelta:
    """How long to wait after this many failed tries: a minute, doubling, six hours at most.

    attempts: at least 1. chance: 0..1, spreads what failed together by a fifth either way.
    """
    # Beyond 2**9 minutes the limit holds in any case.
    doubled: timedelta = FIRST_DELAY * 2 ** min(attempts - 1, 9)
    return min(doubled, LONGEST_DELAY) * (1 + JITTER * (2 * chance - 1))
