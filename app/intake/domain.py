"""Reports: their states, what may follow what, receipt codes."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.core.errors import ConflictError, FieldError, duplicate_errors


class ReportStatus(StrEnum):
    RECEIVED = "received"
    REGISTERED = "registered"
    INFORMATION_GIVEN = "information_given"
    REGISTERED_ONLY = "registered_only"
    REFERRED = "referred"
    CASE_OPENED = "case_opened"
    INADMISSIBLE = "inadmissible"
    DUPLICATE = "duplicate"
    WITHDRAWN = "withdrawn"


class ReporterField(StrEnum):
    """What the reporter is asked to say of themselves, and can have rectified."""

    NAME = "name"
    EMAIL = "email"
    PHONE = "phone"
    POSTAL = "postal"
    MUNICIPALITY = "municipality"
    SAFE_CONTACT = "safe_contact"
    AGE_BAND = "age_band"
    GENDER = "gender"
    ORIGIN = "origin"


class BarKind(StrEnum):
    """Why a report is hidden from a colleague: a coordinator said so, or it names them."""

    BARRED = "barred"
    NAMED = "named"


class TriageDecision(StrEnum):
    GIVE_INFORMATION = "give_information"
    REGISTER_ONLY = "register_only"
    OPEN_CASE = "open_case"
    REFER = "refer"
    INADMISSIBLE = "inadmissible"
    DUPLICATE = "duplicate"


class Multiplicity(StrEnum):
    SINGLE = "single"
    CUMULATIVE = "cumulative"
    INTERSECTIONAL = "intersectional"


class GroundLink(StrEnum):
    OWN = "own"
    ASSOCIATION = "association"
    ASSUMED = "assumed"


class Direction(StrEnum):
    """Who wrote a message of the dialogue."""

    FROM_REPORTER = "from_reporter"
    FROM_BUREAU = "from_bureau"


S = ReportStatus
D = TriageDecision

STATUS_AFTER: Mapping[TriageDecision, ReportStatus] = {
    D.GIVE_INFORMATION: S.INFORMATION_GIVEN,
    D.REGISTER_ONLY: S.REGISTERED_ONLY,
    D.OPEN_CASE: S.CASE_OPENED,
    D.REFER: S.REFERRED,
    D.INADMISSIBLE: S.INADMISSIBLE,
    D.DUPLICATE: S.DUPLICATE,
}

_ANY = frozenset(TriageDecision)

TRIAGE: Mapping[ReportStatus, frozenset[TriageDecision]] = {
    S.RECEIVED: _ANY,
    S.REGISTERED: _ANY,
    # A decision can be taken again: people come back with more, or a decision was a mistake.
    S.INFORMATION_GIVEN: _ANY - {D.GIVE_INFORMATION},
    S.REGISTERED_ONLY: _ANY - {D.REGISTER_ONLY},
    S.REFERRED: _ANY - {D.INADMISSIBLE},
    S.INADMISSIBLE: _ANY - {D.INADMISSIBLE},
    S.DUPLICATE: _ANY - {D.DUPLICATE},
    # What became a case is decided in the case.
    S.CASE_OPENED: frozenset(),
    S.WITHDRAWN: frozenset(),
}
"""Which decisions may be taken on a report in which state."""

AWAITING_TRIAGE = frozenset({S.RECEIVED, S.REGISTERED})

PERSON_KINDS = frozenset({"private_person", "unknown"})
"""Kinds of respondent whose name is a person's: it is kept as personal data."""


@dataclass(frozen=True)
class Draft:
    """A report as somebody gave it, before it is registered. Texts are personal data."""

    request: str
    language: str
    reporter_role: str
    is_anonymous: bool
    narrative: str
    domain: str
    grounds: Sequence[tuple[str, GroundLink]]
    consent_contact: bool
    consent_approach_respondent: bool
    consent_share_with_partners: bool
    consent_statistics: bool
    reporter_name: str | None = None
    reporter_email: str | None = None
    reporter_phone: str | None = None
    reporter_postal: str | None = None
    reporter_municipality: str | None = None
    safe_contact: str | None = None
    interpreter_language: str | None = None
    needs_sign_language: bool = False
    needs_reading_help: bool = False
    other_needs: str | None = None
    traits: Mapping[str, str] | None = None
    occurred_from: date | None = None
    occurred_to: date | None = None
    is_ongoing: bool = False
    incident_municipality: str | None = None
    incident_district: str | None = None
    incident_place: str | None = None
    conducts: Sequence[str] = ()
    respondent_kind: str | None = None
    respondent_name: str | None = None
    multiplicity: Multiplicity | None = None
    wishes: str | None = None


