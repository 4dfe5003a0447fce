"""Changing a report: what a colleague corrects or hears later."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Actor, Permission
from app.core.clock import day_only, local_date
from app.core.errors import (
    ConflictError,
    InvalidInputError,
    duplicate_errors,
    invalid,
)
from app.identity import service as identity
from app.intake import barring, listeners, queries
from app.intake.domain import (
    GroundLink,
    ReportStatus,
    multiplicity_errors,
    multiplicity_of,
    multiplicity_with,
    period_errors,
)
from app.intake.models import (
    Report,
    ReportConduct,
    ReportGround,
)
from app.intake.service import (
    conduct_uses,
    ground_uses,
    joined_codes,
    search_text,
    split_respondent,
)
from app.vocabulary import queries as vocabulary
from app.vocabulary.domain import CodeList, Use


def change_report(
    session: Session,
    actor: Actor,
    report_id: UUID,
    *,
    changes: Mapping[str, Any],
    expected_version: int | None,
    at: datetime,
) -> Report:
    """Change what `changes` holds; stored deadlines never move.

    changes: column names of Report, and `grounds` (pairs of code and link), `conducts` (codes),
    `respondent` (kind and name, or None).
    """
    actor.require(Permission.REPORT_HANDLE)
    report = queries.get_report(session, actor, report_id, for_update=True)
    report.require_version(expected_version)
    if report.status is ReportStatus.WITHDRAWN:
        raise ConflictError("The report was withdrawn.", code="report_withdrawn")
    _check_changes(session, report, changes, local_date(at))
    named_before = report.respondent_person
    for field, value in changes.items():
        if field == "grounds":
            _replace_grounds(report, value)
        elif field == "conducts":
            _replace_conducts(report, value)
        elif field == "respondent":
            _set_respondent(report, *(value or (None, None)))
        else:
            setattr(report, field, value)
    if "grounds" in changes and "multiplicity" not in changes:
        report.multiplicity = multiplicity_with(report.multiplicity, len(report.grounds))
    report.multiplicity = multiplicity_of(report.multiplicity, len(report.grounds))
    if report.status is ReportStatus.RECEIVED and changes.get("handler_id"):
        report.status = ReportStatus.REGISTERED
    report.ground_codes = joined_codes(ground.code for ground in report.grounds)
    report.conduct_codes = joined_codes(conduct.code for conduct in report.conducts)
    report.search_text = search_text(
        report.reference,
        report.respondent_organisation,
        report.incident_municipality,
        report.incident_district,
    )
    report.touch()
    if report.respondent_person not in (None, named_before):
        barring.bar_named(
            session,
            actor,
            listeners.siblings_of(session, report.id),
            [report.respondent_person],
            at=day_only(at) if report.is_anonymous else at,
        )
    audit.record(
        session,
        actor,
        Event.REPORT_CHANGED,
        "report",
        report.id,
        at=at,
        fields=" ".join(sorted(changes)),
    )
    return report


def _check_changes(
    session: Session, report: Report, changes: Mapping[str, Any], today: date
) -> None:
    respondent = changes.get("respondent") or (None, None)
    grounds: list[tuple[str, GroundLink]] = changes.get("grounds") or [
        (ground.code, ground.link) for ground in report.grounds
    ]
    conducts: list[str] = changes.get("conducts") or []
    uses = [
        Use(CodeList.REQUESTS, changes.get("request"), "/request"),
        Use(CodeList.DOMAINS, changes.get("domain"), "/incident/domain"),
        Use(CodeList.RESPONDENT_KINDS, respondent[0], "/incident/respondent/kind"),
        *conduct_uses(conducts),
    ]
    if "grounds" in changes:
        uses += ground_uses(code for code, _link in grounds)
    errors = vocabulary.current(session).errors(uses, today)
    errors += duplicate_errors([code for code, _link in grounds], "/grounds")
    errors += duplicate_errors(conducts, "/incident/conducts")
    errors += period_errors(
        changes.get("occurred_from", report.occurred_from),
        changes.get("occurred_to", report.occurred_to),
        received_on=report.received_on,
    )
    if {"multiplicity", "grounds"} & changes.keys():
        given = changes.get("multiplicity", report.multiplicity)
        if "multiplicity" not in changes:
            given = multiplicity_with(given, len(grounds))
        errors += multiplicity_errors(given, len(grounds))
    if errors:
        raise InvalidInputError(*errors)
    if changes.get("handler_id"):
        identity.require_assignable(
            session, changes["handler_id"], "/handler_id", Permission.REPORT_HANDLE
        )
        if queries.is_barred(session, changes["handler_id"], [report.id]):
            raise invalid("/handler_id", "this colleague does not see it", "cannot_see_report")


def _replace_grounds(report: Report, grounds: list[tuple[str, GroundLink]]) -> None:
    standing = {ground.code: ground for ground in report.grounds}
    rows = []
    for position, (code, link) in enumerate(grounds):
        row = standing.get(code) or ReportGround(code=code)
        row.link = link
        row.position = position
        rows.append(row)
    report.grounds = rows


def _replace_conducts(report: Report, codes: list[str]) -> None:
    standing = {conduct.code: conduct for conduct in report.conducts}
    report.conducts = [standing.get(code) or ReportConduct(code=code) for code in codes]


def _set_respondent(report: Report, kind: str | None, name: str | None) -> None:
    report.respondent_kind = kind
    report.respondent_organisation, report.respondent_person = split_respondent(kind, name)
