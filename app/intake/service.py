"""Registering reports."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from app.api import idempotency
from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Actor, ActorKind, Permission
from app.core.clock import day_only, local_date
from app.core.deadlines import add_working_days, belgian_holidays
from app.core.errors import (
    FieldError,
    InvalidInputError,
    invalid,
)
from app.core.folding import fold
from app.core.rows import insert_row, insert_rows
from app.intake import barring, queries
from app.intake.domain import (
    PERSON_KINDS,
    Draft,
    ReportStatus,
    contact_errors,
    draft_errors,
    multiplicity_of,
    new_receipt_code,
    receipt_hash,
)
from app.intake.models import (
    Receipt,
    Report,
    ReportConduct,
    ReporterTraits,
    ReportGround,
)
from app.vocabulary import queries as vocabulary
from app.vocabulary.domain import CodeList, Use

SPOKEN_CHANNELS = frozenset({"phone", "desk", "outreach"})
"""Channels on which the reporter hears at once that the report arrived."""


PUBLIC_CHANNELS = frozenset({"web", "social_media"})
"""Channels that somebody without a login can come by."""

OWN_INITIATIVE = "own_initiative"


@dataclass(frozen=True)
class Periods:
    """What the bureau promises, from the settings."""

    acknowledge_working_days: int
    answer_working_days: int
    receipt_valid_days: int


@dataclass(frozen=True)
class Received:
    """receipt_code: in clear only here, only now; None when nobody asked for one."""

    report_id: UUID
    reference: str
    receipt_code: str | None
    acknowledge_by: date
    answer_by: date


def receive_public_report(
    session: Session,
    actor: Actor,
    draft: Draft,
    *,
    channel: str,
    periods: Periods,
    at: datetime,
    permission: Permission = Permission.PUBLIC_REPORT,
    with_receipt: bool = True,
) -> Received:
    """A report from outside the bureau; answers with the receipt code.

    with_receipt: False when who sends it is not the reporter.
    """
    actor.require(permission)
    if actor.kind is ActorKind.ANYBODY:
        _require_public(draft, channel)
    return _register(
        session,
        actor,
        draft,
        channel=channel,
        received_at=at,
        status=ReportStatus.RECEIVED,
        is_acknowledged=False,
        periods=periods,
        receipt_code=new_receipt_code() if with_receipt else None,
        at=at,
    )


def _require_public(draft: Draft, channel: str) -> None:
    """Raises InvalidInputError for what only the bureau can say of a report."""
    errors = []
    if channel not in PUBLIC_CHANNELS:
        errors.append(FieldError("/channel", "not by this form", "not_public"))
    if draft.request == OWN_INITIATIVE:
        errors.append(FieldError("/request", "only of the bureau itself", "not_public"))
    if errors:
        raise InvalidInputError(*errors)


def register_report(
    session: Session,
    actor: Actor,
    draft: Draft,
    *,
    channel: str,
    received_at: datetime | None,
    periods: Periods,
    at: datetime,
) -> Received:
    """A report that a colleague registers for somebody; `received_at` may lie in the past."""
    actor.require(Permission.REPORT_REGISTER)
    if received_at is not None and received_at > at:
        raise invalid("/received_at", "lies in the future", "in_future")
    return _register(
        session,
        actor,
        draft,
        channel=channel,
        received_at=received_at or at,
        status=ReportStatus.REGISTERED,
        is_acknowledged=channel in SPOKEN_CHANNELS,
        periods=periods,
        receipt_code=None,
        at=at,
    )


@lru_cache(maxsize=2_000)
def promised_days(received_on: date, periods: Periods) -> tuple[date, date]:
    """(last day to acknowledge, last day to answer), the second never before the first."""
    acknowledge_by, answer_by = (
        add_working_days(received_on, days, public_holidays=belgian_holidays())
        for days in (
            periods.acknowledge_working_days,
            max(periods.acknowledge_working_days, periods.answer_working_days),
        )
    )
    return acknowledge_by, answer_by


def mark_restricted(
    session: Session, report_ids: Iterable[UUID], *, restricted_to_id: UUID | None
) -> None:
    """Called by `cases`: hide or show the reports of a case whose restriction changed."""
    for report_id in report_ids:
        report = session.get_one(Report, report_id, with_for_update=True)
        report.is_restricted = restricted_to_id is not None
        report.restricted_to_id = restricted_to_id
        report.touch()
    # What was answered to a colleague before may now be hidden from them.
    idempotency.withhold_answers(session)


def search_text(
    reference: str, organisation: str | None, municipality: str | None, district: str | None
) -> str:
    """What `q` may look in; never a narrative or a person's name."""
    parts = (reference, organisation, municipality, district)
    return fold(" ".join(part for part in parts if part))[:600]


def joined_codes(codes: Iterable[str]) -> str:
    """How `ground_codes` and `conduct_codes` are kept."""
    return ",".join(sorted(codes))