def draft_errors(draft: Draft, *, received_on: date) -> list[FieldError]:
    """What is wrong with a draft, apart from its codes."""
    codes = [code for code, _link in draft.grounds]
    return [
        *period_errors(draft.occurred_from, draft.occurred_to, received_on=received_on),
        *duplicate_errors(codes, "/grounds"),
        *duplicate_errors(draft.conducts, "/incident/conducts"),
        *multiplicity_errors(draft.multiplicity, len(codes)),
        *anonymity_errors(
            is_anonymous=draft.is_anonymous,
            identifying={
                "name": draft.reporter_name,
                "email": draft.reporter_email,
                "phone": draft.reporter_phone,
                "postal": draft.reporter_postal,
            },
        ),
    ]


RECEIPT_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No 0 and O, 1, I and L, nor U, which sounds and looks like V."""

RECEIPT_LENGTH = 20
"""Symbols of a code: 20 x log2(30) is 98 bits."""

_LOOK_ALIKES = str.maketrans({" ": None, "-": None, "\u2013": None})


def status_after(status: ReportStatus, decision: TriageDecision) -> ReportStatus:
    """Raises ConflictError when this decision cannot be taken in this state."""
    if decision not in TRIAGE[status]:
        raise ConflictError(
            f"A report that is {status} cannot get the decision {decision}.",
            code="triage_not_allowed",
        )
    return STATUS_AFTER[decision]


def new_receipt_code() -> str:
    """A code such as `7KMQ-X2PD-9FHT-BC4R-VN8W`: 98 bits of chance, shown once."""
    symbols = [secrets.choice(RECEIPT_ALPHABET) for _ in range(RECEIPT_LENGTH)]
    return "-".join("".join(symbols[i : i + 4]) for i in range(0, RECEIPT_LENGTH, 4))


def receipt_hash(code: str) -> str:
    """What is kept of a code. Case, spaces and dashes do not matter.

    A plain hash: nobody can try 2^98 codes.
    """
    return hashlib.sha256(code.upper().translate(_LOOK_ALIKES).encode()).hexdigest()


def multiplicity_of(given: Multiplicity | None, grounds: int) -> Multiplicity | None:
    """The multiplicity as given; one ground is single; several that nobody qualified stay open."""
    if given is None and grounds == 1:
        return Multiplicity.SINGLE
    return given


def multiplicity_with(standing: Multiplicity | None, grounds: int) -> Multiplicity | None:
    """What is left of a multiplicity when the number of grounds changes and nobody says more."""
    if grounds == 1:
        return Multiplicity.SINGLE
    return None if standing is Multiplicity.SINGLE else standing


def multiplicity_errors(given: Multiplicity | None, grounds: int) -> list[FieldError]:
    if given is Multiplicity.SINGLE and grounds > 1:
        return [FieldError("/multiplicity", "several grounds are not single", "multiplicity")]
    if given in {Multiplicity.CUMULATIVE, Multiplicity.INTERSECTIONAL} and grounds < 2:
        return [FieldError("/multiplicity", "needs at least two grounds", "multiplicity")]
    return []


def period_errors(
    occurred_from: date | None, occurred_to: date | None, *, received_on: date
) -> list[FieldError]:
    """What is wrong with the days an incident is said to have happened on."""
    errors = []
    for field, day in (("occurred_from", occurred_from), ("occurred_to", occurred_to)):
        if day is not None and day > received_on:
            errors.append(
                FieldError(f"/incident/{field}", "lies after the day of reporting", "in_future")
            )
    if occurred_from and occurred_to and occurred_to < occurred_from:
        errors.append(FieldError("/incident/occurred_to", "before occurred_from", "date_order"))
    if occurred_to is not None and occurred_from is None:
        errors.append(
            FieldError("/incident/occurred_from", "is needed beside occurred_to", "missing")
        )
    return errors


def contact_errors(draft: Draft) -> list[FieldError]:
    """Who is known and wants to hear from the bureau says how."""
    ways = (
        draft.reporter_email,
        draft.reporter_phone,
        draft.reporter_postal,
        draft.safe_contact,
    )
    if draft.is_anonymous or not draft.consent_contact or any(ways):
        return []
    return [FieldError("/reporter", "say how the reporter can be reached", "no_contact")]


def anonymity_errors(*, is_anonymous: bool, identifying: Mapping[str, object]) -> list[FieldError]:
    """An anonymous report holds nothing that says who reported."""
    if not is_anonymous:
        return []
    return [
        FieldError(f"/reporter/{field}", "an anonymous report cannot hold this", "anonymous")
        for field, value in identifying.items()
        if value is not None
    ]


def place_of(incident_municipality: str | None, reporter_municipality: str | None) -> str | None:
    """Where a report lies, for the service area: where it happened, else where the reporter
    lives. Empty is not known."""
    return incident_municipality or reporter_municipality or None
