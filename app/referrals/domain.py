"""Referrals: their steps as a table, consent, what may be shared."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from app.core.clock import local_date
from app.core.errors import ConflictError, FieldError
from app.partners.domain import ReferralField


class ReferralDirection(StrEnum):
    """Out: from the bureau to a partner. In: from a partner to the bureau."""

    OUT = "out"
    IN = "in"


class ReferralStatus(StrEnum):
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    SUBMITTED = "submitted"
    """Of a referral in: the report goes its own way, the partner follows it."""


class ReferralPurpose(StrEnum):
    """What a partner is asked for. Codes only: the preview shows it."""

    INFORMATION = "information"
    LEGAL_ADVICE = "legal_advice"
    PSYCHOSOCIAL_SUPPORT = "psychosocial_support"
    SOCIAL_SUPPORT = "social_support"
    MEDIATION = "mediation"
    INVESTIGATION = "investigation"
    COMPLAINT_HANDLING = "complaint_handling"
    OTHER = "other"


class ReferralOutcome(StrEnum):
    HELPED = "helped"
    PARTLY_HELPED = "partly_helped"
    NOT_REACHED = "not_reached"
    NOT_COMPETENT = "not_competent"
    CLIENT_LEFT = "client_left"
    OTHER = "other"


class ConsentGiver(StrEnum):
    REPORTER = "reporter"
    REPRESENTATIVE = "representative"


class ConsentForm(StrEnum):
    WRITTEN = "written"
    ORAL = "oral"
    DIGITAL = "digital"


class MessageDirection(StrEnum):
    FROM_BUREAU = "from_bureau"
    FROM_PARTNER = "from_partner"


class ReferralEvent(StrEnum):
    """What a partner is told of."""

    OFFERED = "referral.offered"
    WITHDRAWN = "referral.withdrawn"
    MESSAGE = "referral.message"


@dataclass(frozen=True)
class Consent:
    """The reporter's consent for one partner and one purpose. given_at: the moment, on given_on."""

    given_on: date
    given_by: ConsentGiver
    form: ConsentForm
    given_at: datetime | None = None


@dataclass(frozen=True)
class Override:
    """Sharing without consent. against_refusal: although the reporter said no."""

    reason: str
    against_refusal: bool = False


@dataclass(frozen=True)
class Refusal:
    """When consent was taken back. at: None where only the day was kept."""

    on: date
    at: datetime | None

    def is_followed_by(self, consent: Consent) -> bool:
        """Whether the consent was given after it: on a later day, or later on the same day."""
        if consent.given_on != self.on or consent.given_at is None or self.at is None:
            return consent.given_on > self.on
        return consent.given_at > self.at


S = ReferralStatus

STEPS: Mapping[ReferralStatus, frozenset[ReferralStatus]] = {
    S.OFFERED: frozenset({S.ACCEPTED, S.DECLINED, S.WITHDRAWN, S.CONSENT_WITHDRAWN}),
    S.ACCEPTED: frozenset({S.COMPLETED, S.WITHDRAWN, S.CONSENT_WITHDRAWN}),
    # The client no longer wants the partner to follow the report.
    S.SUBMITTED: frozenset({S.CONSENT_WITHDRAWN}),
    S.DECLINED: frozenset(),
    S.COMPLETED: frozenset(),
    S.WITHDRAWN: frozenset(),
    S.CONSENT_WITHDRAWN: frozenset(),
}
"""Which status may follow which."""

RUNNING = frozenset({S.OFFERED, S.ACCEPTED})

CLOSED_TO_PARTNER = frozenset({S.WITHDRAWN, S.CONSENT_WITHDRAWN})
"""For the partner these do not exist."""

OPEN_TO_PARTNER = frozenset({S.ACCEPTED, S.SUBMITTED})
"""The partner sees content and messages. A completed referral has served its purpose, and its
content is closed: a completed one has no consent left to take back."""

_IDENTIFYING = frozenset({ReferralField.REPORTER_IDENTITY, ReferralField.REPORTER_CONTACT})


def require_step(status: ReferralStatus, to: ReferralStatus) -> None:
    """Raises ConflictError when the table does not allow the step."""
    if to not in STEPS[status]:
        raise ConflictError(
            f"A referral that is {status} cannot become {to}.", code="step_not_allowed"
        )


def require_open_to_partner(status: ReferralStatus) -> None:
    """Raises ConflictError where bureau and partner cannot write to each other."""
    if status not in OPEN_TO_PARTNER:
        raise ConflictError(
            f"A referral that is {status} takes no messages.", code="messages_closed"
        )


def consent_errors(
    consent: Consent, *, at: datetime, pointer: str, not_before: date | None = None
) -> list[FieldError]:
    """at: now. not_before: the day on which the report it is about was received."""
    if consent.given_on > local_date(at):
        return [FieldError(f"{pointer}/given_on", "lies in the future", "in_future")]
    if not_before is not None and consent.given_on < not_before:
        return [FieldError(f"{pointer}/given_on", "before the report", "before_report")]
    if consent.given_at is None:
        return []
    if local_date(consent.given_at) != consent.given_on:
        return [FieldError(f"{pointer}/given_at", "not on given_on", "not_on_day")]
    if consent.given_at.replace(microsecond=0) > at:
        return [FieldError(f"{pointer}/given_at", "lies in the future", "in_future")]
    return []


def period_errors(answer_by: date, result_by: date | None, *, today: date) -> list[FieldError]:
    """answer_by may be today; result_by may be the same day."""
    errors = []
    if answer_by < today:
        errors.append(FieldError("/answer_by", "lies in the past", "in_past"))
    if result_by is not None and result_by < answer_by:
        errors.append(FieldError("/result_by", "before answer_by", "date_order"))
    return errors


def anonymity_errors(fields: list[ReferralField], *, is_anonymous: bool) -> list[FieldError]:
    """Of an anonymous reporter there is nothing to share that says who it is."""
    return [
        FieldError(f"/shared_fields/{position}", "the report is anonymous", "anonymous")
        for position, field in enumerate(fields)
        if is_anonymous and field in _IDENTIFYING
    ]
