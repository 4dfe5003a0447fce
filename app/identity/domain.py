"""Rules of logging in, and of who may."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

FREE_FAILURES = 5
"""Failures before the first wait."""

LONGEST_WAIT = timedelta(seconds=60)
FORGOTTEN_AFTER = timedelta(minutes=15)


def wait_after(failures: int) -> timedelta:
    """How long to wait after this many failures in a row: 0, then doubling, never above a minute.

    A cap, never a lock: a colleague whose name somebody else keeps trying gets in after a minute.
    """
    if failures < FREE_FAILURES:
        return timedelta(0)
    doublings = min(failures - FREE_FAILURES + 1, 6)  # 2 ** 6 s is past the longest wait
    return min(timedelta(seconds=2**doublings), LONGEST_WAIT)


def is_live(
    *,
    now: datetime,
    last_used_at: datetime,
    expires_at: datetime,
    revoked_at: datetime | None,
    idle: timedelta,
) -> bool:
    """Whether a session token still opens the door."""
    return revoked_at is None and now < expires_at and now < last_used_at + idle


class Proof(StrEnum):
    """By what a session showed who holds it."""

    PASSWORD = "password"  # noqa: S105  (a word, not a secret)
    TOTP = "totp"
    RECOVERY_CODE = "recovery_code"
    PASSKEY = "passkey"
    OPENID = "openid"
    OPENID_SECOND_FACTOR = "openid_second_factor"


SECOND_FACTORS = frozenset(
    {Proof.TOTP, Proof.RECOVERY_CODE, Proof.PASSKEY, Proof.OPENID_SECOND_FACTOR}
)


def is_enough(proof: Proof | None, *, has_factor: bool) -> bool:
    """Whether this is as good a proof as its account can give."""
    return proof is not None and (proof in SECOND_FACTORS or not has_factor)


def lacks_factor(proof: Proof | None, *, has_factor: bool, is_demanded: bool) -> bool:
    """Whether a session can only be used to set up or show a second factor.

    has_factor: one that was set up here. Who gets in by a provider has not shown that one, unlike
    who logged in with the password, which then was not enough.
    """
    return proof not in SECOND_FACTORS and (is_demanded or (has_factor and proof is Proof.OPENID))


class StepKind(StrEnum):
    """What a login or an enrolment in two steps is for."""

    PASSKEY_LOGIN = "passkey_login"
    PASSKEY_STEP_UP = "passkey_step_up"
    PASSKEY_ENROLMENT = "passkey_enrolment"


class OpenIdAim(StrEnum):
    """What somebody was sent to the provider of identities for."""

    LOGIN = "login"
    STEP_UP = "step_up"
    LINK = "link"


OPENID_LASTS = timedelta(minutes=10)
"""From being sent to the provider until coming back: that may take a new password there."""

NEVER_SHOWN = datetime(1970, 1, 1, tzinfo=UTC)
"""When a login is proved that does not tell when: as good as no recent proof."""

STEP_LASTS = timedelta(minutes=5)
"""From the first step of a login or an enrolment to the second."""

MOST_PASSKEYS = 10

CLIENT_LIFE = timedelta(days=365)
"""How long a partner's client lives when nobody says otherwise."""

LONGEST_CLIENT_LIFE = timedelta(days=3 * 366)
LONGEST_ASSERTION = timedelta(minutes=5)
CLOCK_LEEWAY = timedelta(seconds=30)
"""How far the clock of a client may be from ours."""

LONGEST_OVERLAP_HOURS = 30 * 24
"""How long the old secret may work beside the new one."""

CONFIRM_WITHIN = timedelta(hours=1)
"""From choosing a password to the first code of the second factor."""


_CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")


SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 200
"""In characters."""

LEAST_OWN_CHARACTERS = 8
"""Letters and digits that a password needs beside the words that anybody would try here."""


def own_part(password: str, words: Iterable[str]) -> str:
    """The letters and digits that are left of a password without these words, the longest first.

    All of it folded (`core.folding`), so that case and accents do not count.
    """
    for word in sorted(set(words), key=len, reverse=True):
        password = password.replace(word, " ")
    return "".join(c for c in password if c.isalnum())


class HolderKind(StrEnum):
    """Who acts for a partner."""

    CLIENT = "client"
    PERSON = "person"


class InvitationLanguage(StrEnum):
    NL = "nl"
    FR = "fr"
    EN = "en"


class ClientState(StrEnum):
    ACTIVE = "active"
    EXPIRED = "expired"
    ENDED = "ended"


def as_client_id(text: object) -> str:
    """The text when it looks like a `client_id`, else an empty one: it may hold anything."""
    return text if isinstance(text, str) and _CLIENT_ID.fullmatch(text) else ""


def client_state(*, today: date, expires_on: date, ended_at: datetime | None) -> ClientState:
    """expires_on: the last day on which it works, inclusive."""
    if ended_at is not None:
        return ClientState.ENDED
    return ClientState.EXPIRED if today > expires_on else ClientState.ACTIVE


class PersonState(StrEnum):
    INVITED = "invited"
    JOINING = "joining"
    ACTIVE = "active"
    LAPSED = "lapsed"
    ENDED = "ended"


def person_state(
    *,
    now: datetime,
    joining_until: datetime | None,
    has_password: bool,
    confirmed_at: datetime | None,
    ended_at: datetime | None,
) -> PersonState:
    """Lapsed: the link ran out before the account was confirmed; a new invitation is needed."""
    if ended_at is not None:
        return PersonState.ENDED
    if confirmed_at is not None:
        return PersonState.ACTIVE
    if joining_until is None or now >= joining_until:
        return PersonState.LAPSED
    return PersonState.JOINING if has_password else PersonState.INVITED
