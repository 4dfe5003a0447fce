"""The part of a document that tells of a report."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.attachments.domain import OwnerKind
from app.attachments.models import Attachment
from app.cases.models import CaseReport
from app.core.clock import local_date
from app.intake.domain import AWAITING_TRIAGE, ReportStatus
from app.intake.models import Report, ReportRectification
from app.intake.queries import messages_of, traits_of, triages_of
from app.partners.domain import ReferralField
from app.partners.models import Partner
from app.referrals.models import Referral, ReferralMessage
from app.retention import due
from app.retention.domain import Rule, Schedule, SubjectKind, due_on
from app.retention.models import RetentionHold
from app.retention.schedule import RuleText
from app.rights.domain import MaskKind, PersonRole
from app.rights.masks import Masks
from app.vocabulary.domain import Language


@dataclass(frozen=True)
class Asking:
    """For whom a document is made. names: folded, by which the person is known."""

    role: PersonRole
    language: Language
    names: frozenset[str]
    own_reports: frozenset[UUID]
    schedule: Schedule
    rule_texts: tuple[RuleText, ...]

    @property
    def is_reporter(self) -> bool:
        return self.role is PersonRole.REPORTER


def report_part(session: Session, asking: Asking, masks: Masks, report: Report) -> dict[str, Any]:
    is_own = asking.is_reporter
    return {
        "reference": report.reference,
        "received_on": report.received_on,
        "channel": report.channel,
        "request": report.request,
        "language": report.language,
        "report_status": report.status,
        "acknowledged_on": report.acknowledged_on,
        "answered_on": report.answered_on,
        "processing_restricted_on": report.processing_restricted_on,
        "reporter": _reporter(session, masks, report, is_own),
        "incident": _incident(masks, report, asking),
        "consents": _consents(report) if is_own or masks.shows(MaskKind.REPORTER) else None,
        "messages": [
            {
                "on": local_date(row.sent_at),
                "direction": row.direction,
                "body": masks.unless(is_own, MaskKind.REPORT_TEXTS, row.body),
            }
            for row in messages_of(session, report.id)
        ],
        "triages": [
            {
                "on": local_date(row.decided_at),
                "decision": row.decision,
                "reason": masks.unless(is_own, MaskKind.REPORT_TEXTS, row.reason),
            }
            for row in triages_of(session, report.id)
        ],
        "rectifications": _rectifications(session, masks, report.id, is_own),
        "referrals": _referrals(session, masks, report.id, is_own),
        "files": files_of(session, masks, OwnerKind.REPORT, report.id, is_own=is_own),
        "kept": _kept(session, asking, masks, report),
    }


def _reporter(session: Session, masks: Masks, report: Report, is_own: bool) -> dict[str, Any]:
    traits = traits_of(session, report.id)

    def own(text: str | None) -> str | None:
        return masks.unless(is_own, MaskKind.REPORTER, text)

    is_shown = is_own or masks.shows(MaskKind.REPORTER)
    return {
        "reporter_role": own(report.reporter_role),
        "is_anonymous": report.is_anonymous,
        "name": own(report.reporter_name),
        "email": own(report.reporter_email),
        "phone": own(report.reporter_phone),
        "postal": own(report.reporter_postal),
        "municipality": own(report.reporter_municipality),
        "safe_contact": own(report.safe_contact),
        "interpreter_language": own(report.interpreter_language),
        "needs_sign_language": report.needs_sign_language if is_shown else None,
        "needs_reading_help": report.needs_reading_help if is_shown else None,
        "other_needs": own(report.other_needs),
        "age_band": own(traits.age_band if traits else None),
        "gender": own(traits.gender if traits else None),
        "origin": own(traits.origin if traits else None),
    }


def _incident(masks: Masks, report: Report, asking: Asking) -> dict[str, Any]:
    is_own = asking.is_reporter
    is_respondent = asking.role is PersonRole.RESPONDENT
    organisation = report.respondent_organisation
    person = masks.unless(is_respondent, MaskKind.RESPONDENT, report.respondent_person)
    return {
        "narrative": masks.unless(is_own, MaskKind.REPORT_TEXTS, report.narrative),
        "occurred_from": report.occurred_from,
        "occurred_to": report.occurred_to,
        "is_ongoing": report.is_ongoing,
        "municipality": report.incident_municipality,
        "district": report.incident_district,
        "place": masks.unless(is_own, MaskKind.REPORT_TEXTS, report.incident_place),
        "domain": report.domain,
        "conducts": [conduct.code for conduct in report.conducts],
        # What the reporter alleges tells of the reporter: of their origin, faith or health.
        "grounds": [
            {
                "ground": masks.unless(is_own, MaskKind.REPORTER, ground.code),
                "link": ground.link,
            }
            for ground in report.grounds
        ],
        "multiplicity": report.multiplicity,
        "respondent_kind": report.respondent_kind,
        "respondent_name": organisation or person,
        "wishes": masks.unless(is_own, MaskKind.REPORT_TEXTS, report.wishes),
    }


def _consents(report: Report) -> dict[str, bool]:
    return {
        "contact": report.consent_contact,
        "approach_respondent": report.consent_approach_respondent,
        "share_with_partners": report.consent_share_with_partners,
        "statistics": report.consent_statistics,
    }


def _rectifications(
    session: Session, masks: Masks, report_id: UUID, is_own: bool
) -> list[dict[str, Any]]:
    rows = session.scalars(
        select(ReportRectification)
        .where(ReportRectification.report_id == report_id)
        .order_by(ReportRectification.position)
    )
    return [
        {
            "on": row.rectified_on,
            "field": row.field,
            "old_value": masks.unless(is_own, MaskKind.REPORTER, row.old_value),
            "reason": masks.unless(is_own, MaskKind.REPORTER, row.reason),
        }
        for row in rows
    ]


def _referrals(
    session: Session, masks: Masks, report_id: UUID, is_own: bool
) -> list[dict[str, Any]]:
    rows = session.execute(
        select(Referral, Partner.organisation)
        .join(Partner, Partner.id == Referral.partner_id)
        .where(Referral.report_id == report_id)
        .order_by(Referral.made_on, Referral.id)
    )
    return [_referral(session, masks, row, partner, is_own) for row, partner in rows]


def _referral(
    session: Session, masks: Masks, row: Referral, partner: str, is_own: bool
) -> dict[str, Any]:
    messages = session.scalars(
        select(ReferralMessage)
        .where(ReferralMessage.referral_id == row.id)
        .order_by(ReferralMessage.position)
    )
    return {
        "partner": partner,
        "referral_direction": row.direction,
        "purpose": row.purpose,
        "referral_status": row.status,
        "made_on": row.made_on,
        "shared_fields": [ReferralField(name) for name in row.shared_fields],
        "consent_given_on": row.consent_given_on,
        "consent_given_by": row.consent_given_by,
        "consent_form": row.consent_form,
        "consent_overrules_report": row.consent_overrules_report,
        "override_reason": masks.unless(is_own, MaskKind.REPORT_TEXTS, row.override_reason),
        "override_against_refusal": row.override_against_refusal,
        "outside_territory_reason": masks.unless(
            is_own, MaskKind.REPORT_TEXTS, row.outside_territory_reason
        ),
        "refused_on": row.refused_on,
        "answered_on": row.answered_on,
        "decline_reason": masks.hide(MaskKind.PARTNER_TEXTS, row.decline_reason),
        "completed_on": row.completed_on,
        "referral_outcome": row.outcome,
        "outcome_remark": masks.hide(MaskKind.PARTNER_TEXTS, row.outcome_remark),
        "closed_on": row.closed_on,
        "closing_reason": masks.hide(MaskKind.PARTNER_TEXTS, row.closing_reason),
        "partner_messages": [
            {
                "on": local_date(message.sent_at),
                "partner_direction": message.direction,
                "body": masks.hide(MaskKind.PARTNER_TEXTS, message.body),
            }
            for message in messages
        ],
    }


def files_of(
    session: Session, masks: Masks, kind: OwnerKind, owner_id: UUID, *, is_own: bool
) -> list[dict[str, Any]]:
    """Names and days, never the files themselves."""
    rows = session.scalars(
        select(Attachment)
        .where(
            Attachment.owner_kind == kind,
            Attachment.owner_id == owner_id,
            Attachment.removed_on.is_(None),
        )
        .order_by(Attachment.added_at, Attachment.id)
    )
    return [
        {
            "belongs_to": kind,
            "file_name": masks.unless(is_own, MaskKind.CASE_FILES, row.file_name),
            "media_type": row.media_type,
            "added_on": local_date(row.added_at),
        }
        for row in rows
    ]


def _kept(session: Session, asking: Asking, masks: Masks, report: Report) -> dict[str, Any]:
    """A report in a case is kept as long as the case; one under way has no end yet."""
    in_case = session.get(CaseReport, report.id) is not None
    if in_case or report.status in {*AWAITING_TRIAGE, ReportStatus.CASE_OPENED}:
        return kept_part(session, asking, masks, report.id, None, None)
    found = due.due_report(asking.schedule, report)
    rule = asking.schedule.rule_for(SubjectKind.REPORT, report.status)
    return kept_part(session, asking, masks, report.id, rule, found.counted_from)


def kept_part(
    session: Session,
    asking: Asking,
    masks: Masks,
    subject_id: UUID,
    rule: Rule | None,
    counted_from: date | None,
) -> dict[str, Any]:
    holds = session.scalars(
        select(RetentionHold)
        .where(RetentionHold.subject_id == subject_id, RetentionHold.lifted_on.is_(None))
        .order_by(RetentionHold.placed_on, RetentionHold.id)
    ).all()
    why = {text.code: text.why[asking.language] for text in asking.rule_texts}
    return {
        "rule": rule and rule.code,
        "why": rule and why[rule.code],
        "until": rule and counted_from and due_on(rule, counted_from),
        "is_held": bool(holds),
        "hold_reasons": [masks.hide(MaskKind.INTERNAL_NOTES, hold.reason) for hold in holds],
    }
