"""What of a report goes to a partner, as it stands when it is shared."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from app.intake.models import Report, ReporterTraits
from app.partners.domain import ReferralField

F = ReferralField
Traits = ReporterTraits | None

_PARTS: Mapping[ReferralField, Callable[[Report, Traits], Any]] = {
    F.NARRATIVE: lambda report, _: report.narrative,
    F.PERIOD: lambda report, _: {
        "occurred_from": _iso(report.occurred_from),
        "occurred_to": _iso(report.occurred_to),
        "is_ongoing": report.is_ongoing,
    },
    F.PLACE: lambda report, _: {
        "municipality": report.incident_municipality,
        "district": report.incident_district,
        "place": report.incident_place,
    },
    F.DOMAIN: lambda report, _: report.domain,
    F.GROUNDS: lambda report, _: [
        {"code": ground.code, "link": ground.link.value} for ground in report.grounds
    ],
    F.CONDUCTS: lambda report, _: [conduct.code for conduct in report.conducts],
    F.RESPONDENT: lambda report, _: {
        "kind": report.respondent_kind,
        "name": report.respondent_organisation or report.respondent_person,
    },
    F.WISHES: lambda report, _: report.wishes,
    F.REPORTER_IDENTITY: lambda report, _: {
        "role": report.reporter_role,
        "name": report.reporter_name,
    },
    F.REPORTER_CONTACT: lambda report, _: {
        "email": report.reporter_email,
        "phone": report.reporter_phone,
        "postal": report.reporter_postal,
        "safe_contact": report.safe_contact,
    },
    F.SELF_DESCRIPTION: lambda _, traits: {
        "age_band": traits.age_band if traits else None,
        "gender": traits.gender if traits else None,
        "origin": traits.origin if traits else None,
    },
    F.NEEDS: lambda report, _: _support(report) | {"other": report.other_needs},
}


def shared_of(report: Report, traits: Traits, fields: Iterable[ReferralField]) -> str:
    """Exactly these fields, as JSON: personal data."""
    return json.dumps(
        {field.value: _PARTS[field](report, traits) for field in fields}, ensure_ascii=False
    )


def preview_of(report: Report) -> dict[str, Any]:
    """What identifies nobody: codes, the municipality of the incident, and its month.

    Support needs are codes, and are always part of it: a partner that cannot meet them declines.
    """
    return {
        "domain": report.domain,
        "grounds": [ground.code for ground in report.grounds],
        "language": report.language,
        "municipality": report.incident_municipality,
        "occurred_in": report.occurred_from.isoformat()[:7] if report.occurred_from else None,
        "needs": _support(report),
    }


def _support(report: Report) -> dict[str, Any]:
    return {
        "interpreter_language": report.interpreter_language,
        "sign_language": report.needs_sign_language,
        "reading_help": report.needs_reading_help,
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