def _register(
    session: Session,
    actor: Actor,
    draft: Draft,
    *,
    channel: str,
    received_at: datetime,
    status: ReportStatus,
    is_acknowledged: bool,
    periods: Periods,
    receipt_code: str | None,
    at: datetime,
) -> Received:
    received_on = local_date(received_at)
    _check_draft(session, draft, channel, received_on)
    acknowledge_by, answer_by = promised_days(received_on, periods)
    received = Received(
        report_id=uuid4(),
        reference=free_reference(session, received_on.year),
        receipt_code=receipt_code,
        acknowledge_by=acknowledge_by,
        answer_by=answer_by,
    )
    row = report_row(draft, received.reference) | {
        "id": received.report_id,
        "acknowledge_by": acknowledge_by,
        "answer_by": answer_by,
        "channel": channel,
        "received_at": day_only(received_at) if draft.is_anonymous else received_at,
        "received_on": received_on,
        "status": status,
        "acknowledged_on": received_on if is_acknowledged else None,
    }
    _insert(session, draft, row)
    # An exact time in the trail would undo the day precision of an anonymous report.
    noted_at = day_only(at) if draft.is_anonymous else at
    if row["respondent_person"] is not None:
        barring.bar_named(
            session, actor, [received.report_id], [row["respondent_person"]], at=noted_at
        )
    if receipt_code is not None:
        insert_row(
            session,
            Receipt,
            {
                "report_id": received.report_id,
                "code_hash": receipt_hash(receipt_code),
                "expires_on": received_on + timedelta(days=periods.receipt_valid_days),
            },
        )
    audit.record(
        session,
        actor,
        Event.REPORT_RECEIVED,
        "report",
        received.report_id,
        at=noted_at,
        channel=channel,
    )
    return received


def report_row(draft: Draft, reference: str) -> dict[str, Any]:
    """The columns of Report that a draft gives."""
    organisation, person = split_respondent(draft.respondent_kind, draft.respondent_name)
    elsewhere = {"grounds", "conducts", "traits", "respondent_name"}
    columns = {k: v for k, v in vars(draft).items() if k not in elsewhere}
    return columns | {
        "reference": reference,
        "respondent_organisation": organisation,
        "respondent_person": person,
        "multiplicity": multiplicity_of(draft.multiplicity, len(draft.grounds)),
        "ground_codes": joined_codes(code for code, _link in draft.grounds),
        "conduct_codes": joined_codes(draft.conducts),
        "search_text": search_text(
            reference, organisation, draft.incident_municipality, draft.incident_district
        ),
    }


def _insert(session: Session, draft: Draft, row: dict[str, Any]) -> None:
    insert_row(session, Report, row)
    insert_rows(
        session,
        ReportGround,
        [
            {"report_id": row["id"], "code": code, "link": link, "position": position}
            for position, (code, link) in enumerate(draft.grounds)
        ],
    )
    insert_rows(
        session,
        ReportConduct,
        [{"report_id": row["id"], "code": code} for code in draft.conducts],
    )
    if draft.traits:
        insert_row(session, ReporterTraits, {"report_id": row["id"], **draft.traits})


def split_respondent(kind: str | None, name: str | None) -> tuple[str | None, str | None]:
    """(organisation, person): the name of a person is personal data, an organisation's is not."""
    return (None, name) if kind is None or kind in PERSON_KINDS else (name, None)


def free_reference(session: Session, year: int) -> str:
    """A reference nobody has: drawn by chance, since a sequence would tell the hour of an
    anonymous report by its neighbours. The UNIQUE constraint decides a race."""
    for digits in (6, 6, 6, 8, 10):
        reference = f"R-{year}-{secrets.randbelow(10**digits):0{digits}d}"
        if not queries.has_reference(session, reference):
            return reference
    raise RuntimeError("no free reference found")


def _check_draft(session: Session, draft: Draft, channel: str, received_on: date) -> None:
    errors = vocabulary.current(session).errors(code_uses(draft, channel), received_on)
    errors += draft_errors(draft, received_on=received_on)
    errors += contact_errors(draft)
    if errors:
        raise InvalidInputError(*errors)


def code_uses(draft: Draft, channel: str) -> list[Use]:
    """The codes of a draft, and where they stand."""
    return [
        Use(CodeList.REQUESTS, draft.request, "/request"),
        Use(CodeList.CHANNELS, channel, "/channel"),
        Use(CodeList.REPORTER_ROLES, draft.reporter_role, "/reporter/role"),
        Use(CodeList.DOMAINS, draft.domain, "/incident/domain"),
        Use(CodeList.RESPONDENT_KINDS, draft.respondent_kind, "/incident/respondent/kind"),
        *ground_uses(code for code, _link in draft.grounds),
        *conduct_uses(draft.conducts),
    ]


def ground_uses(codes: Iterable[str]) -> list[Use]:
    return [Use(CodeList.GROUNDS, code, f"/grounds/{i}/code") for i, code in enumerate(codes)]


def conduct_uses(codes: Iterable[str]) -> list[Use]:
    return [Use(CodeList.CONDUCTS, code, f"/incident/conducts/{i}") for i, code in enumerate(codes)]
